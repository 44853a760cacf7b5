"""``grade doctor``: for whoever sets up the machine that grades."""

from __future__ import annotations

import click

from grader.cli.options import SANDBOX

__all__ = ["doctor"]


@click.command()
@SANDBOX
@click.pass_context
def doctor(ctx: click.Context, sandbox: str | None) -> None:
    """Say what this machine can do for running student code, and what is missing.

    Every kind of sandbox is started, and code that tries to get out is run in it. Without one nothing
    fails: questions about code go to a person, everything else is graded.

    \b
      grade doctor
      grade doctor --sandbox landlock

    \b
    Exit status:
      0   student code can be run
      1   it cannot; what to do is said
      2   wrong usage
    """
    from grader.reports.doctor import doctor_lines
    from grader.sandbox.facts import examine
    from grader.sandbox.tiers import NONE

    health = examine(sandbox)
    for line in doctor_lines(health):
        click.echo(line)
    ctx.exit(int(health.tier is NONE))
