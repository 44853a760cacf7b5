"""Sealed packs: right is right, wrong is wrong, and the file tells nobody anything."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.engine.sealing import Pack, Tried, open_pack, seal, try_answers
from grader.errors import UsageFault
from grader.model import Answer, Where
from grader.rubric import load_rubric

RUBRIC = load_rubric(Path(__file__).resolve().parents[2] / "rubrics" / "csc413-2020-hw2.toml")
CHEAP = 2**10  # of scrypt: tests need not be slow


@pytest.fixture(scope="module")
def pack() -> Pack:
    made, _ = seal(RUBRIC, ["2.2.3/eta_star", "2.2.1/w_1"], CHEAP)
    return open_pack(msgspec.json.encode(made))


def tried(pack: Pack, question: str, text: str) -> list[Tried]:
    return [
        t for t in try_answers(pack, {question: Answer(question, Where("x"), text)}) if t.question == question
    ]


@pytest.mark.parametrize(
    ("text", "right", "read_as"),
    [
        (r"$\eta^* = \frac{n\|X^Ta\|^2}{2\|XX^Ta\|^2}$", True, "n ‖Xᵀa‖² / (2 ‖XXᵀa‖²)"),
        (r"so $\eta^* = \frac n2 \frac{a^TXX^Ta}{\|XX^Ta\|^2}$.", True, "(n/2) (aᵀXXᵀa / ‖XXᵀa‖²)"),
        (r"$\eta^* = \frac{n\|X^Ta\|^2}{4\|XX^Ta\|^2}$", False, "n ‖Xᵀa‖² / (4 ‖XXᵀa‖²)"),
        (r"$\eta^* = -\frac{n\|X^Ta\|^2}{2\|XX^Ta\|^2}$", False, "-n ‖Xᵀa‖² / (2 ‖XXᵀa‖²)"),
        ("I do not know.", None, ""),
        (r"$\eta^* = \frac{n$", None, ""),
    ],
)
def test_right_and_wrong_are_told(pack: Pack, text: str, right: bool | None, read_as: str) -> None:
    (found,) = tried(pack, "2.2.3", text)
    assert (found.right, found.read_as.replace("·", "").strip()) == (right, read_as)


def test_abbreviations_of_the_student_are_read(pack: Pack) -> None:
    (found,) = tried(pack, "2.2.1", r"Let $r = Xw_0 - t$. Then $w_1 = w_0 - \frac{2\eta}{n}X^Tr$.")
    assert found.right is True


def test_no_answer_is_in_the_file() -> None:
    made, _ = seal(RUBRIC, cost=CHEAP)
    text = msgspec.json.encode(made).decode()
    for q in RUBRIC.questions:
        for c in q.criteria:
            expected = c.options.get("expected")
            if isinstance(expected, str) and len(expected) > 3:
                assert json.dumps(expected)[1:-1] not in text
            assert "mistakes" not in text
    again, _ = seal(RUBRIC, cost=CHEAP)
    hashes = [{h for q in p.questions for c in q.criteria for h in c.hashes} for p in (made, again)]
    assert hashes[0].isdisjoint(hashes[1])  # a salt and points of its own every time


def test_what_is_easily_guessed_is_refused() -> None:
    _, refused = seal(RUBRIC, cost=CHEAP)
    why = {f"{r.question}/{r.criterion}": r.why for r in refused}
    assert why["2.2.2/answer"] == (
        "kind choice: only formulas can be sealed; its answer is one of so few that all can be tried"
    )
    assert why["2.1.3/problem"] == (
        "kind prose: only formulas can be sealed; a person reads this, so there is no value to compare"
    )
    short = load_rubric(Path(RUBRIC.path).with_name("csc413-hw2.toml"))
    _, refused = seal(short, ["2.2.2/coefficient"], CHEAP)
    assert refused[0].why.startswith("too short: of formulas of its size there are about 1,0")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "is no sealed pack ("),
        (b'{"format": "x"}', "is no sealed pack ("),
        (
            b'{"format":"grader-pack-9","sheet":"a","title":"b","cost":32768,"questions":[]}',
            "a pack of format 'grader-pack-9' and cost 32768; expected grader-pack-1",
        ),
        (
            b'{"format":"grader-pack-1","sheet":"a","title":"b","cost":1073741824,"questions":[]}',
            "a pack of format 'grader-pack-1' and cost 1073741824; expected grader-pack-1",
        ),
    ],
)
def test_what_is_no_pack(data: bytes, why: str) -> None:
    with pytest.raises(UsageFault) as caught:
        open_pack(data)
    assert str(caught.value).startswith(why)


# ---- the commands


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_an_instructor_hands_out_a_pack_and_a_student_uses_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.engine.sealing.COST", CHEAP)
    monkeypatch.chdir(tmp_path)
    made = run("pack", RUBRIC.id, "--criterion", "2.2.3/eta_star", "--criterion", "2.2.2/answer")
    assert made.stdout == "wrote csc413-2020-hw2.pack: 2.2.3/eta_star\n"
    assert made.stderr.startswith("not sealed  2.2.2/answer: kind choice: ")

    Path("hw.md").write_text(
        "assignment: csc413-2020-hw2\n\n## 2.2.3 Rate\n\n$\\eta^* = \\frac{n\\|X^Ta\\|^2}{2\\|XX^Ta\\|^2}$\n",
        "utf-8",
    )
    done = run("check", "hw.md", "--pack", "csc413-2020-hw2.pack")
    assert done.exit_code == 0
    assert done.output == (
        "hw.md: Homework 2: optimization, hyper-parameters, convolutions, sealed checks\n"
        "✓ 2.2.3  the optimal learning rate: right\n"
        "  read as: n ‖Xᵀa‖² / (2 ‖XXᵀa‖²)\n"
        "\n"
        "1 of 1 sealed check right; a derivation or a reason is not checked here.\n"
        "9 questions of the sheet have no sealed check.\n"
    )

    Path("hw.md").write_text("assignment: csc413-2020-hw2\n\n## 2.2.3 Rate\n\n$\\eta^* = n$\n", "utf-8")
    done = run("check", "hw.md", "--pack", "csc413-2020-hw2.pack")
    assert done.exit_code == 1
    assert "✗ 2.2.3  the optimal learning rate: not the sealed answer\n  read as: n\n" in done.output


def test_an_unknown_criterion_names_those_there_are() -> None:
    done = run("pack", RUBRIC.id, "--criterion", "9.9/x")
    assert done.exit_code == 2
    assert done.output.startswith("grade: csc413-2020-hw2 has no criterion '9.9/x'; it has 1.1.1/gradient, ")
