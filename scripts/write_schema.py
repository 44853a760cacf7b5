"""Write rubrics/rubric.schema.json, the shape of a rubric for editors that complete TOML.

``--check`` only compares and exits with 1 when the file is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from grader.engine.schema import rubric_schema

FILE = Path(__file__).resolve().parent.parent / "rubrics" / "rubric.schema.json"


def main() -> int:
    text = json.dumps(rubric_schema(), indent=1, ensure_ascii=False) + "\n"
    if "--check" in sys.argv[1:]:
        return int(FILE.read_text("utf-8") != text)
    FILE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
