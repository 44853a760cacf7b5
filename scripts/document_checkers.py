"""Write docs/checkers.md from the checkers' own docstrings and options.

``--check`` only compares and exits with 1 when the page is stale.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import msgspec

from grader import checkers

PAGE = Path(__file__).resolve().parent.parent / "docs" / "checkers.md"
HEAD = """# Kinds of criteria

Written by `scripts/document_checkers.py` from the files in `grader/checkers/`; do not edit. Every criterion
also has `id`, `kind`, `points`, and may have `title`, `reference`, `public` and `passage`.
"""


def page() -> str:
    parts = [HEAD]
    for kind in checkers.kinds():
        module = checkers.load(kind)
        parts.append(f"## {kind}\n\n{inspect.cleandoc(module.__doc__ or '')}\n")
        structs = [module.Options] + [
            s
            for _, s in inspect.getmembers(module, inspect.isclass)
            if issubclass(s, msgspec.Struct) and s is not module.Options
        ]
        for s in structs:
            if s is not module.Options:
                parts.append(f"### {kind}: {s.__name__}\n")
            doc = inspect.cleandoc(s.__doc__ or "")
            parts.append(f"{doc}\n\n{_keys(s)}\n")
    return "\n".join(parts)


def _keys(s: type[msgspec.Struct]) -> str:
    lines = ["| key | type | default |", "| --- | --- | --- |"]
    for f in msgspec.structs.fields(s):
        kind = (
            f.type.__name__ if isinstance(f.type, type) and not hasattr(f.type, "__args__") else str(f.type)
        )
        kind = kind.replace("typing.", "").replace(f"{s.__module__}.", "").replace("|", "or")
        if f.required:
            default = "required"
        else:
            default = repr(f.default_factory() if f.default is msgspec.NODEFAULT else f.default)  # type: ignore[misc]
        lines.append(f"| `{f.name}` | {kind} | {default if default == 'required' else f'`{default}`'} |")
    return "\n".join(lines)


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        return int(PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
