"""A tiny course for tests: one sheet, a made-up checker kind, submissions as JSON files."""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from grader import checkers
from grader.checkers import Check
from grader.checkers._verify import Oracle
from grader.errors import RubricError
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

SHEET = """\
id = "tiny"
title = "Tiny sheet"
points = 5
bonus = 1

[symbols]
x = "scalar > 0"
n = "dim"
v = "vector n"

[[questions]]
id = "1.1"
title = "Half"
points = 3

  [[questions.criteria]]
  id = "value"
  kind = "say"
  title = "The value"
  points = 2.5
  expected = "1/2"
  reference = "tiny:half"

  [[questions.criteria]]
  id = "style"
  kind = "say"
  title = "The style"
  points = 0.5
  expected = "1/2"
  public = true

[[questions]]
id = "1.2"
title = "Yes or no"
points = 2

  [[questions.criteria]]
  id = "word"
  kind = "say"
  title = "The word"
  points = 2
  expected = "yes"

[[questions]]
id = "2"
title = "More"
points = 1
bonus = true

  [[questions.criteria]]
  id = "more"
  kind = "say"
  title = "The extra"
  points = 1
  expected = "more"
"""

REFERENCE = """\
def symbolic_half(x):
    return x / 2


def numeric_half(x):
    return 0.5 * x
"""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    expected: str


def build(options: Options, question: Question) -> Check:
    if options.expected == "never":
        raise RubricError("'never' cannot be expected")

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        text = answer.text.strip()
        read_as = f"«{text}»"
        match text.split(":")[0]:
            case "crash":
                raise KeyError("boom")
            case "hang":
                time.sleep(600)
            case "die":
                os._exit(9)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "segfault":
                faulthandler.disable()  # pytest would tell everybody
                os.kill(os.getpid(), signal.SIGSEGV)
            case "eat":
                bytearray(64 * 2**30)  # more than a worker may have
            case "odd credit":
                return Judgement(Outcome.CORRECT, 2.0, "")
            case "garbage":
                return Judgement(Outcome.UNREADABLE, 0.0, "the bracket ( is never closed")
            case "perhaps":
                return Judgement(Outcome.REVIEW, 0.5, "a person decides", read_as)
            case "third":
                return Judgement(Outcome.PARTIAL, 1 / 3, "a third is right", read_as, mistake="one in three")
            case "hostile":
                evil = text.partition(":")[2]
                counterexample = {"values": {evil: evil}, "yours": evil, "expected": evil, "text": evil}
                evidence = {evil: evil, "counterexample": counterexample}
                return Judgement(Outcome.INCORRECT, 0.0, evil, evil, evidence, mistake=evil)
        if text == options.expected:
            return Judgement(Outcome.CORRECT, 1.0, "", read_as)
        if "value" in earlier:
            return Judgement(Outcome.CORRECT, 1.0, f"follows {earlier['value'].outcome}", read_as)
        return Judgement(
            Outcome.INCORRECT,
            0.0,
            "not the same value",
            read_as,
            {
                "level": "refuted",
                "counterexample": {
                    "values": {"x": "2"},
                    "yours": text,
                    "expected": options.expected,
                    "text": "At x = 2 the two differ.",
                },
            },
        )

    return check


def verify(options: Options, question: Question, oracle: Oracle | None) -> Iterable[str]:
    if oracle is not None:
        for point, value in zip(oracle.sample_points, oracle.values, strict=True):
            if value != point["x"] / 2:  # type: ignore[operator]
                yield f"`expected` is {options.expected!r}, the reference says {value}"


def say_kind() -> ModuleType:
    """The kind ``say``: right is what it says in the rubric."""
    module = ModuleType("say")
    module.Options = Options  # type: ignore[attr-defined]
    module.build = build  # type: ignore[attr-defined]
    module.verify = verify  # type: ignore[attr-defined]
    return module


def make_course(root: Path, monkeypatch: pytest.MonkeyPatch, sheet: str = SHEET) -> Path:
    """A course folder to stand in, with ``say`` as the only kind; returns it."""

    def load(kind: str) -> ModuleType:
        if kind != "say":
            raise RubricError(f"unknown checker kind {kind!r}; the kinds are say")
        return say_kind()

    monkeypatch.setattr(checkers, "load", load)
    (root / "rubrics").mkdir(parents=True)
    (root / "reference").mkdir()
    (root / "rubrics" / "tiny.toml").write_text(sheet, "utf-8")
    (root / "reference" / "tiny.py").write_text(REFERENCE, "utf-8")
    monkeypatch.chdir(root)
    return root


def submit(folder: Path, student: str, assignment: str | None = "tiny", **answers: Any) -> Path:
    """A JSON submission; ``_`` in a keyword is the dot of a question's number: ``q1_1="1/2"``."""
    folder.mkdir(parents=True, exist_ok=True)
    data: dict[str, Any] = {"student": student}
    if assignment is not None:
        data["assignment"] = assignment
    data["answers"] = {key[1:].replace("_", "."): value for key, value in answers.items()}
    file = folder / f"file{len(list(folder.iterdir())):03}.json"
    file.write_text(json.dumps(data), "utf-8")
    return file
