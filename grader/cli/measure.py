"""``grade simulate``: a class with known truth, for whoever wants to measure a grader."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["simulate"]


@click.command()
@click.option("--rubric", required=True, metavar="NAME|FILE", help="Whose questions are answered.")
@click.option("--students", required=True, type=click.IntRange(min=1), help="How many.")
@click.option(
    "--seed", default="0", help="The same seed gives the same students; student 7 is the same in any class."
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A new folder for them."
)
@click.option("--quiet", is_flag=True, help="No progress.")
def simulate(rubric: str, students: int, seed: str, out: Path, quiet: bool) -> None:
    """Write submissions whose right grade is known.

    Right answers in many notations, mistakes that the rubric lists, slips, missing parts; notebooks, JSON and
    Markdown. DIR/submissions has a file a student; DIR/truth.csv says for every criterion what is right, and
    with which variant (docs/simulation.md). `grade verify --simulate N` makes such a class and grades it.

    \b
      grade simulate --rubric csc413-2020-hw2 --students 200 --seed 1 --out class
      grade run class/submissions --rubric csc413-2020-hw2 --out graded
    """
    from grader.course import find_rubric
    from grader.engine.measure import write_class
    from grader.engine.simulate import Simulator
    from grader.reports.terminal import progress
    from grader.rubric import load_rubric

    simulator = Simulator(load_rubric(find_rubric(rubric)), seed)
    with progress(students, "students", quiet=quiet) as tick:
        write_class(simulator, students, out, tick)
    click.echo(f"wrote {out / 'submissions'} and {out / 'truth.csv'}")
