"""Run as a script by exec: makes the worker importable under its own name, and nothing else of ``grader``.

    python start.py '{"control": 5, …}'

``grader`` and ``grader.sandbox`` are empty here: the files beside this folder are never read.
"""

from __future__ import annotations

import json
import sys
from types import ModuleType


def main() -> None:
    setup = json.loads(sys.argv[1])
    sys.argv[:] = [""]
    for name, folders in (
        ("grader", []),
        ("grader.sandbox", []),
        ("grader.sandbox.worker", [setup["worker"]]),
    ):
        module = ModuleType(name)
        module.__path__ = folders
        sys.modules[name] = module
    sys.path[:] = setup["path"]
    from grader.sandbox.worker.standins import Packages

    sys.meta_path.append(Packages(setup["packages"]))
    from grader.sandbox.worker.server import serve

    serve(setup)


main()
