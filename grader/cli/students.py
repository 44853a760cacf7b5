"""``grade template`` and ``grade pack``: what instructors hand out."""

from __future__ import annotations

import os
from pathlib import Path

import click

__all__ = ["pack", "template"]


@click.command()
@click.argument("rubric", metavar="NAME|FILE")
@click.option(
    "--form",
    type=click.Choice(["ipynb", "md", "json"]),
    help="Notebook, Markdown or JSON; by default what --out ends in, else a notebook.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; by default NAME.ipynb here (or .md, .json).",
)
@click.option("--student", default="", metavar="ID", help="Whose it is, where that is known already.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def template(rubric: str, form: str | None, out: Path | None, student: str, force: bool) -> None:
    """Write the file that students fill in, with the questions in place.

    Every question of the sheet has its number, its title, what is asked and room for the answer; a code
    question has its function to fill in. Nothing of the expected answers is in it.

    \b
      grade template csc413-2020-hw2
      grade template csc413-2020-hw2 --out hw2.md
      grade template rubrics/my-hw1.toml --form json --out start.json
    """
    from grader.course import find_rubric
    from grader.engine.template import FORMS
    from grader.engine.template import template as make
    from grader.errors import UsageFault
    from grader.rubric import load_rubric

    sheet = load_rubric(find_rubric(rubric))
    suffix = out.suffix[1:].lower() if out else ""
    form = form or (suffix if suffix in FORMS else "ipynb")
    file = out or Path(f"{sheet.id}.{form}")
    if os.path.lexists(file) and not force:
        raise UsageFault(f"{file}: is there already; give another --out, or --force to replace it")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(make(sheet, form, student), "utf-8")
    except OSError as e:
        raise UsageFault(f"{file}: cannot be written ({e.strerror}); give another --out") from e
    click.echo(f"wrote {file}")


@click.command()
@click.argument("rubric", metavar="NAME|FILE")
@click.option(
    "--criterion",
    "criteria",
    multiple=True,
    metavar="QUESTION/ID",
    help="Only these, such as 2.2.3/eta_star; by default all that can be sealed. Repeatable.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; by default NAME.pack here.",
)
@click.option("--quiet", is_flag=True, help="Say nothing of what was not sealed.")
def pack(rubric: str, criteria: tuple[str, ...], out: Path | None, quiet: bool) -> None:
    """Make a file with which students check their formulas, and in which no answer is.

    The file holds slow salted hashes of exact values. Numbers, choices and short formulas are not sealed:
    they could be found by trying all of them. What is not sealed is listed, with the reason.

    \b
      grade pack csc413-2020-hw2
      grade pack csc413-2020-hw2 --criterion 2.2.3/eta_star --out hw2.pack
      grade check my_homework.ipynb --pack hw2.pack        (what students do with it)

    \b
    Exit status:
      0   written
      2   nothing could be sealed, or wrong usage
    """
    import msgspec

    from grader.course import find_rubric
    from grader.engine.sealing import seal
    from grader.errors import UsageFault
    from grader.rubric import load_rubric

    sheet = load_rubric(find_rubric(rubric))
    made, refused = seal(sheet, criteria)
    if not quiet:
        for r in refused:
            click.echo(f"not sealed  {r.question}/{r.criterion}: {r.why}", err=True)
    sealed = [f"{q.id}/{c.id}" for q in made.questions for c in q.criteria]
    if not sealed:
        raise UsageFault(f"nothing of {sheet.id} can be sealed; see the reasons above")
    file = out or Path(f"{sheet.id}.pack")
    try:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1))
    except OSError as e:
        raise UsageFault(f"{file}: cannot be written ({e.strerror}); give another --out") from e
    click.echo(f"wrote {file}: {', '.join(sealed)}")
