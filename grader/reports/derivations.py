"""What ``grade steps`` prints, and reads from files; the lines of an answer on the pages of a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.engine.derivations import Task, check_lines, check_task, derivation_row
from grader.errors import UsageFault
from grader.maths.derivation import Derivation
from grader.maths.marked import marks
from grader.model import MarkedDerivation, MarkedLine, Outcome
from grader.reports.pairs import answered_file, named_texts, standard_input
from grader.reports.readings import NOTHING, Read
from grader.reports.text import count, json_line, visible

__all__ = [
    "DerivationView",
    "LineView",
    "check_file",
    "class_lines",
    "counted",
    "derivation_lines",
    "derivation_view",
    "one_derivation",
    "told_lines",
]

_MARKS = {"holds": "✓", "follows": "↳", "back": "✓", "fails": "✗", "given": "·", "doubt": "?", "unread": "?"}
MAX_SHOWN = 100  # characters of a member


def check_file(name: str) -> Iterator[tuple[str, bool]]:
    """For every line of a file (``-``: standard input): the line to print, and whether it was in order.

    Raises:
        UsageFault: there is no such file.
    """
    return answered_file(name, check_lines)


def one_derivation(
    name: str | None, symbols: Sequence[str], options: Mapping[str, Any], *, as_json: bool
) -> tuple[list[str], bool]:
    """Check the derivation in a file: the lines to print, and whether every step holds.

    Raises:
        UsageFault: the file is missing, or an argument is malformed.
        RubricError: a symbol, an assumption or the unknown is not valid.
    """
    if name is None:
        raise UsageFault(
            "give FILE (- for standard input) or --jsonl FILE; `grade steps --help` has examples"
        )
    if name != "-" and not Path(name).is_file():
        raise UsageFault(f"{name}: no such file; give a text with a derivation, or - for standard input")
    text = (
        standard_input().read() if name == "-" else Path(name).read_text(encoding="utf-8", errors="replace")
    )
    task = Task(
        text,
        named_texts(symbols, ":", "--symbol", "'X: matrix n d'"),
        define=named_texts(options["define"], "=", "--define", "'a = X w_0 - t'"),
        latex=named_texts(options["latex"], ":", "--latex", r"'w_hat: \hat{w}'"),
        assume=list(options["assume"]),
        kind=options["kind"],
        unknown=options["unknown"],
    )
    found = check_task(task)
    lines = [json_line(derivation_row(None, found), indent=2)] if as_json else derivation_lines(found)
    return lines, found.first_wrong is None and not found.unread and bool(found.steps)


def derivation_lines(d: Derivation) -> list[str]:
    """Every member with its mark, what was found about the false and the unread ones, and a summary."""
    if not d.steps:
        return ["No derivation was found in this text."]
    width = len(str(d.steps[-1].index))
    out = []
    found = marks(d.steps)
    for s, m in zip(d.steps, found, strict=True):
        text = s.text if len(s.text) <= MAX_SHOWN else s.text[: MAX_SHOWN - 1] + "…"
        out.append(f"{_MARKS[m.word]} {s.index:>{width}}  {text}")
        if s.status != "holds" or "Note:" in s.message:
            out.append(f"  {'':>{width}}  {m.message}")
        elif m.word == "follows":
            out.append(f"  {'':>{width}}  Follows from member {min(m.wrong)}, which is false.")
    out += [f"note: {note}" for note in d.notes]
    out.append(counted((m.word for m in found), "member"))
    if d.first_wrong is not None:
        out.append(f"first false step: member {d.first_wrong}")
    return [visible(line) for line in out]


# ---- on the pages of a class


@dataclass(frozen=True, slots=True)
class LineView:
    """``word`` says in words what ``sign`` shows; ``mark`` is the class it is styled by."""

    number: int
    mark: str
    sign: str
    word: str
    text: str
    message: str
    read: Read = NOTHING  # with the part that is wrong marked


@dataclass(frozen=True, slots=True)
class DerivationView:
    summary: str
    lines: tuple[LineView, ...]
    notes: tuple[str, ...]


def derivation_view(d: MarkedDerivation) -> DerivationView:
    first = next((k for k, line in enumerate(d.lines, 1) if line.mark == "fails"), 0)
    return DerivationView(
        counted(line.mark for line in d.lines) if d.lines else "",
        tuple(
            LineView(
                k,
                line.mark,
                _MARKS[line.mark],
                _word(line, first=k == first),
                f"{line.lead} {line.text}".lstrip(),
                line.message,
                _read(line),
            )
            for k, line in enumerate(d.lines, 1)
        ),
        d.notes,
    )


def _read(line: MarkedLine) -> Read:
    wrong, misfit = ("", line.part) if line.misfit else (line.part, "")
    return Read("", line.marked, wrong, misfit)


def told_lines(d: MarkedDerivation, signs: Mapping[Outcome, str]) -> list[str]:
    """What ``grade check`` says of a derivation: which line it is, not why; ``signs`` are those the terminal
    can print."""
    view = derivation_view(d)
    if not view.lines:
        return list(d.notes)
    shown = {"holds": Outcome.CORRECT, "back": Outcome.CORRECT, "fails": Outcome.INCORRECT}
    shown |= {"follows": Outcome.PARTIAL, "doubt": Outcome.REVIEW, "unread": Outcome.REVIEW}
    out = [f"derivation: {view.summary}"]
    for line in view.lines:
        if line.mark not in ("holds", "given"):
            text = line.text if len(line.text) <= MAX_SHOWN else line.text[: MAX_SHOWN - 1] + "…"
            out.append(f"  {signs[shown[line.mark]]} line {line.number}, {line.word}: {text}")
    return out


def class_lines(found: Sequence[MarkedDerivation]) -> str:
    """The lines of all answers to a question, for the page of the class; empty where there are none."""
    marks = [line.mark for d in found for line in d.lines]
    return f"{count(len(found), 'derivation')}, {counted(marks)}" if marks else ""


def _word(line: MarkedLine, *, first: bool) -> str:
    if line.mark == "fails":
        return "first error" if first else "error"
    return {
        "holds": "holds",
        "follows": f"follows from line {line.wrong}, which is false",
        "back": f"right again after line {line.wrong}",
        "doubt": "not so by itself: for a person, not counted against you",
        "given": "starts here or is given: not checked",
        "unread": "not read: not counted against you",
    }[line.mark]


def counted(words: Iterable[str], what: str = "line") -> str:
    """How many lines were read, what became of those that were tried, and what was not tried.

    >>> counted(["given", "holds", "fails"])
    '3 lines: 3 read; 1 checked and holds, 1 false, 1 given or started from (not checked), 0 not read'
    """
    n = Counter(words)
    total = sum(n.values())
    held = n["holds"] + n["back"] + n["follows"]
    parts = [f"{held} checked and {'holds' if held == 1 else 'hold'}"]
    if n["follows"]:
        verb = "follows" if n["follows"] == 1 else "follow"
        parts[0] += f" ({n['follows']} {verb} from a false one)"
    parts.append(f"{n['fails']} false")
    if n["doubt"]:
        parts.append(f"{n['doubt']} not so by {'itself' if n['doubt'] == 1 else 'themselves'}")
    parts.append(f"{n['given']} given or started from (not checked)")
    parts.append(f"{n['unread']} not read")
    return f"{count(total, what)}: {total - n['unread']} read; " + ", ".join(parts)
