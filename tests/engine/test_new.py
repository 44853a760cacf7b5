"""``grade new`` and the schema: what they write is valid, verifies, and says the same as the reader."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.engine.new import start_rubric
from grader.engine.schema import rubric_schema
from grader.engine.verify import verify_files
from grader.errors import UsageFault

ROOT = Path(__file__).parents[2]
RUBRICS = sorted((ROOT / "rubrics").glob("*.toml"))


def test_what_new_writes_verifies_as_it_is(tmp_path: Path) -> None:
    files = start_rubric("my-hw1", tmp_path, ["1.1", "2"], "Homework 1")
    assert [f.relative_to(tmp_path).as_posix() for f in files] == [
        "rubrics/my-hw1.toml",
        "reference/my_hw1.py",
        "rubrics/rubric.schema.json",
    ]
    rows = verify_files([files[0]], tmp_path)
    assert [(r.question, r.criterion, r.points, r.agrees, r.problems) for r in rows] == [
        ("1.1", "gradient", 3, True, ()),
        ("1.1", "reason", 0, None, ()),
        ("2", "answer", 0, None, ()),
    ]
    assert rows[0].earned == 4
    assert rows[0].lost > 10


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    start_rubric("my-hw1", tmp_path, [])
    file = tmp_path / "rubrics" / "my-hw1.toml"
    with pytest.raises(UsageFault) as caught:
        start_rubric("my-hw1", tmp_path, [])
    assert str(caught.value) == f"{file}: is there already; choose another name, or move it away first"


@pytest.mark.parametrize(
    ("name", "questions", "message"),
    [
        (
            "My HW",
            [],
            "'My HW' cannot be the name of a rubric; use small letters, digits and hyphens, such as my-hw1",
        ),
        (
            "../hw",
            [],
            "'../hw' cannot be the name of a rubric; use small letters, digits and hyphens, such as my-hw1",
        ),
        ("hw", ["1 a"], "'1 a' is not a question number such as 2.2.3 or 5a"),
        ("hw", ["1", "1"], "a question number is given twice: 1, 1"),
    ],
)
def test_new_refuses(tmp_path: Path, name: str, questions: list[str], message: str) -> None:
    with pytest.raises(UsageFault) as caught:
        start_rubric(name, tmp_path, questions)
    assert str(caught.value) == message
    assert list(tmp_path.iterdir()) == []


# ---- the schema


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = rubric_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_published_schema_is_fresh() -> None:
    published = json.loads((ROOT / "rubrics" / "rubric.schema.json").read_text("utf-8"))
    assert published == rubric_schema(), "run scripts/write_schema.py"


@pytest.mark.parametrize("file", RUBRICS, ids=lambda f: f.stem)
def test_every_rubric_fits_the_schema(validator: Any, file: Path) -> None:
    assert file.read_text("utf-8").startswith("#:schema ./rubric.schema.json\n")
    assert [e.message for e in validator.iter_errors(tomllib.loads(file.read_text("utf-8")))] == []


SHEET: dict[str, Any] = {
    "id": "hw",
    "title": "Homework",
    "points": 1,
    "questions": [
        {
            "id": "1",
            "points": 1,
            "criteria": [{"id": "a", "kind": "expression", "points": 1, "expected": "x"}],
        }
    ],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lables": ["x"]}, "Additional properties are not allowed ('lables' was unexpected)"),
        ({"kind": "drawing"}, "'drawing' is not one of ["),
        ({"labels": "x"}, "'x' is not of type 'array'"),
        ({"points": "one"}, "'one' is not of type 'number'"),
    ],
)
def test_the_schema_finds_slips(validator: Any, change: dict[str, Any], message: str) -> None:
    sheet = copy.deepcopy(SHEET)
    assert list(validator.iter_errors(sheet)) == []
    sheet["questions"][0]["criteria"][0].update(change)
    (error,) = validator.iter_errors(sheet)
    assert message in error.message
