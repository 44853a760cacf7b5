"""``grade run`` for a class, ``grade check`` for one's own file."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__
from grader.cli.options import EXECUTOR, LOG, LOG_JSON, PATHS, RUBRIC, SANDBOX, SCHEDULER

if TYPE_CHECKING:
    from grader.engine.executors import Executor

__all__ = ["check", "run"]


def _executor(name: str | None, jobs: int | None, scheduler: str | None) -> str:
    """The executor that these options mean.

    Raises:
        UsageFault: they contradict each other.
    """
    from grader.errors import UsageFault

    if scheduler is not None:
        if name not in (None, "dask"):
            raise UsageFault(f"--scheduler is for --executor dask, not for {name}; leave one of them away")
        if jobs is not None:
            raise UsageFault(
                "--scheduler and --jobs: a cluster has the workers that it has; leave --jobs away"
            )
        return "dask"
    if name == "here" and jobs not in (None, 1):
        raise UsageFault(f"--executor here is one process, not --jobs {jobs}; leave one of them away")
    return name or ("here" if jobs == 1 else "pool")


def _who(executor: Executor) -> dict[str, Any]:
    return {"executor": executor.name, "workers": executor.workers}


def _jobs() -> int:
    """The processors this process may use."""
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _say(line: str) -> None:
    """For the terminal; where nobody listens any more (`2>&1 | head`), the run goes on."""
    with contextlib.suppress(BrokenPipeError):
        click.echo(line, err=True)


@click.command()
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
    "which is easiest to debug; otherwise an answer that kills or outlasts its process costs only itself.",
)
@EXECUTOR
@SCHEDULER
@click.option(
    "--decisions",
    "decided",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What people decided: queue.csv with its column `points` filled in, or JSON lines. Kept in the "
    "folder and applied to every later run into it. Repeatable.",
)
@SANDBOX
@click.option(
    "--seed",
    envvar="GRADE_SEED",
    default="",
    metavar="TEXT",
    help="What the inputs for student code are made from, in no report (also GRADE_SEED; by default a digest "
    "of the question in the rubric and its references). The same seed gives the same inputs.",
)
@click.option(
    "--cache",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What was graded before, so that only what is new is graded (default: cache.sqlite in the folder). "
    "Runs may share one, also at the same time. It changes no result; remove it whenever you like.",
)
@click.option("--no-cache", is_flag=True, help="Grade everything, and remember nothing.")
@LOG_JSON
@LOG
@click.option("--quiet", is_flag=True, help="No progress and no summary; the exit status tells.")
@click.option(
    "--json", "as_json", is_flag=True, help="The summary as one JSON object on standard output; no progress."
)
@click.pass_context
def run(
    ctx: click.Context,
    paths: tuple[Path, ...],
    rubric: str | None,
    out: Path,
    jobs: int | None,
    executor: str | None,
    scheduler: str | None,
    decided: tuple[Path, ...],
    sandbox: str | None,
    seed: str,
    cache: Path | None,
    no_cache: bool,
    log_json: bool,
    log: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Grade files and folders of submissions.

    A submission is a notebook (.ipynb), a JSON file or Markdown with LaTeX (.md, .mmd, .txt), or a zip
    archive with one of these; in a folder all of them are found, and whatever else lies there gets a row that
    says what to ask for. A class may come as nbgrader, Gradescope, Canvas or Moodle hands it over, in a
    folder or as the zip that was downloaded (docs/formats.md). Open report.html first: its top says who
    needs you.

    \b
      grade run submissions/ --rubric csc413-2020-hw2
      grade run late/s042.ipynb --rubric rubrics/my-hw.toml --out late-out --jobs 4
      grade run submissions/ --rubric csc413-2020-hw2 --cache hw2.sqlite
      grade run submissions/ --rubric csc413-2020-hw2 --scheduler tcp://10.0.0.7:8786

    \b
    Written into the folder:
      report.html      the class: who needs you, scores, questions, students
      students/*.html  a page a student, with nothing of anybody else
      scores.csv       a row a submission; an unreadable one has an empty score
      findings.jsonl   a line a submission and criterion, with the evidence
      review.html      for a person's decisions: groups of equal answers, the most points first
      queue.csv        the answers that wait, a row for each group of equal ones; fill in `points`
      run.json         versions, rubric, options, timings
      cache.sqlite     for the next run into it: what was graded, by content

    \b
    Exit status:
      0   every submission was graded (answers that only a person can judge wait in the report)
      1   some were not: unreadable, or something of ours failed; each has its row and message
      2   wrong usage, rubric or reference; nothing was graded
      70  a fault of grade itself
    """
    import time
    from dataclasses import asdict

    start = time.perf_counter()
    from grader.engine.decisions import Decisions, read_decisions
    from grader.engine.digests import Keys
    from grader.engine.events import peak_memory, tell, warn
    from grader.engine.executors import make_executor
    from grader.engine.grade import Grader, Settings
    from grader.engine.plan import make_plan
    from grader.engine.run import apply_decisions, grade_class
    from grader.engine.spool import Spool
    from grader.engine.store import Store
    from grader.errors import UsageFault
    from grader.reports.light import lighten
    from grader.reports.logs import listening
    from grader.reports.terminal import exit_status, progress, summary_json, summary_lines
    from grader.reports.write import CACHE, decided_before, prepare_out, write_reports
    from grader.sandbox.probe import candidates

    if no_cache and cache is not None:
        raise UsageFault("--cache and --no-cache contradict each other; give one of them")
    kind = _executor(executor, jobs, scheduler)
    quiet = quiet or log_json
    plan = make_plan(paths, rubric, out=out)
    for note in () if log_json else plan.notes:
        _say(f"grade: {note}")
    candidates(sandbox)  # a GRADE_SANDBOX that means nothing is said now
    settings = Settings(seed=seed, tier=sandbox, store="" if no_cache else str(cache or out / CACHE))
    grader = Grader(plan.rubrics, settings)
    if plan.rubric is not None:
        grader.rubric(plan.rubric)  # what is wrong with it is said before anything starts
    decisions = Decisions(*(read_decisions(f) for f in (*decided_before(out), *decided)))
    prepare_out(out)
    workers = None if kind == "here" else min(jobs or _jobs(), len(plan.jobs))
    with contextlib.ExitStack() as ends:
        lines = ends.enter_context(listening(log_json, log))
        store = None if no_cache else ends.enter_context(Store(cache or out / CACHE, own=cache is None))
        spool = ends.enter_context(Spool(len(plan.jobs), out))
        doer = ends.enter_context(
            make_executor(grader, plan.rubrics, workers, dask=kind == "dask", scheduler=scheduler)
        )
        lines.take_others()
        tell("run started", version=__version__, submissions=len(plan.jobs), out=str(out), **_who(doer))
        for note in plan.notes:
            warn("note", text=note)
        with progress(len(plan.jobs), "submissions", quiet=quiet or as_json) as tick:
            tally = grade_class(doer, plan.jobs, spool, store, Keys(settings, plan.rubrics), tick)
        used = {plan.rubric, *tally.rubrics} - {None}
        rubrics = sorted((grader.rubric(str(file)) for file in used), key=lambda r: (r.id, r.path))
        apply_decisions(spool, decisions, rubrics)
        options = {"paths": [str(p) for p in paths], "rubric": rubric, "out": str(out), "jobs": doer.workers}
        options |= {"sandbox": sandbox or "auto", "seed": "given" if seed else "from the rubric"}
        options |= {"cache": "none" if no_cache else str(cache or out / CACHE)}
        light = lighten(spool)
        ran = _who(doer) | asdict(doer.losses)
        ran |= {"known": tally.known, "graded": tally.graded, "judged": tally.judged}
        done = time.perf_counter() - start
        report = write_reports(out, spool, rubrics, options, done, decisions, ran, doer, store, light)
        if store is not None and store.note:
            warn("note", text=store.note)
            if not log_json:
                _say(f"grade: {store.note}")
        known = None if store is None else tally
        status = exit_status(light.results)
        tell(
            "run finished",
            seconds=round(time.perf_counter() - start, 3),
            exit=status,
            report=str(report),
            **ran,
            peak_memory_mb=peak_memory(),
        )
        if as_json:
            click.echo(summary_json(light.graded, rubrics, report, status, decisions, known))
        elif not quiet:
            seconds = time.perf_counter() - start
            for line in summary_lines(light.graded, rubrics, seconds, report, status, decisions, known):
                _say(line)
    ctx.exit(status)


@click.command()
@click.argument("file", type=PATHS)
@RUBRIC
@click.option(
    "--pack",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file from your instructor that tells right from wrong for some formulas; no rubric is needed.",
)
@SANDBOX
@click.pass_context
def check(ctx: click.Context, file: Path, rubric: str | None, pack: Path | None, sandbox: str | None) -> None:
    """Tell a student how a submission is read, before it is handed in.

    Says for each question how the answer was read, and what is missing or cannot be read. Of the checks
    only those that the rubric marks as public are reported; a check that is not reported may still fail. Code
    is run with the rubric's public cases alone.

    \b
      grade check hw2.ipynb --rubric csc413-2020-hw2
      grade check hw2.ipynb --pack hw2.pack

    \b
    Exit status:
      0   every question was found and could be read; with --pack, all that is sealed is right
      1   something is missing or unreadable, or not the sealed answer
      2   wrong usage, rubric or pack
    """
    from grader.reports.terminal import marks

    if pack is not None:
        from grader.reports.sealed import sealed_lines

        lines, right = sealed_lines(file, pack, marks(sys.stdout))
        for line in lines:
            click.echo(line)
        ctx.exit(int(not right))
    from grader.engine.grade import Grader, Settings
    from grader.engine.plan import make_plan
    from grader.errors import UsageFault
    from grader.reports.check import check_lines, check_status
    from grader.sandbox.probe import candidates

    plan = make_plan([file], rubric)
    for note in plan.notes:
        click.echo(f"grade: {note}", err=True)
    if len(plan.jobs) > 1:
        raise UsageFault(f"{file}: holds {len(plan.jobs)} submissions; `grade check` takes one")
    candidates(sandbox)
    grader = Grader(plan.rubrics, Settings(tier=sandbox, public=True))
    try:
        result = grader.grade(plan.jobs[0])
    finally:
        grader.close()
    sheet = grader.rubric(result.rubric) if result.rubric else None
    for line in check_lines(result, sheet, marks(sys.stdout)):
        click.echo(line)
    ctx.exit(check_status(result, sheet))
