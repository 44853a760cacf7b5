"""``grade verify`` and ``grade new``: for whoever writes rubrics."""

from __future__ import annotations

import sys
from pathlib import Path

import click

__all__ = ["new", "verify"]


@click.command()
@click.argument("rubrics", nargs=-1, metavar="[RUBRIC]...")
@click.option(
    "--simulate",
    "students",
    type=click.IntRange(min=1),
    metavar="N",
    help="Instead, grade N simulated students whose grade is known.",
)
@click.option("--seed", default="0", help="Of the simulated students.")
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, help="Processes that grade them; by default one."
)
@click.option("--quiet", is_flag=True, help="No progress; the table is printed all the same.")
@click.pass_context
def verify(
    ctx: click.Context, rubrics: tuple[str, ...], students: int | None, seed: str, jobs: int, quiet: bool
) -> None:
    """Check references against themselves, and rubrics against references.

    Every reference is derived twice, in sympy and in numpy; both are called at random exact points and
    must agree. Then each criterion is held against its reference: the expected answer, the rewrites it
    must accept, the mistakes it must recognise. Without names, all rubrics of the course are verified.

    \b
      grade verify
      grade verify csc413-2020-hw2 drafts/hw3.toml
      grade verify csc413-2020-hw2 --simulate 200

    With --simulate, a class is made up (see `grade simulate`) and graded; a table for each question shows
    what became of right, partly right, wrong and missing answers, then the worst grades.

    \b
    Exit status:
      0   everything agrees; with --simulate, nothing wrong was accepted and nothing right rejected
      1   something does not; each problem is listed with its place
      2   there is no such rubric
    """
    from grader.engine.verify import rubric_files, verify_files
    from grader.reports.terminal import progress, verify_lines

    files = rubric_files(rubrics)
    if students is not None:
        ctx.exit(_measure(files, students, seed, jobs, quiet=quiet))
    rows = []
    with progress(len(files), "rubrics", quiet=quiet) as tick:
        for file in files:
            rows += verify_files([file])
            tick()
    for line in verify_lines(rows, sys.stdout):
        click.echo(line)
    ctx.exit(int(any(row.problems for row in rows)))


def _measure(files: list[Path], students: int, seed: str, jobs: int, *, quiet: bool) -> int:
    """``grade verify --simulate``: the exit status."""
    from grader.engine.measure import measure
    from grader.reports.measured import measured_lines
    from grader.reports.terminal import progress

    failed = False
    for file in files:
        with progress(students, "students", quiet=quiet) as tick:
            found = measure(file, students, seed, None if jobs == 1 else jobs, tick)
        failed |= found.failed
        for line in measured_lines(found):
            click.echo(line)
    return int(failed)


@click.command()
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
