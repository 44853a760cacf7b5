"""What the sandbox costs: ``python benchmarks/sandbox.py``.

For every tier that works here: starting it, a program with one question, one with ten questions, a restart
after a cell that dies; and in the same run the floor, a bare fork of a process with numpy in it that sends a
value back over a pipe. Medians; only the ratios to the floor mean anything elsewhere. The student's own run
time in these programs is far below a tenth of a millisecond.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from grader.sandbox.program import Ask, Call, Cell, Limits, Program, State
from grader.sandbox.sandbox import Sandbox
from grader.sandbox.tiers import TIERS

QUESTIONS = 10
SOURCE = "import numpy as np\ndef f{i}(X, y):\n    return X.T @ (X @ y)\n"


def median(action: Callable[[], object], times: int) -> float:
    """Milliseconds; the first, cold one is not counted."""
    action()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds)


def bare_fork() -> None:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, json.dumps(np.ones(3).tolist()).encode())
        os._exit(0)
    os.close(write)
    os.read(read, 4096)
    os.waitpid(pid, 0)
    os.close(read)


def questions(count: int, *, crash: bool = False) -> Program:
    X, y = np.ones((20, 5)), np.ones(5)
    cells = [Cell(SOURCE.format(i=i), f"cell {i + 1}") for i in range(count)]
    if crash:
        cells.append(Cell("import os\nos._exit(1)", f"cell {count + 1}"))
    last = len(cells) - 1
    asks = [Ask(str(i), max(i, last if crash else i), (Call(f"f{i}", (X, y)),)) for i in range(count)]
    return Program(tuple(cells), tuple(asks))


def run(box: Sandbox, program: Program) -> None:
    for key, ran in box.run(program).items():
        assert ran.state is State.VALUE, (key, ran)


def start(tier: str) -> None:
    with Sandbox(Limits(), tier) as box:
        assert box.tier.name == tier, box.reasons


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100, help="how often each thing is done (default: 100)")
    times = parser.parse_args().times
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {os.cpu_count()} processors\n")
    print(
        f"{'':14}{'start':>10}{'1 question':>12}{f'{QUESTIONS} questions':>14}{'restart':>10}{'floor':>8}  ms"
    )
    for name in TIERS:
        with Sandbox(Limits(), name) as box:
            if box.tier.name != name:
                print(f"{name:14}{box.reasons[name]}")
                continue
            # the floor is measured between the others: a busy machine is busy for all of them
            floors = [median(bare_fork, times)]
            one, ten = questions(1), questions(QUESTIONS)
            single = median(partial(run, box, one), times)
            floors.append(median(bare_fork, times))
            several = median(partial(run, box, ten), times)
            broken = questions(1, crash=True)
            again = median(partial(run, box, broken), times)
            floors.append(median(bare_fork, times))
        begin = median(partial(start, name), max(5, times // 10))
        floor = statistics.median(floors)
        print(f"{name:14}{begin:10.1f}{single:12.2f}{several:14.2f}{again - single:10.2f}{floor:8.2f}")
        ratios = (begin / floor, single / floor, several / floor, (again - single) / floor)
        print(f"{'  to the floor':14}{ratios[0]:10.1f}{ratios[1]:12.2f}{ratios[2]:14.2f}{ratios[3]:10.2f}")
        print(f"{'  a question':14}{'':10}{single:12.2f}{several / QUESTIONS:14.2f}")


if __name__ == "__main__":
    main()
