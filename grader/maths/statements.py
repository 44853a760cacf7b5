r"""A piece of an answer → its statements: chains ``A = B = C`` with what stands around them.

Here the mathematics is found in the prose, boxes are taken out, and displays that begin with ``=`` are
joined to the chain they continue. Nothing is evaluated.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from grader.errors import LimitFault
from grader.maths.adjacent import Region, joined
from grader.maths.chains import RELATIONS, Statement, ends_with_operator, read_rows, starts_with_operator

__all__ = ["RELATIONS", "Statement", "find_statements", "is_program", "outside_dollars"]

MAX_STATEMENTS = 400
MAX_KEPT = 20_000  # characters of a text whose statements are remembered

# no span holds the beginning of another of its sort: a lost end must not make each beginning scan the rest
_SPANS = re.compile(
    r"\$\$(?P<dd>.+?)\$\$"
    r"|\\\[(?P<br>(?:(?!(?<!\\)\\\[).)+?)\\\]"
    r"|\\\((?P<pa>(?:(?!(?<!\\)\\\().)+?)\\\)"
    r"|\\begin\{(?P<env>align|aligned|equation|gather|gathered|multline|eqnarray|split|alignat|flalign|displaymath|math)(?P<st>\*?)\}"
    r"(?P<body>(?:(?!\\begin\{(?P=env)(?P=st)\}).)+?)\\end\{(?P=env)(?P=st)\}"
    r"|(?<!\\)\$(?P<d>(?:\\.|[^$\\])+?)\$",
    re.DOTALL,
)

# what a line of Markdown begins with: bullets, numbers, "(a)", headings, quotations; before a bare
# expression "- " is a minus sign
_MARKS = re.compile(
    r"^\s*(?:[*•]\s+|-\s+(?=[^\n]*[=:≈])|>\s+(?=[^\n]*[=:≈])|#+\s+|\(?[a-z]\)\s+|\d{1,2}[.)]\s+(?=[A-Za-z\\(\[|‖]))"
)
_HEADING = re.compile(r"\s*+(?:final |my )?(?:answer|ans|solution|sol)\s*[.:](?=\s)", re.IGNORECASE)
_QED = re.compile(r"\bQ\.?E\.?D\.?\s*$", re.IGNORECASE)
_ARGUMENT = re.compile(r"^\s*(?:\[[tbc]\]|\{\d+\})")  # of \begin{aligned}[t], \begin{alignat}{2}
_STRUCK = re.compile(r"(?<!\S)~~[^~\n]+~~")
_DOLLARS_IN_WORDS = re.compile(
    r"\\text\{(?P<w>[a-z ]{1,20})\$(?P<m>[^$\n&]{1,99})\$[ .,;]{0,3}\}"
)  # \text{if $z > 0$}
# what the writer took back, or did not mean to show
_STRUCK_OUT = re.compile(
    r"<!--(?:(?!<!--).)*?-->|<(?P<tag>del|s|strike)>(?:(?!<(?P=tag)>).)*?</(?P=tag)>"
    r"|(?<!\S)~~(?=\S)[^~]+?(?<=\S)~~(?!\S)",
    re.DOTALL | re.IGNORECASE,
)
_BOX = re.compile(r"\\(?:boxed|fbox)\s*\{")
_BOLD = re.compile(r"\*\*([^*\n]+?)\*\*(?=\s|[:.,]|$)")
_EMPHASIS = re.compile(r"^(\s*)([*_])(?![*_])(.+?)\2(?=\s*$)")


def find_statements(text: str, *, decimal_comma: bool = False) -> list[Statement]:
    """The statements of a text, in order. Text without any ``$`` or display is read line by line."""
    if len(text) > MAX_KEPT:
        return _statements(text, decimal_comma)
    return list(_found(text, decimal_comma))


@lru_cache(maxsize=128)  # several criteria read one answer, some of them line by line
def _found(text: str, decimal_comma: bool) -> tuple[Statement, ...]:
    return tuple(_statements(text, decimal_comma))


def _statements(text: str, decimal_comma: bool) -> list[Statement]:
    text = (
        _STRUCK_OUT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
        if "~~" in text or "<" in text
        else text
    )
    if "cases" in text and "$" in text:
        text = _DOLLARS_IN_WORDS.sub(r"\\text{\g<w>}\g<m>  ", text)
    out: list[Statement] = []
    pos = brackets = 0
    marked = "$" in text or ("\\" in text and ("\\(" in text or "\\[" in text or "\\begin" in text))
    spans = list(_SPANS.finditer(text)) if marked else []
    if not spans:
        return _plain_lines(text, decimal_comma)
    regions = joined(text, [_region(m) for m in spans[:MAX_STATEMENTS]])
    for k, r in enumerate(regions):
        between = text[pos : r.begin]
        words = _words(between)
        brackets = max(0, brackets + between.count("(") - between.count(")"))
        pos = r.end
        found = _span(r.inner, r.start, words, r.display, decimal_comma)
        if between.strip() == "=" and found:  # $x$ = $y$
            found[0] = replace(found[0], lead="=", words="")
        if brackets and ")" in text[pos:]:
            found = [replace(s, aside=True) for s in found]
        behind = text[pos : regions[k + 1].begin if k + 1 < len(regions) else len(text)]
        found = [replace(s, before=between, behind=behind, doubt=r.doubt) for s in found]
        _join(out, found)
    tail = text[pos:].strip().split("\n")[0]
    if out and tail.startswith("=") and "$" not in tail:  # $\\eta$ = n/2
        _join(out, _span(tail, text.index(tail, pos), "", True, decimal_comma, plain=True))
        return _at_most(out, text, len(spans))
    if out:
        out[-1] = replace(out[-1], after=(out[-1].after + " " + _words(text[pos:])).strip()[:200])
    return _at_most(out, text, len(spans))


def _at_most(out: list[Statement], text: str, spans: int) -> list[Statement]:
    """Those that are read; where there are more, the last one says so, so that nobody takes them for all."""
    if max(len(out), spans) <= MAX_STATEMENTS:
        return out
    fault = LimitFault(f"more than {MAX_STATEMENTS} formulas; what comes after them is not looked at")
    return [*out[:MAX_STATEMENTS], Statement("", len(text), fault=fault)]


def outside_dollars(text: str, decimal_comma: bool = False) -> list[Statement]:
    """The statements on lines without any marked formula, in a text whose other formulas are marked."""
    spans = list(_SPANS.finditer(text)) if "$" in text or "\\" in text else []
    if not spans and "$" not in text:
        return []
    kept, pos = [], 0
    for m in spans[:MAX_STATEMENTS]:
        kept.append(
            text[pos : text.rfind("\n", 0, m.start()) + 1]
        )  # empty where a span begins on the same line
        end = text.find("\n", m.end())
        pos = max(pos, len(text) if end < 0 else end)
    kept.append(text[pos:] if len(spans) <= MAX_STATEMENTS else "")
    lines = [line for line in "".join(kept).split("\n") if "$" not in line]
    return find_statements("\n".join(lines), decimal_comma=decimal_comma)


def _region(m: re.Match[str]) -> Region:
    group = next(g for g in ("dd", "br", "pa", "body", "d") if m.group(g) is not None)
    inner = m.group(group)
    if group == "body":
        inner = _ARGUMENT.sub(lambda a: " " * len(a.group()), inner, count=1)
    return Region(m.start(), m.end(), m.start(group), inner, group not in ("d", "pa"))


def _words(prose: str) -> str:
    prose = re.sub(r"\(\d+(?:\.\d+)*\)", " ", prose)  # equation numbers
    return " ".join(re.sub(r"[*_`#>|]+", " ", prose).split())[-200:]


def _plain_lines(text: str, decimal_comma: bool) -> list[Statement]:
    out: list[Statement] = []
    offset = 0
    program = is_program(text)
    flows = program and _FLOW.search(text) is not None
    text = _program(text) if program else text
    for line in _lines(text):
        if line.strip():
            _join(out, _span(_without_markdown(line), offset, "", True, decimal_comma, plain=True))
        offset += len(line) + 1
        if len(out) > MAX_STATEMENTS:
            break
    if flows:
        out = [replace(s, doubt="a loop, a condition or a deletion in the program") for s in out]
    return _at_most(out, text, 0)


def _without_markdown(line: str) -> str:
    """A line with blanks for what only Markdown means."""
    line = line.replace("`", " ")
    heading = _HEADING.match(line)
    if heading:
        line = " " * heading.end() + line[heading.end() :]
    if "q" in line or "Q" in line:
        line = _QED.sub(lambda m: " " * len(m.group()), line)
    mark = _MARKS.match(line)
    if mark:
        line = " " * mark.end() + line[mark.end() :]
    if "*" in line or "_" in line:
        line = _BOLD.sub(lambda m: "  " + m.group(1) + "  ", line)
        line = _EMPHASIS.sub(r"\1 \3 ", line)
    return _STRUCK.sub(lambda m: " " * len(m.group()), line) if "~~" in line else line


_CODE = re.compile(
    r"@|\.T\b|\b(?:np|numpy|torch|jnp)\.|\.shape\b|^[ \t]*(?:return|import|def)\b", re.MULTILINE
)
_NO_VALUE = re.compile(
    r"^[ \t]*(?:import|from|assert)\b[^\n]*|^[ \t]*def\b[^\n:]*:|#[^\n]*"
    r"|^[ \t]*\w+(?:[ \t]*,[ \t]*\w+)+[ \t]*=[^\n]*\.shape[ \t]*$"
    r"|\breturn\b|^[ \t]*\w*```\w*[ \t]*$",
    re.MULTILINE,
)


def is_program(text: str) -> bool:
    """Whether a text is array code."""
    return "\\" not in text and _CODE.search(text) is not None


# what happens in a program is not what its lines say one by one
_FLOW = re.compile(
    r"(?:^|;|:)[ \t]*"
    r"(?:(?:for|while|with|if|elif)\b[^\n=:]{0,99}:|(?:else|try)[ \t]*:|(?:del|exec|raise|global)\b)",
    re.MULTILINE,
)


def _program(text: str) -> str:
    """Array code with only its assignments and values left, every character in its place."""
    text = _NO_VALUE.sub(lambda m: " " * len(m.group()), text)
    out, depth = [], 0
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        out.append("\n" if c == ";" and depth == 0 else c)
    return "".join(out)


def _lines(text: str) -> list[str]:
    """The lines of plain text; one that leaves a bracket open or goes on with an operator is continued."""
    if "\\begin" in text or "\\\\" in text or "\n" not in text.strip():
        return [text]
    lines = text.split("\n")
    out: list[list[str]] = []
    open_brackets = 0
    for line in lines:
        before = out[-1][-1] if out else ""
        goes_on = before.strip() and (re.match(r"\s*[+·*/]", line) or _is_rest(before, line))
        if out and (open_brackets > 0 or goes_on):
            out[-1].append(line)
        else:
            out.append([line])
            open_brackets = 0
        open_brackets += sum((c in "([{") - (c in ")]}") for c in line)
    return lines if open_brackets > 0 else ["\n".join(o) for o in out]


def _is_rest(before: str, line: str) -> bool:
    """Whether a line is the rest of an equation: it begins with a minus sign and says nothing else."""
    if re.search(r"[-+*/·=(,]\s*$", before):
        return bool(line.strip())
    starts = re.match(r"\s*[-−]", line) and not re.match(r"\s*[-*•]\s", before)
    return bool(starts and "=" in before and "=" not in line and not re.search(r"[A-Za-z]{4}", line))


def _join(out: list[Statement], found: list[Statement]) -> None:
    """Append; a statement that begins with ``=`` or an operator continues the one before."""
    for s in found:
        last = out[-1] if out else None
        if last is None or last.fault is not None or s.fault is not None or not last.members:
            out.append(s)
        elif last.unfinished and not s.lead and not s.words:
            out[-1] = _joined(last, s, RELATIONS[last.unfinished.text])
        elif _goes_on(last, s):
            members = (*last.members[:-1], last.members[-1] + s.members[0], *s.members[1:])
            joined = _joined(last, s, "=")
            out[-1] = replace(joined, members=members, relations=last.relations + s.relations)
        elif s.lead == "=" and not s.words:
            k = len(out) - 1
            while k and out[k].aside and out[k].display and out[k].start == out[k - 1].start == s.start:
                k -= 1
            out[k] = _joined(out[k], s, "=")
        else:
            out.append(s)


def _joined(last: Statement, s: Statement, relation: str) -> Statement:
    return replace(
        last,
        members=last.members + s.members,
        relations=(*last.relations, relation, *s.relations),
        text=last.text + " " + s.text,
        after=s.after,
        behind=s.behind,
        doubt=last.doubt or s.doubt,
        boxed=s.boxed or last.boxed,
        unfinished=s.unfinished,
    )


def _goes_on(last: Statement, s: Statement) -> bool:
    """Whether a row continues the sum or product of the row before it."""
    if s.lead or s.words or not s.display or s.start != last.start or last.unfinished:
        return False
    if not (s.members and s.members[0] and last.members[-1]):
        return False
    return starts_with_operator(s.members[0]) or ends_with_operator(last.members[-1])


def _span(
    inner: str, start: int, words: str, display: bool, decimal_comma: bool, plain: bool = False
) -> list[Statement]:
    """The statements of one display or line, with what stands in a box marked."""
    out: list[Statement] = []
    pos = 0
    for whole, inside in _boxes(inner):
        before = inner[pos : whole[0]]
        if before.strip(" \t\r\n\\&"):
            _join(
                out, read_rows(before, start + pos, words if not out else "", display, decimal_comma, plain)
            )
        said = ("or" if re.search(r"\bor\b", before) else "") if out or before.strip() else words
        box = read_rows(inner[inside[0] : inside[1]], start + inside[0], said, display, decimal_comma)
        _join(out, [replace(s, boxed=True) for s in box])
        pos = whole[1]
    rest = inner[pos:]
    if not pos or rest.strip(" \t\r\n\\&.,;"):
        _join(out, read_rows(rest, start + pos, words if not out else "", display, decimal_comma, plain))
    return out


def _boxes(inner: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    out: list[tuple[tuple[int, int], tuple[int, int]]] = []
    m = _BOX.search(inner) if "box" in inner else None
    while m:
        depth, i = 1, m.end()
        while i < len(inner) and depth:
            if inner[i] == "\\":
                i += 2
                continue
            depth += {"{": 1, "}": -1}.get(inner[i], 0)
            i += 1
        if depth:
            break
        out.append(((m.start(), i), (m.end(), i - 1)))
        m = _BOX.search(inner, i)
    return out
