r"""Mathematics that stands outside the dollars, beside a formula: ``-$X^T a$``, ``w - $X^T a$``, ``$x$ / n``.

On the page it is one formula, so it is read as one. What stands too close to be prose and does not join
(``2 $x$``: a factor, or a number of the list?) is a doubt that the formula carries.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.maths.alphabet import GREEK_NAMES
from grader.maths.vocabulary import FUNCTIONS

__all__ = ["Region", "joined"]

_NEAR = 400  # characters in which another item of a list is looked for
_OPERATORS = "-+−–*·⋅×÷/^=<>≠≤≥≈≡∝∼⊥±∓⊙∘←"
_STARTS = frozenset("-+−–*·⋅×÷/^=<>≠≤≥≈≡∝∼⊥±∓⊙∘²³⁻⁰¹⁴⁵⁶⁷⁸⁹ᵀ'′%!_")
_ENDS = frozenset("-+−–*·⋅×÷/^=<>≠≤≥≈≡∝∼⊥±∓⊙∘←√∇∂(")
_ALLOWED = re.compile(r"[-+−–*·⋅×÷/^=<>≠≤≥≈≡∝∼⊥±∓⊙∘←()\[\]{}|‖∇∂√,.'′!%\w\\@]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_NO_MATHS_TEXT = """
A I Q.E.D a a.k.a c.f c/o e.g i.e n/a q.e.d s.t w.r.t w/ w/o
"""
_NO_MATHS = frozenset(_NO_MATHS_TEXT.split())
_NUMBERED_TEXT = """
answer attempt case chapter eq eqn equation ex exercise figure item layer line method number option page
part point problem q question row section solution step table task way
"""
_NUMBERED = frozenset(_NUMBERED_TEXT.split())
_ENUMERATOR = re.compile(
    r"\(?(?:\d{1,2}(?:\.\d+)*|[a-zA-Z]|[ivx]{1,4})[.):]+|\(\d+(?:\.\d+)*\)|\(?[a-zA-Z]\)"
)
_NEUTRAL = re.compile(r"[*_]{2,}|[_#\"“”«»,.;:()|—]+")
_OPENS = re.compile(r"\s*+(?:=|:=|\\(?:approx|equiv|coloneqq|triangleq)\b|≈|≡|≔)")
_CLOSED = re.compile(r"(?:[-+−*·/=(]|\\(?:cdot|times|odot|left\())\s*$")


@dataclass(frozen=True, slots=True)
class Region:
    """A formula in a text: ``inner`` is what it says, from ``start`` on; ``end`` is behind its last sign;
    ``doubt`` names what stands beside it and could not be joined to it."""

    begin: int
    end: int
    start: int
    inner: str
    display: bool
    doubt: str = ""


def joined(text: str, regions: Sequence[Region]) -> list[Region]:
    """The formulas of a text with the mathematics beside them."""
    out: list[Region] = []
    at = 0
    for k, region in enumerate(regions):
        gap = text[at : region.begin]
        if out and _is_one(gap, out[-1], region):
            out[-1] = _merged(text, out[-1], region)
            at = region.end
            continue
        region = _with_left(text, at, region, first=k == 0)
        limit = regions[k + 1].begin if k + 1 < len(regions) else len(text)
        region = _with_right(text, region, limit, last=k + 1 == len(regions))
        if out and not gap.strip() and region.begin == at + len(gap):
            region = _unsure_neighbours(out, region, gap)
        out.append(region)
        at = region.end
    return out


def _is_one(gap: str, left: Region, right: Region) -> bool:
    """Whether nothing but operators, numbers and single letters stands between two formulas."""
    if gap.strip() == "=" or "\n\n" in gap or (left.display and right.display and gap.strip()):
        return False
    tokens = gap.replace("`", " ").split()
    if not tokens:
        ends = _CLOSED.search(left.inner) is not None
        equation = left.display and right.display and "=" in right.inner  # -3 = x is one of its own
        minus = "=" in left.inner and not equation
        goes_on = re.match(r"\s*[-−+*/·]" if minus else r"\s*[+*/·]", right.inner) is not None
        return not left.inner.rstrip().endswith("=") and (ends or goes_on)
    strong = any(c in _OPERATORS for c in gap)
    if not strong or any(not _is_maths(t) or _ENUMERATOR.fullmatch(t) for t in tokens):
        return False
    if tokens[0] in ("-", "–", "*", "+") and re.search(r"\n\s*[-–*+]\s", gap):
        return False  # the next item of a list
    return tokens[0][0] in _STARTS and tokens[-1][-1] in _ENDS


def _merged(text: str, left: Region, right: Region) -> Region:
    between = text[left.end : right.begin].replace("`", " ")
    pad = " " * (left.end - left.start - len(left.inner))
    inner = left.inner + pad + between + " " * (right.start - right.begin) + right.inner
    return replace(left, end=right.end, inner=inner, display=left.display or right.display)


def _unsure_neighbours(out: list[Region], region: Region, gap: str) -> Region:
    """``$\\frac{2}{n}$ $X^T a$`` side by side: a product, or two answers?"""
    related = re.search(r"=|\\(?:implies|iff|Rightarrow|to|in|le|ge|approx)\b|[<>≈≤≥⇒]", region.inner)
    if related or "\n" in gap or out[-1].display or region.display:
        return region
    return replace(region, doubt="another formula stands directly before it")


def _with_left(text: str, at: int, region: Region, *, first: bool) -> Region:
    gap = text[at : region.begin].replace("`", " ")
    tokens = list(re.finditer(r"\S+", gap))
    taken = len(tokens)
    while taken and _is_maths(tokens[taken - 1].group()):
        token = tokens[taken - 1].group()
        behind = gap[tokens[taken - 1].end() : tokens[taken].start() if taken < len(tokens) else len(gap)]
        if "\n\n" in behind or ("\n" in behind and token[-1] not in _ENDS):
            break
        if taken < len(tokens) and token[-1] in ",.;:":
            break
        taken -= 1
    found = tokens[taken:]
    while found and _is_mark(found[0].group(), gap, found[0].start(), text, at):
        found = found[1:]
    if not found or found[-1].group()[-1] in ",.;:" or _NEUTRAL.fullmatch(found[-1].group()):
        return region
    said = gap[found[0].start() :].strip()
    before = tokens[tokens.index(found[0]) - 1].group() if tokens.index(found[0]) else ""
    quoted = (
        said == ">" and "=" in region.inner and not text[: at + found[0].start()].rpartition("\n")[2].strip()
    )
    if said == "=" or quoted:
        return region
    if said in ("-", "–", "−") and gap.endswith(" ") and (before or "\n" in gap[: found[0].start()] or first):
        doubt = f"'{said}' before it may be a dash or a minus sign"
        place = at + found[0].start()
        bullet = _in_list(text, place) or (
            "=" in region.inner and not text[:place].rpartition("\n")[2].strip()
        )
        return region if bullet else replace(region, doubt=doubt)
    opens = _OPENS.match(region.inner) is not None and not first
    if said[-1] in _ENDS or (opens and said[-1].isalnum()):
        begin = at + found[0].start()
        pad = " " * (region.start - region.begin)
        inner = text[begin : region.begin].replace("`", " ") + pad + region.inner
        return replace(region, begin=begin, start=begin, inner=inner)
    if before.lower().strip(":.#*(") in _NUMBERED:
        return region
    return replace(region, doubt=f"'{said[-30:]}' stands directly before it, outside of the formula")


def _with_right(text: str, region: Region, limit: int, *, last: bool) -> Region:
    gap = text[region.end : limit].replace("`", " ")
    line = gap.split("\n")[0]
    if last and line.strip().startswith("="):
        return region  # read to the end of the line
    tokens = list(re.finditer(r"\S+", line))
    taken = 0
    while taken < len(tokens) and _is_maths(tokens[taken].group()):
        taken += 1
        if tokens[taken - 1].group()[-1] in ",.;:":
            break
    found = tokens[:taken]
    if not last and taken == len(gap.split()):
        return region  # looked at from the formula behind it
    while found and _NEUTRAL.fullmatch(found[0].group()) and not _unclosed(region.inner):
        found = found[1:] if found[0].group().strip('*_"“”)') == "" and found[0].start() == 0 else []
    if not found:
        return region
    said = line[found[0].start() : found[-1].end()].rstrip(",.;:")
    dash = re.fullmatch(r"[-–−*+]", said) is not None
    if not said or dash or _ENUMERATOR.fullmatch(found[0].group()) or re.fullmatch(r"[*_]+", said):
        return region
    if said[0] == ")" and not _unclosed(region.inner):
        if said.strip(")") == "":
            return region
        return replace(region, doubt=f"'{said[:30]}' stands directly behind it, outside of the formula")
    if said[0] in _STARTS or said[0] == ")":
        if said[-1] in _ENDS or said[0] in "%!":
            return replace(region, doubt=f"'{said[:30]}' stands directly behind it, outside of the formula")
        end = region.end + found[0].start() + len(said)
        pad = " " * (region.end - region.start - len(region.inner))
        inner = region.inner + pad + text[region.end : end].replace("`", " ")
        return replace(region, end=end, inner=inner)
    if said[0] == "(" and re.search(r"[=<>≠≤≥≈]", said):
        return region  # a condition in brackets
    return replace(region, doubt=f"'{said[:30]}' stands directly behind it, outside of the formula")


def _unclosed(inner: str) -> bool:
    return inner.count("(") > inner.count(")")


def _is_maths(token: str) -> bool:
    """Whether a word between blanks is written like mathematics: signs, numbers, single letters."""
    if not _ALLOWED.fullmatch(token) or token.strip("(),.;:") in _NO_MATHS:
        return False
    signs = any(c in _OPERATORS and c not in "-–" for c in token)
    for run in _LETTERS.findall(token):
        if len(run) > 1 and run not in FUNCTIONS and run not in GREEK_NAMES and not (signs and len(run) < 4):
            return False
    return any(c.isalnum() or c in _OPERATORS or c in "∇∂√()[]'′!%" for c in token)


def _is_mark(token: str, gap: str, start: int, text: str, at: int) -> bool:
    """A number of a list, a bullet, emphasis: nothing of the formula."""
    if _ENUMERATOR.fullmatch(token) or re.fullmatch(r"[*_#|]{2,}|[#|_]", token):
        return True
    opens = not gap[:start].strip(" \t") if at == 0 else "\n" in gap[:start] and not gap[:start].strip()
    line_start = opens or gap[:start].rstrip(" \t").endswith("\n")
    if token == "*" and (line_start or not gap[start + 1 :]):
        return True
    return token in ("-", "+", "–", ">") and line_start and _in_list(text, at + start)


def _in_list(text: str, place: int) -> bool:
    """Whether a bullet stands here: another line begins like this one, or words follow."""
    start = text.rfind("\n", 0, place) + 1
    if text[start:place].strip():
        return False
    mark = re.escape(text[place])
    if text[:start].endswith("\n\n"):
        return True
    around = text[max(0, start - _NEAR) : place + _NEAR]
    return len(re.findall(rf"^[ \t]*{mark}(?:\s|$)", around, re.MULTILINE)) > 1
