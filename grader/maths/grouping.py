r"""Which rows and formulas of a text are one chain: a row beside an aside, ``$A$, which equals $B$``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.maths.chains import Statement
from grader.maths.statements import find_statements

__all__ = [
    "DELIMITER",
    "arithmetic_in_prose",
    "behind_asides",
    "by_rows",
    "in_words",
    "with_labels_of_two_words",
    "without_dollars",
]

DELIMITER = re.compile(r"\$|\\[\[\]()]|\\(?:begin|end)\{(?!aligned|split|gathered)")
# "…, which equals $B$": the chain of the formula before goes on in words
_EQUALS_IN_WORDS = re.compile(
    r"[\s,;.]*+(?:and|but|so|hence|thus)?[\s,]*+(?:which|(?P<far>this|that|it|the latter))?\s*+"
    r"(?:(?:in turn|also|then|now|further|again|just|simply|clearly|of course|exactly|is|can be|may be"
    r"|we can)\s+)*"
    r"(?:equals?|equal to|becomes?|simplif(?:y|ies|ied) (?:to|as)|reduc(?:es?|ed) to|expand(?:s|ed)? to"
    r"|(?:re)?(?:written|write(?: it| this)?) (?:again )?as|the same as|amounts to|turns into|evaluates to"
    r"|(?:comes|works) out (?:to|as)|factors as|(?P<bare>is|that is|i\.e\.?))[\s,:]*",
    re.IGNORECASE,
)
_SIZES = re.compile(r"^[A-Za-z\d]+\s*(?:\\times|×)\s*[A-Za-z\d]+$")  # n × d
_PLAIN_SIGNS = re.compile(r"[²³ᵀ₀-₉ηλσΣ√‖−·×∂∇]")
_PROSE = re.compile(r"[A-Za-z]{4}|\\")
_SUM = r"[(\[]{0,6}\d[\d\s.,()\[\]+\-−*/×·^]{0,120}[\d)\]]"
_PROSE_SUM = re.compile(
    rf"(?<![\w.,/^$=])(?P<left>{_SUM})(?:\s*=\s*{_SUM}){{0,6}}?\s*=\s*(?P<right>\d[\d,]*(?:\.\d+)?)"
    r"(?![\w^(]|\s*[-+*/×·=]\s*[\d(])"
)
_TWO_WORDS = re.compile(r"(?<=[,;:] )([a-z]{3,20}) ([a-z]{3,20})(?=\s*=)")
_SPANS = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|\\\[.*?\\\]|\\begin\{.*?\\end\{", re.DOTALL)


def by_rows(text: str, s: Statement) -> list[Statement]:
    r"""A row that begins with a minus sign and has its left side in front of its ``&`` is an equation of its
    own: ``x - 1 &= 2x \\\\ -3 &= x``."""
    for k, m in enumerate(s.members[1:], 1):
        for i in range(1, len(m)):
            between = text[m[i - 1].end : m[i].start]
            if m[i].text != "-" or not between.rstrip().endswith("\\\\") or k >= len(s.members) - 1:
                continue
            if not re.match(r"\s*&", text[m[-1].end :]):
                continue
            first = replace(s, members=(*s.members[:k], m[:i]), relations=s.relations[:k], unfinished=None)
            rest = replace(
                s,
                members=(m[i:], *s.members[k + 1 :]),
                relations=s.relations[k:],
                lead="",
                words="",
                start=m[i].start,
            )
            return [first, *by_rows(text, rest)]
    return [s]


_MADE_OF = re.compile(
    r"\b(?:gradient|derivative|differential|hessian|jacobian|norm|trace|inverse|transpose|square|root|rank"
    r"|determinant|mean|expectation|variance|logarithm|exponential|size|length|number|dimension|shape|minim\w+|maxim\w+"
    r"|optim\w+|solution|zero|coefficient|factor|part|half|slope|curvature|eigenv\w+|entr(?:y|ies)|row|column)s?"
    r"(?: [a-z]+){0,3} of(?: [a-z]+){0,4}[ :]*$",
    re.IGNORECASE,
)


def in_words(found: Sequence[Statement], text: str) -> list[Statement]:
    """Chains that go on in words: ``$A$, which equals $B$``."""
    out: list[Statement] = []
    for s in found:
        last = out[-1] if out else None
        m = _EQUALS_IN_WORDS.fullmatch(s.words) if s.words and len(s.members) == 1 and not s.lead else None
        if m is None or last is None or not last.members or last.fault is not None or s.aside or s.relations:
            out.append(s)
            continue
        start = s.members[0][0].start if s.members[0] else s.start
        between = text[last.members[-1][-1].end : start] if last.members[-1] else "."
        plain = m["bare"] == "is"
        if _MADE_OF.search(last.words):  # the gradient of A is B
            out.append(s)
            continue
        bare = plain and (_SIZES.search(s.text) or (last.relations and (m["far"] or "," not in between)))
        if bare or "in" in last.relations or (plain and re.search(r"[.;][\s$]", between)):
            out.append(s)
        elif last.display or s.display:
            out.append(replace(s, lead="=", words=""))
        else:
            members, relations = last.members + s.members, (*last.relations, "=")
            text_ = f"{last.text} = {s.text}"
            out[-1] = replace(last, members=members, relations=relations, text=text_, after=s.after)
    return out


def behind_asides(text: str, s: Statement, before: Statement | None) -> list[Statement]:
    r"""Rows that go on from the one above, not from what stands beside it: ``= B \\quad (b = c)``."""
    if before is None or not before.members or not before.members[-1] or not s.members or not s.members[0]:
        return [s]
    between = text[before.members[-1][-1].end : s.members[0][0].start]
    if not s.display or "\\\\" in between or DELIMITER.search(between) or "\n\n" in between:
        return [s]
    for k in range(1, len(s.members)):
        above, below = s.members[k - 1], s.members[k]
        if above and below and s.relations[k - 1] == "=" and "\\\\" in text[above[-1].end : below[0].start]:
            first = replace(s, members=s.members[:k], relations=s.relations[: k - 1], unfinished=None)
            rest = replace(s, members=s.members[k:], relations=s.relations[k:], lead="=", words="")
            return [first, replace(rest, start=below[0].start, aside=False)]
    return [s]


def without_dollars(text: str, decimal_comma: bool) -> list[Statement]:
    """Lines that are formulas, in a text whose other formulas stand between dollars."""
    if "$" not in text or not _PLAIN_SIGNS.search(text):
        return []
    spans = [m.span() for m in _SPANS.finditer(text)]
    kept = []
    at = 0
    for line in text.split("\n"):
        formula = "=" in line and _PLAIN_SIGNS.search(line) and not _PROSE.search(line)
        inside = any(start < at + len(line) and at < end for start, end in spans)
        kept.append(line if formula and not inside else " " * len(line))
        at += len(line) + 1
    if not any(line.strip() for line in kept):
        return []
    found = find_statements("\n".join(kept), decimal_comma=decimal_comma)
    return [s for s in found if s.fault is None and s.relations]


def arithmetic_in_prose(text: str, decimal_comma: bool) -> list[Statement]:
    """Arithmetic in sentences: ``((9 × 3)+1) × 64 = 1782``."""
    out = []
    plain = re.sub(
        r"\$\$.*?\$\$|\$[^$]*\$|\\\[.*?\\\]|\\\(.*?\\\)|\\begin.*?\\end", _blank, text, flags=re.DOTALL
    )
    plain = re.sub(r"```.*?```", _blank, plain, flags=re.DOTALL)
    for m in _PROSE_SUM.finditer(plain):
        if not re.search(r"[-+*/×·−]", m["left"]):
            continue
        for s in find_statements(m.group(), decimal_comma=decimal_comma):
            if s.fault is None and len(s.members) > 1:
                moved = tuple(
                    tuple(t._replace(start=t.start + m.start(), end=t.end + m.start()) for t in member)
                    for member in s.members
                )
                out.append(replace(s, latex=False, members=moved, start=m.start()))
    return out


def _blank(m: re.Match[str]) -> str:
    return " " * len(m.group())


def with_labels_of_two_words(text: str) -> str:
    """``output padding =`` as one name, beside a ``padding =``."""

    def joined(m: re.Match[str]) -> str:
        other = re.search(rf"(?:^|[,:;])\s*{m[2]}\s*=", text, re.MULTILINE)
        return f"{m[1]}_{m[2]}" if other else m[0]

    return _TWO_WORDS.sub(joined, text)
