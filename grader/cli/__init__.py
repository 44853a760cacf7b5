"""``grade``: the options of each command; the work is done elsewhere and imported when it is needed."""

from __future__ import annotations

from grader.cli.authors import new, verify
from grader.cli.autograders import autograder
from grader.cli.classes import check, run
from grader.cli.formulas import compare, steps
from grader.cli.group import main
from grader.cli.machine import doctor
from grader.cli.measure import simulate
from grader.cli.runs import diff, export
from grader.cli.students import pack, template

__all__ = ["main"]

_COMMANDS = (
    *(run, check, compare, steps, diff, export, autograder, template, pack),
    *(verify, new, simulate, doctor),
)

for _command in _COMMANDS:
    main.add_command(_command)
