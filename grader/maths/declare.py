"""What the author declares: symbols with their kinds, spellings, abbreviations, assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.maths.records import record

__all__ = ["Declarations"]


@record
class Declarations:
    """The author's declarations, hashable so that whatever is derived from them can be cached.

    ``symbols``: name → kind as text, e.g. ``matrix n d``; ``latex``: name → one or more spellings;
    ``define``: abbreviations in order; ``assume``: assumptions as text.
    """

    symbols: tuple[tuple[str, str], ...] = ()
    latex: tuple[tuple[str, str], ...] = ()
    define: tuple[tuple[str, str], ...] = ()
    assume: tuple[str, ...] = ()

    @classmethod
    def make(
        cls,
        symbols: Mapping[str, str],
        latex: Mapping[str, str | Sequence[str]] | None = None,
        define: Mapping[str, str] | None = None,
        assume: Iterable[str] = (),
    ) -> Declarations:
        return cls(
            tuple(symbols.items()),
            tuple((k, x) for k, v in (latex or {}).items() for x in ([v] if isinstance(v, str) else v)),
            tuple((define or {}).items()),
            tuple(assume),
        )
