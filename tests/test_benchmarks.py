"""What the benchmarks compare is the same work, and their table says what was measured."""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module


@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
def test_the_tests_of_the_peers_find_what_is_right_and_wrong(bench: Any, tmp_path: Path) -> None:
    ten = bench("ten_questions")
    (tmp_path / "rubrics").mkdir()
    (tmp_path / "reference").mkdir()
    shutil.copy(ROOT / "docs" / "examples" / "layers-hw" / "reference" / "layers.py", tmp_path / "reference")
    asked = ten.questions(tmp_path)
    assert [q.id for q in asked] == [str(i) for i in range(1, 11)]
    right: dict[str, Any] = {"np": np}
    for q in asked:
        for program in reversed(q.right):
            exec(program, right)
            exec(q.test, dict(right))
    for q in asked:
        for program in q.wrong:
            space = dict(right)
            exec(program, space)
            with pytest.raises((AssertionError, ValueError, np.linalg.LinAlgError)):
                exec(q.test, space)


def test_every_student_and_every_question_is_wrong_somewhere(bench: Any, tmp_path: Path) -> None:
    ten = bench("ten_questions")
    (tmp_path / "rubrics").mkdir()
    (tmp_path / "reference").mkdir()
    shutil.copy(ROOT / "docs" / "examples" / "layers-hw" / "reference" / "layers.py", tmp_path / "reference")
    asked = ten.questions(tmp_path)
    members = list(ten.students(asked, 12))
    assert all(any(not s.right[q.id] for s in members) for q in asked)
    assert all(any(s.right.values()) and not all(s.right.values()) for s in members)
    assert len({program for s in members for program in s.programs.values()}) == 120


def test_the_table_of_classes(bench: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    classes = bench("classes")
    rows = [
        classes.Row(n, state, executor, jobs, wall, cpu, parent_mb=130, all_mb=200)
        for n in (100, 200)
        for state, executor, jobs, wall, cpu in (
            ("json", "floor", 1, 0.01, 0.01),
            ("cold", "pool", 2, 1.0 + n / 100, 2.0 + n / 50),
            ("warm", "pool", 2, 1.0, 1.0 + n / 1000),
        )
    ]
    rows.append(classes.Row(200, "cold", "here", 1, 6.0, 6.0))
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(classes.asdict(row)) + "\n" for row in rows))
    classes.draw(argparse.Namespace(rows=file, pictures=None))
    printed = capsys.readouterr().out
    assert "| 100 | 0.10 (0.10) |  | 40.00 (20.00) | 11.00 (10.00) |  | 400 | 130 | 200 |" in printed
    assert "| pool | 2 | 200 | 3.0 | 6.0 | 2.00 |" in printed
    assert "A cold run costs 2.0 s of processor time, and each submission 20.0 ms more" in printed
    assert "| 1,000,000 | 5.6 | 2.8 h | 17 min |" in printed
    assert "busy" not in printed
