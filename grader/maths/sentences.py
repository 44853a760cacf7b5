"""Formulas in sentences without dollars: "The rate is n/2, so we are done." → the formula by itself.

Only English words that cannot be names of quantities count as prose; a run of letters that is none of
them stays where it is, so an undeclared name is still a fault.
"""

from __future__ import annotations

import re

from grader.maths.alphabet import GREEK_NAMES
from grader.maths.vocabulary import FUNCTIONS

__all__ = ["FULL_STOP", "MIN_WORDS", "formulas_apart", "is_sentence", "prose_runs"]

MIN_WORDS = 4  # below this an answer is a name or a verdict rather than an explanation
MAX_TEXT = 20_000  # characters

_ENGLISH = """
about above according affine after again algebra all also always an and another any are as at average back
be because becomes been before below best both but by can cannot case chain check collect comes completes
compute computing condition constant convex could decreasing definition denominator denote derivative
derivatives descent differentiate differentiating direction do does done each either equal equals equation
equivalently every expand expanding expression factor final finally find finding first following follows for
formula from full function further get gets give given gives gradient gradients had has have hence here how
however hypothesis identity if implies in increasing initial inner input inserting inside instead into
invertible is it its itself just larger last layer learning leaves left let linear loss made makes matrix
may me means minimal minimize minimized minimum minus more multiple multiplied multiply must my namely need
needs negative never new next no non norm not note now number obtain obtained of old on once one only
optimal optimum or order orthogonal other otherwise our out outer over overall parallel parameters plug
plugging plus point positive problem product proof proportional put putting quadratic rate recall replace
result right rule same sample samples satisfies scalar second set sets setting should show shown shows
similarly simplifies simplify simplifying since single smaller so solution solve solved solving some span
square squared start starting step still substitute substituting such sum take taking term terms than that
the their them then there therefore these they third this those through thus times to together total
transpose transposed two unique update updated use used using value values vanishes vector was we weights
well were what when where whereas which while whole whose will with without would write writing yes yield
yields you zero
"""
_PROSE = frozenset(_ENGLISH.split())
_WORD = re.compile(r"(?<![\\\w^{}'])[A-Za-z]+(?:['’-][A-Za-z]{2,})*(?![\w^({]|_\w)")
_BETWEEN = re.compile(r"[\s,;:.!?()–—-]*")
# "a" before a noun, "I" before a verb; "where a is …" speaks of the vector
_ARTICLE = re.compile(
    r"[aA]\s+(?!(?:is|are|as|and|or|by|so|in|to|we|with|was|for|here|be|from|then|denotes?|means?)\b)[A-Za-z]{2,}"
    r"|I\s+(?!(?:is|as|and|or)\b)[A-Za-z]{2,}"
)
_VERBS = re.compile(r"(?:is|are|equals|becomes|(?:is |are )?(?:given by|equal to))", re.IGNORECASE)
# what prose in brackets leaves behind, bullets and punctuation
_EDGES = re.compile(r"^[\s,;:.)]*(?:[-*•]\s+)?|(?<![\s,;:.(])[\s,;:.(]+$")
_MARK = re.compile(r"^[ \t]{0,9}(?:[*_]{0,2})\(?([A-Ja-j])[.)](?:[*_]{0,2})[ \t]{1,9}", re.MULTILINE)
# the end of a sentence behind a formula, before another formula with a left side or a word
FULL_STOP = re.compile(
    r"(?<=[\w)\]}²³ᵀ⁻¹'’*])(?<!\b[eE]\.g)(?<!\b[iI]\.e)(?<!\b[Ee]q)(?<!\bFig)(?<!\bcf)(?<!\bvs)(?<!resp)(?<!approx)(?<!\bNo)"
    r"\.[ \t]{1,5}(?:[EI]\.[ge]\.,?[ \t]{1,5})?(?=[A-Z][a-z]|[^\s=≈<>]{1,24}[ \t]{0,5}[=≈])"
)
# "eta = 0.5: w = 3", "Pseudo-inverse: w = 3"
_COLON = re.compile(r"(?<=[\w)\]}²³ᵀ⁻¹'’*]):[ \t]{1,5}(?=[^\s=≈<>:]{1,24}[ \t]{0,5}[=≈])")
_NAME_OF = re.compile(r"\s{0,9}[A-Za-z][a-z]{3,30}(?:[ -][A-Za-z]{2,30}){0,5}")
_RELATION = re.compile(r"=|\\approx|≈|\\le|\\ge|≤|≥|<|>")


def is_sentence(text: str) -> bool:
    """Whether a text explains something in words rather than giving a formula, a name or a verdict."""
    plain = re.sub(r"\$[^$]*\$|\\[A-Za-z]+", " ", text)
    words = re.findall(r"[A-Za-z]{2,}", plain)
    return len(words) >= MIN_WORDS and any(w.lower() in _PROSE for w in words)


def formulas_apart(text: str) -> str:
    """``text`` with its formulas as displays (equations) and inline (the rest), if it has plain sentences.

    Text that marks its mathematics, and text without sentences, stays as it is.
    """
    if "$" in text or "\\(" in text or "\\[" in text or "\\begin" in text:
        return text
    if len(text) > MAX_TEXT:
        return text
    lines = [piece for line in _unmarked(text).split("\n") for piece in FULL_STOP.split(line)]
    if len(lines) == text.count("\n") + 1 and not any(prose_runs(line) for line in lines):
        return "\n".join(lines)
    return "\n".join(piece for line in lines for clause in _clauses(line) for piece in _apart(clause))


def _clauses(line: str) -> list[str]:
    """A sentence in front of and behind its colons, without what is only a name for the formula behind."""
    *before, last = _COLON.split(line)
    return [*(clause for clause in before if not _NAME_OF.fullmatch(clause)), last]


def _unmarked(text: str) -> str:
    """The lines without "(a)", "(b)" … in front, where these count from a; one alone may be a factor."""
    marks = [(m, m[1].lower()) for m in _MARK.finditer(text)]
    if len(marks) < 2 or [letter for _, letter in marks] != list("abcdefghij")[: len(marks)]:
        return text
    for m, _ in reversed(marks):
        text = text[: m.start()] + text[m.end() :]
    return text


def _apart(line: str) -> list[str]:
    runs = prose_runs(line)
    pieces = [""]
    at = 0
    for start, end in runs:
        pieces[-1] += line[at:start]
        if _VERBS.fullmatch(line[start:end].strip()) and _may_be_named(pieces[-1]):
            pieces[-1] += " = "
        else:
            pieces.append("")
        at = end
    pieces[-1] += line[at:]
    out = []
    for piece in pieces:
        formula = _EDGES.sub("", piece)
        if re.search(r"\w", formula):
            display = not runs or _RELATION.search(formula)
            out.append(f"$${formula}$$" if display else f"${formula}$")
    return out


def _may_be_named(before: str) -> bool:
    return bool(before.strip()) and not _RELATION.search(before)


def prose_runs(line: str) -> list[tuple[int, int]]:
    """Where prose stands: neighbouring words, at least one of which is surely English."""
    out: list[tuple[int, int]] = []
    start = end = -1
    sure = False
    for m in _WORD.finditer(line):
        if _is_function(line, m) or m.group().lower() in GREEK_NAMES or _depth(line, m.start()):
            continue
        joined = start >= 0 and _BETWEEN.fullmatch(line, end, m.start()) is not None
        if len(m.group()) == 1:
            before = line[: m.start()].rstrip()
            if not ((joined or not before or before[-1] in ",;:.") and _ARTICLE.match(line, m.start())):
                continue
        known = m.group().lower() in _PROSE
        if joined:
            end, sure = m.end(), sure or known
            continue
        if sure:
            out.append((start, end))
        start, end, sure = m.start(), m.end(), known
    if sure:
        out.append((start, end))
    return out


def _is_function(line: str, m: re.Match[str]) -> bool:
    word = m.group()
    if word not in FUNCTIONS:
        return False
    return word.lower() not in _PROSE or line[m.end() :].lstrip().startswith("(")


def _depth(line: str, at: int) -> int:
    return line.count("{", 0, at) - line.count("}", 0, at)
