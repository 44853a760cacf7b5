"""The course against itself: every way in which a reference or a rubric can be wrong is said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.engine import twins
from grader.engine.twins import difference
from grader.engine.verify import Row, rubric_files, verify_files
from grader.errors import UsageFault
from tests import kit
from tests.kit import REFERENCE, SHEET, make_course

PLACE = "tiny.toml: questions[0] (1.1).criteria[0] (value)"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_course(tmp_path.resolve() / "course", monkeypatch)


@pytest.fixture
def fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One point that messages can quote."""
    point = {"x": Fraction(2, 3), "n": 2, "v": [[Fraction(1)], [Fraction(2)]]}
    monkeypatch.setattr(twins, "sample_points", lambda declarations, count, seed: [point] * count)


def reference(course: Path, text: str) -> None:
    (course / "reference" / "tiny.py").write_text(text)


def sheet(course: Path, old: str, new: str) -> None:
    assert old in SHEET
    (course / "rubrics" / "tiny.toml").write_text(SHEET.replace(old, new))


def rows(course: Path) -> list[Row]:
    return verify_files(rubric_files(["tiny"]))


def problems(course: Path) -> list[str]:
    return [problem for row in rows(course) for problem in row.problems]


def test_a_course_in_order(course: Path) -> None:
    found = rows(course)
    assert [(r.question, r.criterion, r.points, r.difference, r.agrees, r.problems) for r in found] == [
        ("1.1", "value", 3, 0.0, True, ()),
        ("1.1", "style", 0, None, True, ()),
        ("1.2", "word", 0, None, True, ()),
        ("2", "more", 0, None, True, ()),
    ]
    assert all(r.checked for r in found)


@pytest.mark.usefixtures("fixed")
def test_a_reference_broken_on_purpose_is_caught(course: Path) -> None:
    reference(course, REFERENCE.replace("0.5 * x", "0.25 * x"))
    (first, *_) = rows(course)
    assert (first.points, first.difference, first.agrees) == (0, None, None)
    assert first.problems == (
        (
            f"{PLACE}: reference 'tiny:half': symbolic and numeric disagree at x = 2/3: 1/3 against 0.166667 "
            "(relative difference 0.5, tolerance 1e-06); one of the two derivations is wrong"
        ),
    )


def test_a_tolerance_of_its_own(course: Path) -> None:
    reference(course, REFERENCE.replace("0.5 * x", "0.5001 * x") + "\nTOLERANCE = 1e-3\n")
    assert problems(course) == []
    reference(
        course,
        REFERENCE.replace("0.5 * x", "0.5001 * x") + "\nTOLERANCE = 1.0\nTOLERANCES = {'half': 1e-9}\n",
    )
    assert len(problems(course)) == 1


@pytest.mark.usefixtures("fixed")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "def symbolic_half(x):\n    return x / 2\n",
            "reference module 'tiny' has no function numeric_half; a reference is a pair, "
            "symbolic_… (sympy) and numeric_… (numpy)",
            id="half a pair",
        ),
        pytest.param(
            REFERENCE.replace("numeric_half(x)", "numeric_half(x, n)"),
            "reference 'tiny:half': symbolic_half takes (x) but numeric_half takes (x, n); "
            "give both the same symbols",
            id="other parameters",
        ),
        pytest.param(
            REFERENCE.replace("(x)", "(y)").replace("x", "y"),
            "reference 'tiny:half': the parameter 'y' of symbolic_half is no symbol of question 1.1 "
            "(it has n, v, x) and has no default; rename it or declare the symbol",
            id="unknown parameter",
        ),
        pytest.param(
            REFERENCE.replace("x / 2", "x / 0 + [].pop()"),
            "symbolic_half fails at x = 2/3: IndexError: pop from empty list",
            id="crash",
        ),
        pytest.param(
            REFERENCE.replace("0.5 * x", "float('nan')"),
            "reference 'tiny:half': symbolic and numeric disagree at x = 2/3: 1/3 against nan "
            "(relative difference inf, tolerance 1e-06); one of the two derivations is wrong",
            id="no number",
        ),
        pytest.param(
            REFERENCE.replace("0.5 * x", "'half'"),
            "reference 'tiny:half': symbolic and numeric disagree at x = 2/3: 1/3 against 'half' "
            "(relative difference inf, tolerance 1e-06); one of the two derivations is wrong",
            id="other kind",
        ),
    ],
)
def test_what_can_be_wrong_with_a_reference(course: Path, text: str, expected: str) -> None:
    reference(course, text)
    assert problems(course) == [f"{PLACE}: {expected}"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "tiny:half",
            "half",
            f"{PLACE}: reference 'half' is not 'module:name', such as 'learning_rates:eta_star'",
            id="no module",
        ),
        pytest.param(
            "points = 5",
            "points = 6",
            "{course}/rubrics/tiny.toml: the questions add up to 5 points, `points` says 6; "
            "change one of them",
            id="points",
        ),
        pytest.param(
            'kind = "say"\n  title = "The word"',
            'kind = "shout"\n  title = "The word"',
            "tiny.toml: questions[1] (1.2).criteria[0] (word): unknown checker kind 'shout'; "
            "the kinds are say",
            id="kind",
        ),
        pytest.param(
            'expected = "yes"',
            "expected = 3",
            "tiny.toml: questions[1] (1.2).criteria[0] (word) (kind 'say'): "
            "`expected` is 3: expected `str`, got `int`",
            id="option",
        ),
    ],
)
def test_what_can_be_wrong_with_a_rubric(course: Path, old: str, new: str, expected: str) -> None:
    sheet(course, old, new)
    assert problems(course) == [expected.replace("{course}", str(course))]


def test_a_kind_says_what_its_rubric_has_wrong(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit, "verify", lambda options, question, oracle: ["it is not"] if oracle else [])
    assert problems(course) == [f"{PLACE}: it is not"]
    assert [row.agrees for row in rows(course)] == [False, True, True, True]


def test_a_kind_that_breaks_is_the_toolkits_fault(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def verify(options: object, question: object, oracle: object) -> list[str]:
        if oracle is None:
            return []
        raise KeyError("x")

    monkeypatch.setattr(kit, "verify", verify)
    assert problems(course) == [
        f"{PLACE}: the kind 'say' failed (KeyError: 'x'); this is a fault of the toolkit"
    ]


def test_the_oracle_gives_exact_values(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def verify(options: object, question: object, oracle: object) -> list[str]:
        seen.append(oracle)
        return []

    monkeypatch.setattr(kit, "verify", verify)
    sheet(course, "tiny:half", "tiny:outer")
    reference(
        course,
        "import numpy as np\nimport sympy as sp\n"
        "def symbolic_outer(v, n, half=2):\n"
        "    return {'outer': v * v.T / half, 'size': n, 'root': sp.sqrt(2), 'word': 'O(n)', "
        "'yes': sp.true}\n"
        "def numeric_outer(v, n, half=2):\n"
        "    assert v.shape == (n,)\n"
        "    return {'outer': np.outer(v, v) / half, 'size': n, 'root': 2**0.5, 'word': 'O(n)', "
        "'yes': True}\n",
    )
    (first, *_) = rows(course)
    assert first.problems == ()
    assert first.points == 3
    oracle = seen[0]
    for point, value in zip(oracle.sample_points, oracle.values, strict=True):
        v = [row[0] for row in point["v"]]
        assert value["outer"] == [[x * y / 2 for y in v] for x in v]
        assert all(isinstance(x, Fraction) for row in value["outer"] for x in row)
        assert (value["size"], value["word"], value["yes"]) == (point["n"], "O(n)", True)
        assert value["root"] == pytest.approx(2**0.5)


def test_a_reference_without_parameters_is_called_once(course: Path) -> None:
    sheet(course, "tiny:half", "tiny:answer")
    reference(
        course,
        "CALLS = []\ndef symbolic_answer():\n    CALLS.append(1)\n    return 42\nnumeric_answer = "
        "lambda: 42.0\n",
    )
    kind_agrees = [row.points for row in rows(course)]
    assert kind_agrees[0] == 1


# ---- which rubrics


def test_by_default_the_courses_own_rubrics(course: Path) -> None:
    assert rubric_files([]) == [course / "rubrics" / "tiny.toml"]


def test_a_course_without_rubrics(course: Path) -> None:
    (course / "rubrics" / "tiny.toml").unlink()
    with pytest.raises(UsageFault) as caught:
        rubric_files([])
    assert str(caught.value) == f"{course / 'rubrics'}: there is no rubric to verify"


# ---- differences


@pytest.mark.parametrize(
    ("exact", "measured", "expected"),
    [
        (Fraction(1, 2), 0.5, 0.0),
        (Fraction(2), 1.0, 0.5),
        (Fraction(0), 1e-12, 1e-12),
        ([[Fraction(1)], [Fraction(4)]], [1.0, 2.0], 0.5),
        ([[Fraction(1), Fraction(4)]], [1.0, 4.0], 0.0),
        ([[Fraction(3)]], 3.0, 0.0),
        ([[Fraction(1)], [Fraction(4)]], [1.0, 4.0, 0.0], float("inf")),
        ([], [], 0.0),
        ("yes", "yes", 0.0),
        ("yes", "no", float("inf")),
        (True, True, 0.0),
        (True, 1.0, float("inf")),
        ({"a": Fraction(1)}, {"a": 1.0}, 0.0),
        ({"a": Fraction(1)}, {"b": 1.0}, float("inf")),
        (Fraction(1), float("inf"), float("inf")),
        (None, None, 0.0),
    ],
)
def test_difference(exact: Any, measured: Any, expected: float) -> None:
    assert difference(exact, measured) == pytest.approx(expected)


def test_difference_knows_nothing_of_numpy() -> None:
    assert difference(Fraction(1), np.float64(1.0)) == 0
