"""``grade`` itself: one message and one exit status for every fault, whatever the command."""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from grader import __version__
from grader.errors import GraderError, UsageFault

__all__ = ["main"]

USAGE = 2  # usage, rubric or reference error: nothing was graded
CRASH = 70  # a fault of ours (EX_SOFTWARE)
INTERRUPTED = 130

REPORT_US = (
    "This is a fault of grade itself, not of a submission. Please report it with the command you gave "
    "and what the same command prints with --debug."
)


class _Commands(click.Group):
    """Turns every fault into one message and an exit status, whatever the command."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GraderError as e:
            _tell(f"grade: {e}")
            ctx.exit(USAGE)
        except KeyboardInterrupt:
            click.echo("grade: stopped; nothing more was written", err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:  # `grade … | head`: whoever read has enough
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
            ctx.exit(0)
        except Exception as e:
            if ctx.params.get("debug"):
                traceback.print_exc()
            _tell(f"grade: {type(e).__name__}: {e}\n{REPORT_US}")
            ctx.exit(CRASH)


def _tell(message: str) -> None:
    """A fault may quote a file's name, which does nothing to the terminal."""
    from grader.reports.text import visible

    click.echo(visible(message), err=True)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="grade")
@click.option("--debug", is_flag=True, help="After a fault of grade itself, show the traceback.")
def main(debug: bool) -> None:
    """Grade homework in matrix calculus, with evidence for every mark.

    \b
      grade run submissions/ --rubric csc413-2020-hw2 --out out
      grade check hw2.ipynb --rubric csc413-2020-hw2
      grade verify
      grade new my-hw1

    `run` is for instructors: a class in, scores.csv and report.html out. `check` is for students, before
    they hand in. `verify` and `new` are for whoever writes rubrics. Each has its own --help.

    A rubric is a file (anything that ends in .toml) or the name of one in the rubrics/ folder of the course
    you are in; without a course folder, of the built-in course.

    \b
    Exit status of every command:
      0   done
      1   done, and something needs a person (the command's --help says what)
      2   a wrong option, path, rubric or reference; nothing was graded
      70  a fault of grade itself
    """
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UsageFault("the current folder is no longer there; cd to one that is") from None
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr does: never fail for want of a letter
