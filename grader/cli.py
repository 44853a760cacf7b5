"""``grade``: the options of each command; the work is done elsewhere and imported when it is needed."""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from grader import __version__
from grader.errors import GraderError

__all__ = ["main"]

USAGE = 2  # usage, rubric or reference error: nothing was graded
CRASH = 70  # a fault of ours (EX_SOFTWARE)
INTERRUPTED = 130

REPORT_US = (
    "This is a fault of grade itself, not of a submission. Please report it with the command you gave "
    "and what the same command prints with --debug."
)


class _Commands(click.Group):
    """Turns every fault into one message and an exit status, whatever the command."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GraderError as e:
            click.echo(f"grade: {e}", err=True)
            ctx.exit(USAGE)
        except KeyboardInterrupt:
            click.echo("grade: stopped; nothing more was written", err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:  # `grade … | head`: whoever read has enough
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
            ctx.exit(0)
        except Exception as e:
            if ctx.params.get("debug"):
                traceback.print_exc()
            click.echo(f"grade: {type(e).__name__}: {e}\n{REPORT_US}", err=True)
            ctx.exit(CRASH)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="grade")
@click.option("--debug", is_flag=True, help="After a fault of grade itself, show the traceback.")
def main(debug: bool) -> None:
    """Grade homework in matrix calculus, with evidence for every mark.

    \b
      grade run submissions/ --rubric csc413-2020-hw2 --out out
      grade check hw2.ipynb --rubric csc413-2020-hw2
      grade verify
      grade new my-hw1

    `run` is for instructors: a class in, scores.csv and report.html out. `check` is for students, before
    they hand in. `verify` and `new` are for whoever writes rubrics. Each has its own --help.

    A rubric is a file (anything that ends in .toml) or the name of one in the rubrics/ folder of the course
    you are in; without a course folder, of the built-in course.

    \b
    Exit status of every command:
      0   done
      1   done, and something needs a person (the command's --help says what)
      2   a wrong option, path, rubric or reference; nothing was graded
      70  a fault of grade itself
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr does: never fail for want of a letter


def _jobs() -> int:
    """The processors this process may use."""
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


PATHS = click.Path(exists=True, path_type=Path)
RUBRIC = click.option(
    "--rubric", metavar="NAME|FILE", help="The rubric; by default each submission names its own assignment."
)
SYMBOL = click.option(
    "--symbol",
    "symbols",
    multiple=True,
    metavar="'NAME: KIND'",
    help="A symbol: scalar, scalar > 0, scalar != 0, integer > 0, dim, vector n, matrix n d, "
    "function scalar->scalar. Repeatable.",
)
DEFINE = click.option(
    "--define", multiple=True, metavar="'NAME = EXPR'", help="An abbreviation that may be used. Repeatable."
)
ASSUME = click.option(
    "--assume", multiple=True, metavar="TEXT", help="Such as 'd > n' or 'X full rank'. Repeatable."
)
LATEX = click.option(
    "--latex", multiple=True, metavar="'NAME: LATEX'", help="How a symbol is spelled. Repeatable."
)


@main.command()
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@RUBRIC
@click.option(
    "--out",
    default="out",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The folder to write into; reports of an earlier run in it are replaced.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that grade side by side (default: one a processor). With 1 there is no other process, "
    "which is easiest to debug; otherwise a submission that kills or outlasts its process costs only itself.",
)
@click.option("--quiet", is_flag=True, help="No progress and no summary; the exit status tells.")
@click.pass_context
def run(
    ctx: click.Context, paths: tuple[Path, ...], rubric: str | None, out: Path, jobs: int | None, quiet: bool
) -> None:
    """Grade files and folders of submissions.

    A submission is a notebook (.ipynb), a JSON file or Markdown with LaTeX (.md, .mmd, .txt); in a folder
    all of them are found. Open report.html first: its top says who needs you.

    \b
      grade run submissions/ --rubric csc413-2020-hw2
      grade run late/s042.ipynb --rubric rubrics/my-hw.toml --out late-out --jobs 4

    \b
    Written into the folder:
      report.html      the class: who needs you, scores, questions, students
      students/*.html  a page a student, with nothing of anybody else
      scores.csv       a row a submission; an unreadable one has an empty score
      findings.jsonl   a line a submission and criterion, with the evidence
      run.json         versions, rubric, options, timings

    \b
    Exit status:
      0   every submission was graded (answers that only a person can judge wait in the report)
      1   some were not: unreadable, or something of ours failed; each has its row and message
      2   wrong usage, rubric or reference; nothing was graded
      70  a fault of grade itself
    """
    import time

    start = time.perf_counter()
    from grader.engine.executors import grade_all
    from grader.engine.grade import Grader
    from grader.engine.plan import make_plan
    from grader.reports.terminal import exit_status, progress, summary_lines
    from grader.reports.write import prepare_out, write_reports

    plan = make_plan(paths, rubric, out=out)
    grader = Grader(plan.rubrics)
    if plan.rubric is not None:
        grader.rubric(plan.rubric)  # what is wrong with it is said before anything starts
    prepare_out(out)
    workers = None if jobs == 1 else jobs or _jobs()
    with progress(len(plan.jobs), "submissions", quiet=quiet) as tick:
        graded = grade_all(grader, plan.jobs, plan.rubrics, workers, lambda result: tick())
    results = [g.result for g in graded]
    used = {plan.rubric, *(r.rubric for r in results)} - {None, ""}
    rubrics = sorted((grader.rubric(str(file)) for file in used), key=lambda r: (r.id, r.path))
    options = {"paths": [str(p) for p in paths], "rubric": rubric, "out": str(out), "jobs": workers or 1}
    report = write_reports(out, graded, rubrics, options, time.perf_counter() - start)
    status = exit_status(results)
    if not quiet:
        for line in summary_lines(graded, rubrics, time.perf_counter() - start, report, status):
            click.echo(line, err=True)
    ctx.exit(status)


@main.command()
@click.argument("file", type=PATHS)
@RUBRIC
@click.pass_context
def check(ctx: click.Context, file: Path, rubric: str | None) -> None:
    """Tell a student how a submission is read, before it is handed in.

    Says for each question how the answer was read, and what is missing or cannot be read. Of the checks
    only those that the rubric marks as public are reported; a check that is not reported may still fail.

    \b
      grade check hw2.ipynb --rubric csc413-2020-hw2

    \b
    Exit status:
      0   every question was found and could be read
      1   something is missing or unreadable
      2   wrong usage or rubric
    """
    from grader.engine.grade import Grader
    from grader.engine.plan import make_plan
    from grader.errors import UsageFault
    from grader.reports.check import check_lines, check_status
    from grader.reports.terminal import marks

    plan = make_plan([file], rubric)
    if len(plan.jobs) > 1:
        raise UsageFault(f"{file}: holds {len(plan.jobs)} submissions; `grade check` takes one")
    grader = Grader(plan.rubrics)
    result = grader.grade(plan.jobs[0])
    sheet = grader.rubric(result.rubric) if result.rubric else None
    for line in check_lines(result, sheet, marks(sys.stdout)):
        click.echo(line)
    ctx.exit(check_status(result, sheet))


@main.command()
@click.argument("expected", required=False)
@click.argument("answer", required=False)
@click.option("--jsonl", metavar="FILE|-", help="Many pairs: one JSON object a line in, one out, in order.")
@SYMBOL
@DEFINE
@ASSUME
@LATEX
@click.option(
    "--rel", type=float, help="Relative tolerance for numbers; without one they must agree exactly."
)
@click.option("--abs", "absolute", type=float, help="Absolute tolerance for numbers.")
@click.option("--accept-transpose", is_flag=True, help="A row or a column will do.")
@click.option("--syntax", type=click.Choice(["latex", "infix"]), help="Of the answer; detected by default.")
@click.option(
    "--locale",
    type=click.Choice(["decimal-point", "decimal-comma"]),
    default="decimal-point",
    show_default=True,
    help="Of the numbers in the answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.pass_context
def compare(
    ctx: click.Context,
    expected: str | None,
    answer: str | None,
    jsonl: str | None,
    symbols: tuple[str, ...],
    define: tuple[str, ...],
    assume: tuple[str, ...],
    latex: tuple[str, ...],
    rel: float | None,
    absolute: float | None,
    accept_transpose: bool,
    syntax: str | None,
    locale: str,
    as_json: bool,
) -> None:
    """Compare an answer with the expected one, by its mathematics.

    Both may be LaTeX, Unicode or infix. The verdict is equivalent, different (with a small counterexample),
    invalid (the answer itself cannot be read or does not fit together) or undecided (a person looks).

    \b
      grade compare '\\frac{2}{n} X^T a' '2/n * X.T @ a' --symbol 'X: matrix n d' --symbol 'a: vector n'
      grade compare '(AB)^{-1}' 'A^{-1}B^{-1}' --symbol 'A: matrix n n' --symbol 'B: matrix n n'
      grade compare --jsonl pairs.jsonl > verdicts.jsonl

    \b
    Exit status:
      0   equivalent; with --jsonl, every line was in order
      1   any other verdict; with --jsonl, some lines were not valid (each has its row)
      2   a wrong option, symbol or expected answer
    """
    from grader.reports.pairs import compare_file, one_pair

    if jsonl is not None:
        in_order = True
        for line, fine in compare_file(jsonl):
            click.echo(line)
            in_order &= fine
        ctx.exit(0 if in_order else 1)
    options = {
        "define": define,
        "assume": assume,
        "latex": latex,
        "tolerance": {k: v for k, v in (("rel", rel), ("abs", absolute)) if v is not None},
        "accept_transpose": accept_transpose,
        "syntax": syntax,
        "locale": locale,
    }
    lines, equivalent = one_pair(expected, answer, symbols, options, as_json=as_json)
    for line in lines:
        click.echo(line)
    ctx.exit(0 if equivalent else 1)


@main.command()
@click.argument("file", required=False, metavar="FILE|-")
@click.option("--jsonl", metavar="FILE|-", help="Many: one JSON object a line in, one out, in order.")
@SYMBOL
@DEFINE
@ASSUME
@LATEX
@click.option(
    "--kind",
    type=click.Choice(["chain", "solve"]),
    help="chain: each member equals the one before; solve: each equation has the same solutions. By default "
    "a text is taken as it is written.",
)
@click.option("--unknown", metavar="NAME", help="The symbol that equations are solved for.")
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
@click.pass_context
def steps(
    ctx: click.Context,
    file: str | None,
    jsonl: str | None,
    symbols: tuple[str, ...],
    define: tuple[str, ...],
    assume: tuple[str, ...],
    latex: tuple[str, ...],
    kind: str | None,
    unknown: str | None,
    as_json: bool,
) -> None:
    """Check a derivation line by line.

    FILE holds Markdown with LaTeX, or plain text. Every member of its chains is compared with the one before:
    it holds, fails (with a small counterexample or the shapes that do not fit) or is left to a person.

    \b
      grade steps hw.md --symbol 'X: matrix n d' --symbol 'w_0: vector d' --symbol 't: vector n' \\
          --symbol 'eta: scalar > 0' --define 'a = X w_0 - t'
      grade steps --jsonl derivations.jsonl > steps.jsonl

    \b
    Exit status:
      0   every step holds; with --jsonl, every line was in order
      1   a step fails or is for a person; with --jsonl, some lines were not valid (each has its row)
      2   a wrong option, symbol or unknown
    """
    from grader.reports.derivations import check_file, one_derivation

    if jsonl is not None:
        in_order = True
        for line, fine in check_file(jsonl):
            click.echo(line)
            in_order &= fine
        ctx.exit(0 if in_order else 1)
    options = {"define": define, "assume": assume, "latex": latex, "kind": kind, "unknown": unknown}
    lines, sound = one_derivation(file, symbols, options, as_json=as_json)
    for line in lines:
        click.echo(line)
    ctx.exit(0 if sound else 1)


@main.command()
@click.argument("rubrics", nargs=-1, metavar="[RUBRIC]...")
@click.option("--quiet", is_flag=True, help="No progress; the table is printed all the same.")
@click.pass_context
def verify(ctx: click.Context, rubrics: tuple[str, ...], quiet: bool) -> None:
    """Check references against themselves, and rubrics against references.

    Every reference is derived twice, in sympy and in numpy; both are called at random exact points and
    must agree. Then each criterion is held against its reference: the expected answer, the rewrites it
    must accept, the mistakes it must recognise. Without names, all rubrics of the course are verified.

    \b
      grade verify
      grade verify csc413-2020-hw2 drafts/hw3.toml

    \b
    Exit status:
      0   everything agrees
      1   something does not; each problem is listed with its place
      2   there is no such rubric
    """
    from grader.engine.verify import rubric_files, verify_files
    from grader.reports.terminal import progress, verify_lines

    files = rubric_files(rubrics)
    rows = []
    with progress(len(files), "rubrics", quiet=quiet) as tick:
        for file in files:
            rows += verify_files([file])
            tick()
    for line in verify_lines(rows, sys.stdout):
        click.echo(line)
    ctx.exit(int(any(row.problems for row in rows)))


@main.command()
@click.argument("name")
@click.option(
    "--question", "questions", multiple=True, metavar="ID", help="Its number on the sheet. Repeatable."
)
@click.option("--title", default="", help="Of the sheet; by default its name.")
@click.option(
    "--dir",
    "folder",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="The course folder; by default the current one.",
)
def new(name: str, questions: tuple[str, ...], title: str, folder: Path) -> None:
    """Start a rubric and its reference for a new sheet.

    Writes rubrics/NAME.toml with one worked question and a stub for each further one, reference/NAME.py
    with its derivation in sympy and its measurement in numpy, and a schema for editors that complete TOML.
    They verify as they are; from there change one thing at a time and verify again.

    \b
      grade new my-hw1 --question 1.1 --question 1.2 --question 2
      grade verify my-hw1
    """
    from grader.engine.new import start_rubric

    for file in start_rubric(name, folder, questions, title):
        click.echo(f"wrote {file}")
    click.echo(f"Next: grade verify {name}, then edit the rubric and verify again (docs/authoring.md).")


if __name__ == "__main__":
    main()
