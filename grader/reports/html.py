"""Pages from views: the templates hold the markup, and everything that is not markup is escaped.

Nothing is loaded from anywhere and no script runs but the review page's own, of which the policy in the
page's head names the digest.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined
from markupsafe import Markup

from grader.model import Outcome
from grader.reports.evidence import label
from grader.reports.markdown import markdown
from grader.reports.mathml import display, excerpt, reading
from grader.reports.text import MARKS, number, visible
from grader.reports.values import drawn, drawn_line, drawn_name, said

if TYPE_CHECKING:  # a worker that makes students' pages needs no data frames
    from grader.reports.classroom import ClassPage
    from grader.reports.review import ReviewPage
    from grader.reports.student import StudentPage

__all__ = ["class_html", "review_html", "student_html", "student_markup", "with_font"]

FONT_PLACE = "/* font */"  # in the style of every page
WORDS: Mapping[Outcome, str] = {outcome: outcome.value for outcome in Outcome} | {
    Outcome.REVIEW: "needs review",
    Outcome.PARTIAL: "partly correct",
    Outcome.ERROR: "could not be checked",
}


def class_html(page: ClassPage) -> str:
    return _scripted("report", page)


def review_html(page: ReviewPage) -> str:
    return _scripted("review", page)


def _scripted(name: str, page: ClassPage | ReviewPage) -> str:
    """A page with the one script that its policy lets run."""
    script = _script(f"{name}.js")
    html = (
        _environment()
        .get_template(f"{name}.html.j2")
        .render(page=page, script=Markup(script), policy=f"script-src 'sha256-{_digest(script)}'")
    )
    return with_font(html)


def student_html(page: StudentPage) -> str:
    return with_font(student_markup(page))


def student_markup(page: StudentPage) -> str:
    """The page without its font, which is most of it: what a worker hands over."""
    return _environment().get_template("student.html.j2").render(page=page)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader", "reports/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(marks=MARKS, words=WORDS)
    environment.filters.update(
        points=_points,
        of_points=_of_points,
        maths=display,
        answer=markdown,
        line=drawn_line,
        excerpt=excerpt,
        value=drawn,
        name=drawn_name,
        said=said,
        label=label,
        reading=reading,
    )
    return environment


def with_font(html: str) -> str:
    """A page that draws mathematics carries the font for it: without one, brackets do not grow."""
    return html.replace(FONT_PLACE, _font() if "<math" in html else "", 1)


@cache
def _font() -> str:
    data = resources.files("grader.reports").joinpath("templates", "stix-two-math.woff2").read_bytes()
    source = f"url(data:font/woff2;base64,{base64.b64encode(data).decode()})"
    return f'@font-face{{font-family:"Sheet Maths";src:{source} format("woff2")}}'


@cache
def _script(name: str) -> str:
    """A script of ours; it holds no text of anybody else."""
    return resources.files("grader.reports").joinpath("templates", name).read_text("utf-8")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(f"\n{script}\n".encode()).digest()).decode()


def _points(value: float) -> str:
    return f"{number(value)} {'point' if value == 1 else 'points'}"


def _of_points(text: str) -> str:
    """``0.25 of 1, 0.25 open``: with the word where it belongs."""
    got, comma, rest = text.partition(",")
    return f"{got} {'point' if got.endswith('of 1') else 'points'}{comma}{rest}"


def _finalize(value: Any) -> Any:
    """The one way of every value into a page: what cannot be seen is shown, then it is escaped."""
    if isinstance(value, Markup | Undefined):
        return value
    if value is None:
        raise TypeError("a template prints None; the view should say what is meant")
    return visible(str(value))
