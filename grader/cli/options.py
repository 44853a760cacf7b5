"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["ASSUME", "DEFINE", "LATEX", "PATHS", "RUBRIC", "SANDBOX", "SYMBOL"]

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
SANDBOX = click.option(
    "--sandbox",
    type=click.Choice(["auto", "bubblewrap", "landlock", "none"]),
    help="Where student code runs: the best there is (auto, the default), that one or not at all, or nowhere "
    "(none: code goes to a person). `grade doctor` says what works here. Also: GRADE_SANDBOX.",
)
