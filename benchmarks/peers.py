"""Ours against the peers that install, on the same rows, in one run: ``python benchmarks/peers.py``.

For every row and every system: is the verdict right, and how long did it take, parsing included. Ours is
timed four times:

* a *new answer*: the question has been asked before, the answer has never been seen (a class is graded
  that way). The expected side is compiled, the answer is read and judged; once more with all that explains
  the verdict: counterexample, mistake, how sure it is, how the answer was read;
* an answer *seen before*: short answers of a class repeat, and their verdicts are kept;
* *both sides new*: the expected side is compiled as well, and its sample points are drawn.

Peers parse both sides of every row; sympy's cache is emptied before every pass. A row's time is the
fastest of all passes. Peers that are not installed are left out and named (``pip install '.[bench]'``).
Only the ratios of the times mean anything elsewhere.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

ROWS = Path(__file__).parent / "rows.toml"
PASSES = 5


@dataclass(frozen=True)
class Pair:
    expected: str
    answer: str
    right: bool
    matrix: bool
    symbols: dict[str, str]
    assume: tuple[str, ...] = ()


Judge = Callable[[Pair], bool]


@dataclass
class Tally:
    correct: int = 0
    wrong_accepted: int = 0
    right_rejected: int = 0
    failed: int = 0
    seconds: list[float] = field(default_factory=list)


def pairs() -> Iterator[Pair]:
    data = tomllib.loads(ROWS.read_text(encoding="utf-8"))
    symbols = data["symbols"]
    matrices = {k for k, kind in symbols.items() if kind.startswith(("matrix", "vector"))}
    for row in data["row"]:
        matrix = (
            any(f in row["expected"] for f in matrices - {"a", "t", "d"}) and "\\log" not in row["expected"]
        )
        for right in (True, False):
            for answer in row["right" if right else "wrong"]:
                yield Pair(row["expected"], answer, right, matrix, symbols, tuple(row.get("assume", ())))


def ours() -> Judge:
    from grader import compare

    _nothing_is_known()

    def judge(p: Pair) -> bool:
        return compare(p.expected, p.answer, p.symbols, assume=p.assume).verdict == "equivalent"

    return judge


def explained() -> Judge:
    from grader import compare

    _nothing_is_known()

    def judge(p: Pair) -> bool:
        out = compare(p.expected, p.answer, p.symbols, assume=p.assume)
        return bool(out.message and out.evidence is not None and out.read_as) and out.equivalent

    return judge


def _nothing_is_known() -> None:
    """No system finds the verdicts that another one has left."""
    from grader.maths.compare import problem

    problem.cache_clear()


def _new_answer(judge: Judge, p: Pair, turn: int) -> Pair:
    """The row as nobody has asked it: blanks make another text of it, so that no kept verdict answers."""
    judge(replace(p, answer=p.expected))
    judge(p)
    return replace(p, answer=p.answer + " " * (turn + 1))


def _seen_before(judge: Judge, p: Pair, turn: int) -> Pair:
    judge(p)
    return p


def _both_new(judge: Judge, p: Pair, turn: int) -> Pair:
    _nothing_is_known()
    return p


def _as_it_is(judge: Judge, p: Pair, turn: int) -> Pair:
    return p


def math_verify() -> Judge:
    from math_verify import parse, verify  # type: ignore[import-not-found]

    def judge(p: Pair) -> bool:
        return bool(verify(parse(f"${p.expected}$"), parse(f"${p.answer}$")))

    return judge


def sympy_latex() -> Judge:
    from sympy import simplify
    from sympy.parsing.latex import parse_latex

    def judge(p: Pair) -> bool:
        return bool(simplify(parse_latex(p.expected) - parse_latex(p.answer)) == 0)

    return judge


@dataclass(frozen=True)
class System:
    """``load`` imports it, ``before`` is what happens to a row before it is timed."""

    name: str
    load: Callable[[], Judge]
    imports: str
    before: Callable[[Judge, Pair, int], Pair] = _as_it_is


_OURS = "from grader import compare"
SYSTEMS = (
    System("this project, new answer", ours, _OURS, _new_answer),
    System("this project, new answer, explained", explained, _OURS, _new_answer),
    System("this project, seen before", ours, _OURS, _seen_before),
    System("this project, both sides new", ours, _OURS, _both_new),
    System("math-verify", math_verify, "from math_verify import parse, verify"),
    System(
        "sympy parse_latex + simplify",
        sympy_latex,
        "from sympy import simplify; from sympy.parsing.latex import parse_latex",
    ),
)


def _forget() -> None:
    """Empty sympy's cache, if anybody has loaded it."""
    if "sympy" in sys.modules:
        from sympy.core.cache import clear_cache

        clear_cache()


def _timed(judge: Judge, p: Pair) -> tuple[bool | None, float]:
    start = time.perf_counter()
    try:
        verdict: bool | None = judge(p)
    except Exception:
        verdict = None
    return verdict, time.perf_counter() - start


def run(system: System, judge: Judge, rows: list[Pair], passes: int) -> Tally:
    best = [float("inf")] * len(rows)
    verdicts: list[bool | None] = [None] * len(rows)
    for turn in range(passes):
        _forget()
        for i, p in enumerate(rows):
            verdicts[i], took = _timed(judge, system.before(judge, p, turn))
            best[i] = min(best[i], took)
    tally = Tally(seconds=best)
    for p, verdict in zip(rows, verdicts, strict=True):
        if verdict is None:
            tally.failed += 1
        elif verdict == p.right:
            tally.correct += 1
        elif verdict:
            tally.wrong_accepted += 1
        else:
            tally.right_rejected += 1
    return tally


def import_seconds(statement: str) -> float:
    """Processor time of the fastest of five imports in a fresh interpreter, less the interpreter itself."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def once(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    once(statement)  # compiles what has not been compiled
    return max(0.0, min(once(statement) for _ in range(5)) - min(once("pass") for _ in range(5)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--passes", type=int, default=PASSES)
    options = parser.parse_args()
    rows = list(pairs())
    results: list[tuple[System, Tally]] = []
    for system in SYSTEMS:
        try:
            judge = system.load()
            judge(rows[0])
        except ImportError as e:
            print(f"left out: {system.name} ({e})", file=sys.stderr)
            continue
        except Exception as e:
            print(f"{system.name}: the first row failed ({type(e).__name__})", file=sys.stderr)
        results.append((system, run(system, judge, rows, options.passes)))
    print(f"{len(rows)} rows, {sum(p.right for p in rows)} of them right answers\n")
    head = ("system", "correct", "wrong accepted", "right rejected", "no verdict", "median ms", "p95 ms")
    head += ("times ours", "import ms")
    print("| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    base = statistics.median(results[0][1].seconds)
    for system, t in results:
        median, p95 = statistics.median(t.seconds), sorted(t.seconds)[int(0.95 * (len(rows) - 1))]
        cells = (
            system.name,
            f"{t.correct}/{len(rows)}",
            t.wrong_accepted,
            t.right_rejected,
            t.failed,
            f"{median * 1000:.3f}",
            f"{p95 * 1000:.3f}",
            f"{median / base:.2g}" if median < base else f"{median / base:.1f}",
            f"{import_seconds(system.imports) * 1000:.0f}",
        )
        print("| " + " | ".join(map(str, cells)) + " |")


if __name__ == "__main__":
    main()
