r"""How much of real answer sheets can be checked line by line? Counts the lines of their derivations.

    python benchmarks/derivations.py SHEET.md=RUBRIC ...

A sheet is read as a submission of its rubric; the derivation of each answer is checked under the names of its
question and what it says is given, as in a class. Printed: per question the lines that were found; of these
the ones that were checked and hold (``right``: none of them rests on a false line), that are false, that only
start something or are given, and that a person has to look at; the first false line.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from grader import readers
from grader.maths.marked import trace
from grader.rubric import load_rubric

RUBRICS = Path(__file__).parent.parent / "rubrics"
ROW = "{:<10} {:>6} {:>6} {:>6} {:>6} {:>6} {:>7}"


def main(arguments: list[str]) -> None:
    total: Counter[str] = Counter()
    spent = 0.0
    for argument in arguments:
        file, _, name = argument.partition("=")
        rubric = load_rubric(RUBRICS / f"{name}.toml")
        submission = readers.read(Path(file), lambda _, rubric=rubric: rubric.outline(), student="s001")
        print(f"{Path(file).name}, as {name}")
        print(ROW.format("question", "lines", "held", "right", "false", "given", "unread"))
        for question in rubric.questions:
            answer = submission.answers.get(question.id)
            text = getattr(answer, "text", "") if answer is not None else ""
            if not text:
                continue
            start = time.perf_counter()
            found = trace(text, question.declarations, question.given or ())
            seconds = time.perf_counter() - start
            spent += seconds
            counts = Counter(m.word for m in found.marks)
            total += counts
            if found.steps:
                print(ROW.format(question.id, *columns(counts)) + f"   {seconds:.1f} s")
            for s, m in zip(found.steps, found.marks, strict=True):
                if m.word == "fails":
                    print(f"    {s.index}: {s.text[:90]}\n       {m.message}")
    print(ROW.format("all", *columns(total)) + f"   {spent:.1f} s")


def columns(n: Counter[str]) -> tuple[int, ...]:
    right = n["holds"] + n["back"]
    return sum(n.values()), right + n["follows"], right, n["fails"], n["given"], n["unread"]


if __name__ == "__main__":
    main(sys.argv[1:])
