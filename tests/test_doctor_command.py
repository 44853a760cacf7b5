"""``grade doctor``: what works, what is missing and how to get it."""

from __future__ import annotations

from click.testing import CliRunner

from grader.cli import main
from grader.reports.doctor import doctor_lines
from grader.sandbox.facts import Fact, Health
from grader.sandbox.tiers import LANDLOCK, NONE
from tests.sandbox.boxes import need


def test_a_machine_that_can_run_code() -> None:
    need("landlock")
    result = CliRunner().invoke(main, ["doctor", "--sandbox", "landlock"])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "        bubblewrap      not tried: not asked for" in lines
    assert any(
        x.startswith("ok      landlock        works: Landlock + seccomp + limits; Landlock version")
        for x in lines
    )
    assert "Student code runs in: Landlock + seccomp + limits" in lines


def test_a_machine_where_nothing_is_wanted() -> None:
    result = CliRunner().invoke(main, ["doctor", "--sandbox", "none"])
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-2:] == [
        "No sandbox works here, so student code is not run: what needs running goes to a person.",
        "Everything else is graded as usual.",
    ]


def test_what_is_missing_has_its_cure_below() -> None:
    facts = (Fact("python", "3.11", True), Fact("bubblewrap", "does not work here", False, "install it"))
    assert list(doctor_lines(Health(facts, NONE)))[:3] == [
        "ok      python          3.11",
        "missing bubblewrap      does not work here",
        "                        install it",
    ]
    assert list(doctor_lines(Health((), LANDLOCK)))[2:] == [
        *(f"  holds: {x}" for x in LANDLOCK.holds),
        *(f"  does not hold: {x}" for x in LANDLOCK.lacks),
    ]
