"""Ours against the peers that install, on the same rows, in one run: ``python benchmarks/peers.py``.

For every row and every system: is the verdict right, and how long did it take, parsing both sides
included. Before a row is timed its expected side has been seen once (a class is graded that way), its
answer has not: sympy's cache is emptied before every pass. Peers that are not installed are left out
and named (``pip install '.[bench]'``). Only the ratios of the times mean anything elsewhere.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

ROWS = Path(__file__).parent / "rows.toml"
REPEATS = 3  # passes; a row's time is the fastest of these


@dataclass(frozen=True)
class Pair:
    expected: str
    answer: str
    right: bool
    matrix: bool
    symbols: dict[str, str]
    assume: tuple[str, ...] = ()


@dataclass
class Tally:
    right: int = 0
    false_accepts: int = 0
    false_rejects: int = 0
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


def ours() -> Callable[[Pair], bool]:
    from grader import compare

    def judge(p: Pair) -> bool:
        return compare(p.expected, p.answer, p.symbols, assume=p.assume).verdict == "equivalent"

    return judge


def math_verify() -> Callable[[Pair], bool]:
    from math_verify import parse, verify  # type: ignore[import-not-found]

    def judge(p: Pair) -> bool:
        return bool(verify(parse(f"${p.expected}$"), parse(f"${p.answer}$")))

    return judge


def sympy_latex() -> Callable[[Pair], bool]:
    from sympy import simplify
    from sympy.parsing.latex import parse_latex

    def judge(p: Pair) -> bool:
        return bool(simplify(parse_latex(p.expected) - parse_latex(p.answer)) == 0)

    return judge


SYSTEMS: dict[str, Callable[[], Callable[[Pair], bool]]] = {
    "this project": ours,
    "math-verify": math_verify,
    "sympy parse_latex + simplify": sympy_latex,
}


def _forget() -> None:
    """Empty sympy's cache, if anybody has loaded it."""
    if "sympy" in sys.modules:
        from sympy.core.cache import clear_cache

        clear_cache()


def _timed(judge: Callable[[Pair], bool], p: Pair) -> tuple[bool | None, float]:
    start = time.perf_counter()
    try:
        verdict: bool | None = judge(p)
    except Exception:
        verdict = None
    return verdict, time.perf_counter() - start


def run(judge: Callable[[Pair], bool], rows: list[Pair], repeats: int) -> Tally:
    tally = Tally()
    best = [float("inf")] * len(rows)
    verdicts: list[bool | None] = [None] * len(rows)
    for _ in range(repeats):
        _forget()
        seen = ""
        for i, p in enumerate(rows):
            if p.expected != seen:
                seen = p.expected
                _timed(judge, replace(p, answer=p.expected))
            verdicts[i], took = _timed(judge, p)
            best[i] = min(best[i], took)
    tally.seconds = best
    for p, verdict in zip(rows, verdicts, strict=True):
        if verdict is None:
            tally.failed += 1
        if bool(verdict) == p.right:
            tally.right += 1
        elif verdict:
            tally.false_accepts += 1
        else:
            tally.false_rejects += 1
    return tally


def import_seconds(statement: str) -> float:
    """The fastest of five imports in a fresh interpreter, less the interpreter itself."""

    def once(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    return max(0.0, min(once(statement) for _ in range(5)) - min(once("pass") for _ in range(5)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args()
    rows = list(pairs())
    results: dict[str, Tally] = {}
    for name, load in SYSTEMS.items():
        try:
            judge = load()
            judge(rows[0])
        except ImportError as e:
            print(f"left out: {name} ({e})", file=sys.stderr)
            continue
        except Exception as e:
            print(f"{name}: the first row failed ({type(e).__name__})", file=sys.stderr)
        results[name] = run(judge, rows, options.repeats)
    print(f"{len(rows)} rows, {sum(p.right for p in rows)} of them right answers\n")
    head: tuple[Any, ...] = (
        "system",
        "right",
        "false accepts",
        "false rejects",
        "no verdict",
        "median ms",
        "p95 ms",
        "ratio",
    )
    print("| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    base = statistics.median(results["this project"].seconds)
    for name, t in results.items():
        ms = sorted(s * 1000 for s in t.seconds)
        p95 = ms[int(0.95 * (len(ms) - 1))]
        median = statistics.median(ms)
        cells = (
            name,
            f"{t.right}/{len(rows)}",
            t.false_accepts,
            t.false_rejects,
            t.failed,
            f"{median:.2f}",
            f"{p95:.1f}",
            f"{median / 1000 / base:.0f}×",
        )
        print("| " + " | ".join(map(str, cells)) + " |")
    print(
        f"\nimport: `from grader import compare` {import_seconds('from grader import compare') * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
