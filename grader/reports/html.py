"""Pages from views: the templates hold the markup, and everything that is not markup is escaped.

Nothing is loaded from anywhere and no script runs; the policy in each page's head forbids both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined
from markupsafe import Markup

from grader.model import Outcome
from grader.reports.classroom import ClassPage
from grader.reports.student import StudentPage
from grader.reports.text import MARKS, visible

__all__ = ["class_html", "student_html"]

WORDS: Mapping[Outcome, str] = {outcome: outcome.value for outcome in Outcome} | {
    Outcome.REVIEW: "needs review",
    Outcome.PARTIAL: "partly correct",
    Outcome.ERROR: "could not be checked",
}


def class_html(page: ClassPage) -> str:
    return _environment().get_template("report.html.j2").render(page=page)


def student_html(page: StudentPage) -> str:
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
    return environment


def _finalize(value: Any) -> Any:
    """The one way of every value into a page: what cannot be seen is shown, then it is escaped."""
    if isinstance(value, Markup | Undefined):
        return value
    if value is None:
        raise TypeError("a template prints None; the view should say what is meant")
    return visible(str(value))
