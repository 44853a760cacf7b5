"""``grade autograder``: the toolkit, packed for Gradescope."""

from __future__ import annotations

import os
from pathlib import Path

import click

__all__ = ["autograder"]


@click.command()
@click.argument("rubric", metavar="NAME|FILE")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The zip to write; by default NAME-autograder.zip here.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def autograder(rubric: str, out: Path | None, force: bool) -> None:
    """Write the zip that Gradescope takes as an assignment's autograder.

    In it are setup.sh, run_autograder, this toolkit's source, the rubric and the references it names. It
    holds the answers: it is for Gradescope, not for students. Upload it under Configure Autograder; every
    submission is then graded as `grade run` would, and its results.json is written whatever happens.

    \b
      grade autograder csc413-2020-hw2
      grade autograder rubrics/my-hw1.toml --out my-hw1.zip
    """
    from grader.course import find_rubric
    from grader.engine.grade import Grader
    from grader.errors import UsageFault
    from grader.reports.autograder import autograder_zip
    from grader.reports.write import write_files

    sheet = Grader({}).rubric(str(find_rubric(rubric)))
    file = out or Path(f"{sheet.id}-autograder.zip")
    if os.path.lexists(file) and not force:
        raise UsageFault(f"{file}: is there already; give another --out, or --force to replace it")
    write_files(file.parent, {file.name: autograder_zip(sheet)})
    click.echo(f"wrote {file}")
