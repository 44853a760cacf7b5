"""Values that an answer states: in a formula, under a label, in a sentence; and the one that is meant.

A claim is a chain of equal members or a value in prose, with what stands around it. Nothing is judged
here: ``pick`` only says which claim is the answer, and why one can be sure, or that one cannot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.errors import MathsFault, SyntaxFault, UnknownSymbolFault
from grader.maths.labels import label_key, label_of
from grader.maths.reading import read_member
from grader.maths.scope import Scope
from grader.maths.sentences import formulas_apart
from grader.maths.statements import Statement, find_statements
from grader.maths.tokens import Token, tokenize
from grader.maths.tree import Node
from grader.maths.wording import said_otherwise

__all__ = ["Choice", "Claim", "Value", "claims_in", "left_keys", "pick"]

MAX_TEXT = 20_000
MAX_CLAIMS = 200
MAX_WORDS = 200  # characters of prose that are kept before a claim
MAX_QUOTE = 120

_EQUAL = frozenset(("=", ":=", "~", "sim"))
_UNEQUAL = frozenset(("<", ">", "<=", ">=", "!=", "propto", "ll", "gg", "prec", "succ"))
BOUND = "bound"  # what stands behind < or ≠
BOUNDS = "bounds"  # and before it
_CONSTANTS = frozenset(("pi", "e"))


@dataclass(frozen=True, slots=True)
class Value:
    """A member of a chain; ``rounded``: it stands behind ≈."""

    node: Node
    text: str
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """``values``: the members that could be read, in order; ``fault``: why the last could not. ``labels``:
    what it is said to equal; ``left``: it has a left side. ``before``: the words of its sentence in front;
    ``gap``: all that stands between it and the claim before; ``denial``: the sign or word that makes it no
    value (``> 0``, "less than 0", "= 0 cannot be shown")."""

    values: tuple[Value, ...]
    labels: frozenset[str] = frozenset()
    left: bool = False
    boxed: bool = False
    before: str = ""
    gap: str = ""
    text: str = ""
    fault: MathsFault | None = None
    denial: str = ""

    @property
    def quote(self) -> str:
        return self.text[:MAX_QUOTE]


@dataclass(frozen=True, slots=True)
class Choice:
    """``why``: label, boxed, near, only or concludes; empty where none of the claims is surely meant."""

    claim: Claim | None
    why: str = ""


_MATHS = re.compile(
    r"\$\$.+?\$\$|\\\[.+?\\\]|\\\(.+?\\\)|\\begin\{(align|aligned|equation|gather|split)(\*?)\}.+?\\end\{\1\2\}"
    r"|(?<!\\)\$(?:\\.|[^$\\])+?\$",
    re.DOTALL,
)
# numbers that count or point at something and state nothing
_REFERENCES = re.compile(
    r"^[ \t]{0,9}(?:\(?(?:[a-z]|\d{1,2}|[ivx]{1,4})[.)](?=\s)|[-*•#>]{1,6}(?=\s))"
    r"|\b(?:fig(?:ure)?|eqs?|equation|section|problem|question|part|step|table|exercise|hint|page|item|case|point"
    r"|lemma|theorem|chapter|layer|epoch|iteration)s?\.?\s{0,3}\(?\d+(?:\.\d+)*\)?"
    r"|\b[lL]?_?\d-(?:norm|d(?:imensional)?)\b|\b\d+(?:st|nd|rd|th)\b|(?<=\s)\(\d{1,2}\)(?=\s|$)",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(
    r"(?<![\w.^_{\\/,])[-+−]?(?:\d[\d,.\u00a0\u202f]{0,60}|\.\d{1,60})(?:[eE][-+]?\d{1,3})?"
    r"(?:\s?(?:×|x|\*|·)\s?10(?:(?:\^|\*\*)[{(]?[-+−]?\d{1,3}[})]?|[⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}))?"
    r"(?:\s?/\s?\d{1,40}(?:\.\d{1,40})?)?(?:\s?\\?%)?(?![\w^]|-[A-Za-z])"
)
_WRAPPED = re.compile(
    r"(?:\b(?:np|numpy|torch|jnp|sp|sympy)\.)?\b(?:array|asarray|tensor|Matrix)\((\s{0,9}\[[^()]{0,400}\]\s{0,9})"
    r"(?:,\s{0,9}dtype\s?=\s?[\w.]{1,20})?\)"
)
_ARRAY = re.compile(r"\[\s{0,9}\[[^\[\]]{0,400}\](?:[\s,]{0,9}\[[^\[\]]{0,400}\]){0,60}[\s,]{0,9}\]")
_BRACKETS = re.compile(
    r"[\[(⟨<](?:[^\[\]()⟨⟩<>\n]|\([^()\n]{0,60}\)){1,200}[\])⟩>](?:\s?\^?\{?[Tᵀ⊤]\}?(?!\w))?"
)
_WITHIN = re.compile(r"[-+−*/^·×√=(]$|[A-Za-z]\($")  # a number behind this is a part of a formula
_GOES_ON = re.compile(r"\s{0,9}(?:[*/^·×(√]|[-+−]\s*[\w\\(]|[A-Za-z](?![A-Za-z]{2}))")  # and one before this
_BOLD = re.compile(r"(?<![\w)*])\*\*([^*\n]{1,80})\*\*")
_TABLE_ROW = re.compile(r"(?<![^\n])\|[^\n|]*\|[^\n]*\|(?=\s*(?:\n|\Z))")
_SENTENCE_END = re.compile(r"[.;!?](?=\s)|\n")
_DENIED = re.compile(
    r"\b(not|n't|never|neither|instead of|rather than|unlike|no longer)"
    r"\s*(equal to|be|is|to|the|just|simply)?\s*$",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"(?:[<>≤≥≠∝]|!=|\b(?:(?:less|more|larger|smaller|greater|bigger|higher|lower|other|different|longer|shorter)"
    r"\s+(?:than|from)(?:\s+or\s+equal(?:\s+to)?)?|differs? from|exceeds?|exceeding|at (?:least|most)"
    r"|above|below|unequal to|non-?|bounded by|proportional to))[\s$({]*$",
    re.IGNORECASE,
)
# they compare the number with another one or belong to a name, and deny nothing
_COMPARES = re.compile(
    r"\b(?:approximately|less|more|larger|smaller|exceeds|squared|minus|plus|otherwise|only)\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"\b(?:and|but)\b", re.IGNORECASE)
_REASON = re.compile(r"\b(?:since|because|but|where|with|as)\b", re.IGNORECASE)
_OR = re.compile(r"^[\s$\\,;()\]\[]*(?:text\s*\{\s*)?(?:or|resp\.?|/)[\s}$\\(\[]*$", re.IGNORECASE)
_NAMED = re.compile(
    r"(?P<name>[A-Za-z‖|\\][\w‖|\\^{}*']{0,30})\s*(?:=|:|≈|\bis\b|\bwas\b|\bequals\b|\bof\b)\s*"
    r"(?:(?:about|approximately|approx\.?|roughly|around|exactly|equal to|given by|then|thus|so|just|the|≈|=)"
    r"\s*)*$",
    re.IGNORECASE,
)
_CONCLUDES = re.compile(
    r"\b(so|hence|thus|therefore|answer|finally|altogether|in total|in all|overall|result|conclude|conclusion"
    r"|total)\b|∴|\\therefore",
    re.IGNORECASE,
)


def left_keys(text: str) -> frozenset[str]:
    """The keys of a label that may be more than a name: ``w_R``, ``\\|w\\|``, ``I * J``, "the norm".

    Raises:
        MathsFault: it cannot be read.
    """
    return frozenset((label_key(text), _joined(tokenize(text)), text.strip("*_ ").casefold()))


def claims_in(text: str, scope: Scope, *, decimal_comma: bool = False) -> list[Claim]:
    """What a text states, in order; formulas that hold no value are left out unless they have a fault."""
    text = _WRAPPED.sub(_unwrapped, text[:MAX_TEXT].replace("`", " "))
    text = _BOLD.sub(lambda m: f"  {m.group(1)}  ", text)
    text = _ARRAY.sub(lambda m: m.group().replace("\n", " "), text)
    text = _REFERENCES.sub(lambda m: " " * len(m.group()), _TABLE_ROW.sub(_cells, text))
    out: list[Claim] = []
    at = 0  # behind the last claim
    for start, end, maths in _pieces(text):
        if len(out) >= MAX_CLAIMS:
            break
        found = _claims_of(text[start:end], scope, decimal_comma, prose=not maths)
        for claim, begin, stop in found[: MAX_CLAIMS - len(out)]:
            begin, stop = start + begin, start + stop
            before = _SENTENCE_END.split(text[max(0, begin - MAX_WORDS) : begin])[-1]
            named = _NAMED.search(before)
            keys = _prose_keys(named["name"]) if named and not claim.left else frozenset()
            left = claim.left or bool(named and re.search(r"[=:≈]", named.group()))
            out.append(
                replace(
                    claim,
                    labels=claim.labels | keys,
                    left=left,
                    before=before,
                    gap=text[at:begin] if out else "",
                    denial=_denial(claim, before, text[stop : stop + MAX_WORDS], bool(named)),
                )
            )
            at = stop
    return out


def _denial(claim: Claim, before: str, behind: str, named: bool) -> str:
    """What makes a claim no value: a sign of its own, or the words directly beside it."""
    if claim.denial and not (named and claim.denial == BOUNDS):  # "the norm is 0.943 > ‖w‖"
        return claim.denial
    compared = None if claim.left else _COMPARED.search(before)
    if compared:
        return BOUND
    denied = _DENIED.search(before)
    if denied:
        return denied.group().strip()
    reason = _REASON.split(before)[-1]
    said = _CLAUSE.split(behind)[0]
    return said_otherwise(_COMPARES.sub("so", reason), _COMPARES.sub("so", said))


def _cells(m: re.Match[str]) -> str:
    """A row of a Markdown table as "name : value"; its bars are no absolute values."""
    return f" {m.group()[1:-1].replace('|', ':')} "


def _unwrapped(m: re.Match[str]) -> str:
    """``np.array([…])`` without its name; nothing moves."""
    start, end = m.span(1)
    return " " * (start - m.start()) + m.group(1) + " " * (m.end() - end)


def pick(
    claims: Sequence[Claim],
    labels: frozenset[str],
    near: re.Pattern[str] | None,
    same: Callable[[Claim, Claim], bool],
) -> Choice:
    """The claim that is the answer. One under a label counts before a boxed one, that before one beside
    the words ``near``, that before the only one, that before one that a conclusion introduces."""
    usable = [c for c in claims if not c.denial]
    for why, chosen in (
        ("label", [c for c in usable if c.labels & labels]),
        ("boxed", [c for c in usable if c.boxed]),
    ):
        if chosen:
            return Choice(None if _hedged(claims, chosen[-1], same) else chosen[-1], why)
    close = [c for c in usable if near is not None and near.search(c.before)]
    for why, chosen in (("near", close), ("only", usable)):
        if chosen and all(same(c, chosen[-1]) for c in chosen):
            best = next((c for c in reversed(chosen) if c.values), chosen[-1])
            return Choice(None if _hedged(claims, best, same) else best, why)
        if chosen and why == "near":
            return Choice(None)
    if usable and _CONCLUDES.search(usable[-1].before) and not _hedged(claims, usable[-1], same):
        return Choice(usable[-1], "concludes")
    return Choice(None)


def _hedged(claims: Sequence[Claim], chosen: Claim, same: Callable[[Claim, Claim], bool]) -> bool:
    """Whether the claim is one of two that "or" joins."""
    k = next(i for i, c in enumerate(claims) if c is chosen)
    after = claims[k + 1] if k + 1 < len(claims) else None
    if after is not None and _OR.match(after.gap) and not same(after, chosen):
        return True
    return bool(k and _OR.match(chosen.gap) and not same(claims[k - 1], chosen))


def _pieces(text: str) -> Iterator[tuple[int, int, bool]]:
    """Marked formulas and the lines of prose between them: start, end, whether it is a formula."""
    at = 0
    for m in _MATHS.finditer(text) if "$" in text or "\\" in text else ():
        yield from _lines(text, at, m.start())
        yield m.start(), m.end(), True
        at = m.end()
    yield from _lines(text, at, len(text))


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    for m in re.finditer(r"[^\n]+", text[start:end]):
        yield start + m.start(), start + m.end(), False


def _claims_of(piece: str, scope: Scope, comma: bool, *, prose: bool) -> list[tuple[Claim, int, int]]:
    if not prose:
        statements = find_statements(piece, decimal_comma=comma)
        return [(c, 0, len(piece)) for s in statements for c in _of_statement(s, scope)]
    out: list[tuple[Claim, int, int]] = []
    at = 0
    for inner in _formulas(piece):
        begin = piece.find(inner, at)
        begin = at if begin < 0 else begin
        stop = begin + len(inner) if piece.startswith(inner, begin) else len(piece)
        statements = find_statements(inner, decimal_comma=comma)
        found = [c for s in statements for c in _of_statement(s, scope)]
        if any(c.values for c in found):
            out += [(c, begin, stop) for c in found]
        else:
            plain = _in_prose(piece[begin:stop], scope, comma) or _broken(found, inner)
            out += [(c, begin + a, begin + b) for c, a, b in plain]
        at = stop
    return out


def _broken(found: Sequence[Claim], inner: str) -> list[tuple[Claim, int, int]]:
    """A formula that could not be read, if it has any digits that might be the answer."""
    return [(c, 0, len(inner)) for c in found if re.search(r"\d", inner)][:1]


def _formulas(line: str) -> list[str]:
    """The formulas of a line of prose, without marks around them."""
    apart = formulas_apart(line)
    if apart == line:
        return [line]
    return [p.strip("$") for p in apart.split("\n") if p.strip("$ ")]


def _in_prose(piece: str, scope: Scope, comma: bool) -> list[tuple[Claim, int, int]]:
    """Tuples and plain numbers between words; a number in the middle of a formula is none."""
    out: list[tuple[Claim, int, int]] = []
    for m in _BRACKETS.finditer(piece):
        if "," in m.group() or ";" in m.group() or " " in m.group()[1:-1].strip():
            claim = _plain(m.group(), scope, comma)
            if claim.values and claim.values[0].node.shape is not None:
                out.append((claim, m.start(), m.end()))
    brackets = len(out)
    for start, end in [(a, b) for _, a, b in out]:
        piece = piece[:start] + "\0" * (end - start) + piece[end:]
    for m in _NUMBER.finditer(piece):
        text = m.group().strip().rstrip(",.")
        end = m.start() + len(text)
        behind = piece[: m.start()].rstrip("=≈ ") if text else ""
        if _WITHIN.search(behind[-3:]) or _GOES_ON.match(piece, end):
            fault = SyntaxFault(f"{piece.strip()[:60]!r} is no formula that could be read")
            return [(Claim((), text=piece, fault=fault), 0, len(piece))]
        if len(out) - brackets < MAX_CLAIMS:  # later ones would be left out; they are looked at all the same
            out.append((_plain(text, scope, comma), m.start(), end))
    return sorted(out, key=lambda c: c[1])


def _plain(text: str, scope: Scope, comma: bool) -> Claim:
    try:
        node, _ = read_member(tokenize(text, decimal_comma=comma), scope, infix=True)
    except (MathsFault, RecursionError) as fault:
        return Claim((), text=text, fault=fault.bare() if isinstance(fault, MathsFault) else None)
    return Claim((Value(node, text),), text=text)


def _of_statement(s: Statement, scope: Scope) -> list[Claim]:
    """The chain as claims, one for each run of equal members; those without values are left out."""
    if s.fault is not None:
        return [Claim((), boxed=s.boxed, text=s.text, fault=s.fault)]
    runs: list[tuple[list[tuple[Token, ...]], list[str]]] = [([], [])]
    signs = [s.lead]  # the sign before each run
    for k, m in enumerate(s.members):
        relation = s.relations[k - 1] if k else ""
        if relation and relation not in _EQUAL:
            runs.append(([], []))
            signs.append(relation)
            relation = ""
        runs[-1][0].append(m)
        runs[-1][1].append(relation)
    found = [_of_run(members, relations, s, scope) for members, relations in runs]
    out = []
    for k, c in enumerate(found):
        if c is None:
            continue
        single = len(runs[k][0]) == 1
        following = k + 1 < len(runs) and signs[k + 1] in _UNEQUAL and found[k + 1] is None
        denial = BOUND if single and signs[k] in _UNEQUAL else BOUNDS if single and following else ""
        out.append(replace(c, denial=denial))
    return out


def _of_run(
    members: Sequence[tuple[Token, ...]], relations: Sequence[str], s: Statement, scope: Scope
) -> Claim | None:
    values: list[Value] = []
    labels: set[str] = set()
    fault: MathsFault | None = None
    for m, relation in zip(members, relations, strict=True):
        if not m:
            continue
        key = label_of(m)
        if len(members) > 1:
            labels |= {_joined(m)} | ({key} if key else set())
        if key is not None and key not in _CONSTANTS:
            fault = None
            continue
        try:
            node, _ = read_member(m, scope, infix=not s.latex)
        except MathsFault as f:
            named = isinstance(f, UnknownSymbolFault) and all(t.kind != "num" for t in m)
            fault = f.bare() if not (named and values) else fault  # 0.9 = \|q\| only names the value
            continue
        fault = None
        values.append(Value(node, " ".join(t.text for t in m), relation in ("~", "sim")))
    if not values and fault is None:
        return None
    return Claim(tuple(values), frozenset(labels), len(s.members) > 1, s.boxed, text=s.text, fault=fault)


def _prose_keys(name: str) -> frozenset[str]:
    try:
        return left_keys(name.strip("*"))
    except (MathsFault, RecursionError):
        return frozenset({name.casefold()})


def _joined(tokens: Sequence[Token]) -> str:
    signs = {"ast": "*", "circledast": "*", "star": "*", "⊛": "*", "∗": "*"}
    return "".join(signs.get(t.text, t.text) for t in tokens)
