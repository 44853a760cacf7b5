r"""How much of real answer sheets can be checked line by line? Counts the members of their derivations.

    python benchmarks/derivations.py SHEET.md=RUBRIC ...

A sheet is read as a submission of its rubric; the derivation of each answer is checked under the names of its
question, as an instructor would declare them. Printed: per question the members that were found, held,
failed, and are for a person.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from grader import readers
from grader.maths.declared import compile_scope
from grader.maths.derivation import derive
from grader.rubric import load_rubric

RUBRICS = Path(__file__).parent.parent / "rubrics"
ROW = "{:<10} {:>8} {:>6} {:>6} {:>7}"


def main(arguments: list[str]) -> None:
    total = [0, 0, 0]
    for argument in arguments:
        file, _, name = argument.partition("=")
        rubric = load_rubric(RUBRICS / f"{name}.toml")
        submission = readers.read(Path(file), lambda _, rubric=rubric: rubric.outline(), student="s001")
        print(f"{Path(file).name}, as {name}")
        print(ROW.format("question", "members", "held", "failed", "unread"))
        for question in rubric.questions:
            answer = submission.answers.get(question.id)
            text = getattr(answer, "text", "") if answer is not None else ""
            if not text:
                continue
            start = time.perf_counter()
            found = derive(text, compile_scope(question.declarations))
            failed = sum(s.status == "fails" for s in found.steps)
            counts = [len(found.steps) - failed - found.unread, failed, found.unread]
            if found.steps:
                seconds = time.perf_counter() - start
                print(ROW.format(question.id, len(found.steps), *counts) + f"   {seconds:.1f} s")
                for s in found.steps:
                    if s.status == "fails":
                        print(f"    {s.index}: {s.text[:90]}\n       {s.message}")
            total = [a + b for a, b in zip(total, counts, strict=True)]
    print(ROW.format("all", sum(total), *total))


if __name__ == "__main__":
    main(sys.argv[1:])
