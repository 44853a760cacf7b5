r"""Arrows of implication that stand in the words, or are written as ``→``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.maths.chains import Statement

__all__ = ["ARROWS", "spelled", "with_arrows"]

ARROWS = ("=>", "<=>")
_BOTH = r"⇔|⟺|<=+>|\\(?:Left|Longleft)rightarrow\b|\\iff\b"
_ONE = r"⇒|⟹|=+>|\\(?:R|LongR)ightarrow\b|\\implies\b|\\therefore\b|∴"
_THIN = r"→|⟶|-+>|\\(?:long)?rightarrow\b|\\to\b"
# an arrow at the end of what stands between two formulas; a few words may follow it
_BETWEEN = re.compile(
    rf"(?:(?P<both>{_BOTH})|(?P<one>{_ONE})|(?P<thin>{_THIN}))(?:[\s,:]|\\q?quad|[A-Za-z]+(?![A-Za-z]))*$"
)
_WORDED = re.compile(
    r"[\s,]*(?:if and only if|iff|exactly when|precisely when|(?:which )?is (?:the same as|equivalent to)"
    r"|(?:or )?equivalently)[\s,:]*",
    re.IGNORECASE,
)
_TYPED = re.compile(r"(?<=[\s$])(?:<==?>|==>|--?>)(?=[\s$])")
_STATED = frozenset(("=", "<", "<=", ">", ">=", "in"))


def spelled(text: str) -> str:
    """A text with one character for the arrows that are typed, ``<=>``, ``==>``, ``->``; all else in its
    place."""

    def arrow(m: re.Match[str]) -> str:
        sign = "⇔" if m.group()[0] == "<" else "⇒" if m.group()[0] == "=" else "→"
        return sign.ljust(len(m.group()))

    return _TYPED.sub(arrow, text) if "->" in text or "=>" in text else text


def with_arrows(found: Sequence[Statement], text: str) -> list[Statement]:
    """The statements with the arrows that stand in front of them in the words: ``$A = B$ ⇒ $C = D$``. An
    ``→`` between two equations is one as well."""
    out: list[Statement] = []
    for s in found:
        last = out[-1] if out else None
        if last is None or not _stated(last) or not _stated(s) or s.lead not in ("", "->"):
            out.append(s)
            continue
        if not s.lead and _WORDED.fullmatch(s.words):
            out.append(replace(s, lead="<=>", words=""))
            continue
        start, end = s.members[0][0].start, last.members[-1][-1].end
        if s.lead == "->":
            out.append(replace(s, lead="=>"))
            continue
        between = re.sub(r"\$|\\[()\[\]]", " ", text[end:start])
        m = _BETWEEN.search(between) if start > end else None
        if m is None or "\n\n" in between[m.end() :]:
            out.append(s)
            continue
        words = " ".join(re.findall(r"[A-Za-z]+", m.group()[len(m["both"] or m["one"] or m["thin"]) :]))
        out.append(replace(s, lead="<=>" if m["both"] else "=>", words=words))
    return out


def _stated(s: Statement) -> bool:
    """Whether it is an equation or inequality, and no name or limit by itself."""
    whole = s.fault is None and bool(s.members) and all(s.members)
    return whole and any(r in _STATED for r in s.relations)
