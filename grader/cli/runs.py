"""What is made of finished runs: ``grade export`` and ``grade diff``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["diff", "export"]


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="RUN")
@click.option("--to", "name", required=True, metavar="FORMAT", help="One of the formats above.")
@click.option(
    "--dest",
    type=click.Path(path_type=Path),
    help="The folder to write into; by default RUN/export/FORMAT.",
)
@click.option(
    "--roster",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The gradebook's own CSV (canvas, moodle): its rows come back with the scores filled in.",
)
@click.option(
    "--title",
    default="",
    help="Of the gradebook's column, such as 'HW2 (123456)'; by default the sheet's id.",
)
@click.option(
    "--so-far",
    is_flag=True,
    help="Scores although something of the submission waits for a person: the points decided so far.",
)
@click.pass_context
def export(
    ctx: click.Context,
    run: Path,
    name: str,
    dest: Path | None,
    roster: Path | None,
    title: str,
    so_far: bool,
) -> None:
    """Write a finished run for a gradebook or another tool.

    RUN is the folder that `grade run --out` wrote; nothing is graded again. A submission that waits for a
    person, or could not be read, gets an empty cell, never a zero.

    \b
      grade export out --to canvas --roster Grades.csv --title 'HW2 (123456)'
      grade export out --to moodle --roster worksheet.csv
      grade export out --to gradescope --dest results
      grade export out --to excel

    \b
    Formats:
      gradescope    results.json for every student, as its autograder wants it
      canvas        a gradebook CSV (--roster: the CSV that Canvas exports)
      moodle        a grades CSV (--roster: the offline grading worksheet)
      nbgrader      grades.csv with nbgrader's columns
      prairielearn  results.json for every student, as an external grader's
      github        what GitHub Classroom's grading reporter reads
      excel         a workbook with a sheet for each view
      parquet       scores and findings for data frames

    \b
    Exit status:
      0   everything is in the files
      1   written, but some students have no score or no row; they are named
      2   no finished run, a roster that does not fit, or an unknown format
    """
    from grader.reports.exports import Wanted
    from grader.reports.exports import export as make
    from grader.reports.exports.roster import read_roster
    from grader.reports.text import visible
    from grader.reports.write import write_files

    columns, rows = read_roster(roster) if roster else ((), ())
    made = make(run, name, Wanted(title, columns, rows, so_far))
    folder = dest or run / "export" / name
    for line in write_files(folder, made.files):
        click.echo(visible(f"wrote {line}"))
    for sentence in made.left_out:
        click.echo(visible(sentence), err=True)
    ctx.exit(int(bool(made.left_out)))


@click.command()
@click.argument("old", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON array: a student with its changes each.")
@click.pass_context
def diff(ctx: click.Context, old: Path, new: Path, as_json: bool) -> None:
    """Show whose score changed between two runs, and why.

    OLD and NEW are folders that `grade run --out` wrote: the same class before and after a change of the
    rubric, of a person's decisions or of grade itself.

    \b
      grade run submissions/ --rubric hw2 --out before
      (change the rubric)
      grade run submissions/ --rubric hw2 --out after
      grade diff before after

    \b
    Exit status:
      0   nothing changed
      1   something did; every student and criterion is listed
      2   one of the folders holds no finished run
    """
    import json

    from grader.reports.diff import compare_runs, diff_lines, diff_object
    from grader.reports.saved import read_run

    before, after = read_run(old), read_run(new)
    found = compare_runs(before, after)
    if as_json:
        click.echo(json.dumps(diff_object(found), indent=2, ensure_ascii=False))
    else:
        for line in diff_lines(found, before, after):
            click.echo(line)
    ctx.exit(int(bool(found)))
