"""``grade template``: what students start from."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["template"]


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
    if file.exists() and not force:
        raise UsageFault(f"{file}: is there already; give another --out, or --force to replace it")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(make(sheet, form, student), "utf-8")
    except OSError as e:
        raise UsageFault(f"{file}: cannot be written ({e.strerror}); give another --out") from e
    click.echo(f"wrote {file}")
