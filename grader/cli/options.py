"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = [
    "ASSUME",
    "DEFINE",
    "EXECUTOR",
    "LATEX",
    "LOG",
    "LOG_JSON",
    "PATHS",
    "RUBRIC",
    "SANDBOX",
    "SCHEDULER",
    "SYMBOL",
]

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
EXECUTOR = click.option(
    "--executor",
    type=click.Choice(["here", "pool", "dask"]),
    help="Where the work is done: in this process, in --jobs processes of this machine (the default), or by "
    "as many that Dask minds (docs/scaling.md). The results are the same.",
)
SCHEDULER = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="The Dask cluster that does the work, such as tcp://10.0.0.7:8786. Its workers need this version of "
    "grade and see the same files under the same names.",
)
LOG_JSON = click.option(
    "--log-json",
    is_flag=True,
    help="What happens, on stderr: an event a line of JSON, in place of progress and summary.",
)
LOG = click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The same lines at the end of a file, beside what is said anyway.",
)
