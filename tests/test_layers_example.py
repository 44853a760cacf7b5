"""The documentation's sheet of code questions: its answers are run, and get the marks a person would give."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cli import main
from tests.sandbox.boxes import need

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "layers-hw"
SEED = "of the tests"

# student → outcome (its first letter) and points of each criterion: affine forward, backward; relu forward,
# backward; softmax; convolution forward, backward; pooling forward, backward; Jacobian; limit
MARKS = {
    "s001": "c1 c3 c1 c1 c3 c2 c3 c1 c2 c2 c1",
    "s002": "p0.7 p1.5 c1 i0 p1.2 p1.2 m0 i0 p1.2 p1 i0",
    "s003": "c1 c3 i0 i0 i0 p1.2 r0 i0 i0 i0 c1",
    "s004": "c1 c3 c1 c1 p2.4 c2 c3 i0 i0 r0 c1",
    "s005": "c1 c3 c1 c1 m0 m0 m0 m0 m0 m0 r0",
    "s006": "c1 c3 i0 r0 m0 m0 m0 m0 m0 c2 m0",
}

# student, question, criterion → the whole message, or (after "… ") how it ends
SAYS = {
    "s001 1 backward": "affine_backward(dout, …) is right in all 4 cases tried.",
    "s001 7 limit": "w is right.",
    "s002 1 backward": "… The gradient of b is the sum over the samples, not their mean.",
    "s002 2 backward": "… The sign of x decides where the gradient passes, not the sign of dout.",
    "s002 3 loss": "… The gradient is not averaged over the samples, as the loss is.",
    "s002 4 forward": "… The padding is left out.",
    "s002 4 backward": "conv_backward is there, but not filled in.",
    "s002 5 forward": "… These are the means of the windows, not their largest entries.",
    "s002 5 backward": "… Where windows overlap, gradients have to be added up.",
    "s002 6 jacobian": "… This is the exact Jacobian; asked are difference quotients.",
    "s002 7 limit": (
        "w is not right. It gives [0.8, 0.4], which is the shortest solution, which RMSProp does not find. "
        "(4/5, 2/5) is where gradient descent ends."
    ),
    "s003 2 forward": (
        "… relu_forward(…) raised NameError: name 'numpy' is not defined (cell 6, line 2). "
        "Before that, cell 2 raised FileNotFoundError: [Errno 2] No such file or directory: "
        "'cifar10.npz' (line 2). Files beside the notebook are not there when it is graded."
    ),
    "s003 4 forward": ("… IndexError: index 2 is out of bounds for axis 3 with size 2 (cell 10, line 9)."),
    "s003 4 backward": (
        "No function conv_backward is defined (defined: conv_forward, convolution_backward): a person looks."
    ),
    "s003 5 forward": "The code could not be read: cell 13, line 1: expected ':'.",
    "s004 3 loss": (
        "… softmax_loss(…) ran for more than 4 seconds and was stopped. "
        "Take the largest score of each row away first: the softmax stays the same."
    ),
    "s004 5 forward": "… pool_forward(…) needed more than 1024 MiB of memory (cell 13, line 2).",
    "s004 6 jacobian": (
        "jacobian(w, h) was not run: it needs torch, which is not installed here. A person looks."
    ),
    "s005 7 limit": "The code seems to be somewhere else: a person looks.",
    "s006 2 forward": "… What relu_forward(…) returned is a ndarray; a tuple was expected.",
    "s006 2 backward": "relu_backward takes dout; it is called as relu_backward(dout, …): a person looks.",
    "s006 7 limit": "No code was handed in for this part.",
}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course") / "layers-hw"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def grade(example: Path, *arguments: str, status: int = 0) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(example)
        done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == status, done.output
    return done.output


def findings(example: Path, out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (example / out / "findings.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def graded(example: Path) -> list[dict[str, Any]]:
    need("landlock")
    grade(example, "run", "answers", "--out", "all", "--seed", SEED, "--jobs", "1")
    return findings(example, "all")


def test_the_sheet_verifies(example: Path) -> None:
    output = grade(example, "verify", "--quiet", "layers-hw")
    assert output.endswith("11 criteria and 0 references verified.\n")


def test_every_answer_gets_its_marks(graded: list[dict[str, Any]]) -> None:
    marks: dict[str, list[str]] = {}
    for f in graded:
        marks.setdefault(f["student"], []).append(f"{f['outcome'][0]}{f['points']:g}")
    assert {student: " ".join(each) for student, each in marks.items()} == MARKS


@pytest.mark.parametrize("key", SAYS)
def test_every_message_says_what_went_wrong(graded: list[dict[str, Any]], key: str) -> None:
    (message,) = [f["message"] for f in graded if f"{f['student']} {f['question']} {f['criterion']}" == key]
    start, mark, end = SAYS[key].partition("… ") if SAYS[key].startswith("… ") else (SAYS[key], "", "")
    assert message.endswith(end) if mark else message == start, message


def test_what_ran_the_code_is_on_record(example: Path, graded: list[dict[str, Any]]) -> None:
    record = json.loads((example / "all" / "run.json").read_text("utf-8"))
    (said,) = record["sandbox"]
    assert said.startswith("Student code ran in ")
    assert record["options"]["seed"] == "given"
    assert said in (example / "all" / "report.html").read_text("utf-8")


def test_the_seed_stands_in_no_file(example: Path, graded: list[dict[str, Any]]) -> None:
    files = [p for p in (example / "all").rglob("*") if p.is_file()]
    assert len(files) > len(MARKS)
    assert [p.name for p in files if SEED.encode() in p.read_bytes()] == []


def test_neither_processes_nor_the_tier_change_a_byte(example: Path) -> None:
    need("bubblewrap")
    need("landlock")
    quick = [f"answers/{s}" for s in ("s001.ipynb", "s002.ipynb", "s005.md", "s006.json")]
    written = []
    for out, more in (("one", ["--jobs", "1"]), ("two", ["--jobs", "2", "--sandbox", "landlock"])):
        grade(example, "run", *quick, "--out", out, "--seed", SEED, *more)
        written.append([(example / out / name).read_bytes() for name in ("scores.csv", "findings.jsonl")])
    assert written[0] == written[1]


def test_another_seed_makes_other_inputs(example: Path, graded: list[dict[str, Any]]) -> None:
    need("landlock")
    grade(example, "run", "answers/s002.ipynb", "--out", "other", "--seed", "another", "--jobs", "1")

    def said(rows: list[dict[str, Any]]) -> str:
        (message,) = [
            r["message"]
            for r in rows
            if (r["student"], r["question"], r["criterion"]) == ("s002", "2", "backward")
        ]
        return str(message)

    assert said(findings(example, "other")) != said(graded)


def test_without_a_sandbox_nothing_is_run_and_nobody_loses_marks(example: Path) -> None:
    output = grade(example, "run", "answers/s001.ipynb", "--out", "none", "--sandbox", "none", "--jobs", "1")
    assert "Code was not run: the sandbox is switched off.\n" in output
    rows = findings(example, "none")
    assert {r["outcome"] for r in rows} == {"review"}
    assert rows[0]["message"] == "affine_forward(x, w, b) was not run: a person looks."


def test_check_runs_the_public_cases_and_says_so(example: Path) -> None:
    need("landlock")
    lines = grade(example, "check", "answers/s002.ipynb", status=1).splitlines()
    said = [
        line.strip() for line in lines if line.strip().startswith(("affine_", "softmax_", "relu_", "conv_"))
    ]
    assert said == ["affine_forward, rows: right", "softmax_loss, the loss: right"]
    assert not any("expected" in line for line in lines)
