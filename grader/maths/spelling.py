"""Raw tokens → one spelling per meaning: fonts, sizes and labels dropped, commands renamed."""

from __future__ import annotations

import re

from grader.errors import SyntaxFault
from grader.maths.alphabet import (
    ACCENTS,
    BOLD,
    FONTS,
    GREEK_NAMES,
    GREEK_VARIANTS,
    RENAMED,
    SAME,
    SKIPPED,
    SKIPPED_CHARS,
    SKIPPED_WITH_GROUP,
    STOP_WORDS,
    TEXT,
    Token,
)

__all__ = ["simplify", "unbraced"]


# commands that keep their name and their place, whatever stands around them
_KEPT = GREEK_NAMES | {
    "frac", "cdot", "times", "odot", "sqrt", "log", "exp", "top", "sum", "nabla", "partial", "max", "min",
}  # fmt: skip
_NEGATED = frozenset(
    ("=", "equiv", "approx", "sim", "cong", "propto", "in", "<", ">", "le", "ge", "leq", "geq")
)
_SUMS = frozenset(("sum", "prod"))
_NAMING = GREEK_NAMES | FONTS | ACCENTS.keys() | {"sum", "prod", "frac", "sqrt", "underset"}
_WORDY = frozenset(("textbf", "textit", "emph", "textsc", "underline", "textsf", "mathbf", "bf"))
_HEADING = re.compile(
    r"\s*\{\s*((?:final )?(?:answer|ans|solution|sol|result|proof|claim)s?\s*[:.]?)\s*\}", re.IGNORECASE
)


def unbraced(digits: str) -> str:
    """What is wrong with ``2^10``."""
    return f"'{digits}' needs braces, {{{digits}}}: without them LaTeX takes only its first digit"


def simplify(raw: list[Token], text: str) -> list[Token]:
    """Drop fonts, sizes, labels; rename to one spelling per meaning."""
    out: list[Token] = []
    i, n = 0, len(raw)
    closers: list[bool] = []  # for every open brace: was it a font's, to be dropped?
    while i < n:
        t = raw[i]
        kind, name = t.kind, t.text
        if (kind == "cmd" and name in _KEPT) or kind in ("word", "num"):
            out.append(t)
            i += 1
            continue
        if kind == "cmd":
            name = t.text[:-1] if t.text.endswith("*") and len(t.text) > 1 else t.text
            name = RENAMED.get(name, name)
            if name in _WORDY and (heading := _HEADING.match(text, t.end)):
                end = _after_group(raw, i + 1)
                out.append(Token("remark", heading.group(1).strip(), t.start, raw[end - 1].end, t.spaced))
                i = end
                continue
            if name in FONTS:
                i = _font(raw, i, name, out, closers)
                continue
            if name in TEXT or (name == "mathrm"):
                i = _text_group(raw, i, name, text, out)
                continue
            if name in SKIPPED_WITH_GROUP:
                _can_be_seen(raw[i : i + 4] if name == "color" else [], t)
                i = _after_group(raw, i + 1)
                continue
            if name in ("underbrace", "overbrace"):
                i = _braced_remark(raw, i, out, text)
                continue
            if name in ("overset", "underset", "stackrel"):
                i = _after_group(raw, i + 1)
                _says_nothing(name, raw, i, t)
                if i + 2 < n and raw[i].text == "{" and raw[i + 2].text == "}":
                    raw[i], raw[i + 2] = (r._replace(kind="op", text="") for r in (raw[i], raw[i + 2]))
                continue
            if name == "not" and i + 1 < n and raw[i + 1].text in ("=", "equiv"):
                out.append(Token("cmd", "ne", t.start, raw[i + 1].end, t.spaced))
                i += 2
                continue
            if name in ("boxed", "fbox", "textcolor"):
                if name == "textcolor":
                    _can_be_seen(raw[i : i + 4], t)
                i = _after_group(raw, i + 1) if name == "textcolor" else i + 1
                continue
            if name == "not" and i + 1 < n and raw[i + 1].text in _NEGATED:
                out.append(Token("cmd", "ne", t.start, raw[i + 1].end, t.spaced))
                i += 2
                continue
            if name in ("quad", "qquad"):
                out.append(Token("op", "\\quad", t.start, t.end, True))
                i += 1
                continue
            if name == "\\":
                out.append(Token("cmd", "\\", t.start, t.end, t.spaced))
                i = _row_space(raw, i + 1)
                continue
            if name in SKIPPED or (len(name) == 1 and name in SKIPPED_CHARS):
                if name in ("left", "right") and i + 1 < n and raw[i + 1].text == ".":
                    i += 1
                i += 1
                if i < n and name not in ("left", "right"):
                    raw[i] = raw[i]._replace(spaced=True)
                continue
            if name in SAME:
                out.append(Token("op", SAME[name], t.start, t.end, t.spaced))
            elif (
                name == "dot"
                and i + 1 < n
                and raw[i + 1].text not in "{"
                and raw[i + 1].kind not in ("word", "cmd")
            ):
                raise SyntaxFault("\\dot needs a letter", (t.start, t.end))
            elif name in ACCENTS:
                out.append(Token("accent-of", ACCENTS[name], t.start, t.end, t.spaced))
            else:
                out.append(Token("cmd", GREEK_VARIANTS.get(name, name), t.start, t.end, t.spaced))
            i += 1
            continue
        if kind == "op" and name == "{":
            if i + 2 < n and raw[i + 2].text == "}" and _is_operator(raw[i + 1]) and not _takes(out):
                raw[i + 2] = t._replace(text="")  # x{\cdot}y
                i += 1
                continue
            if (
                i + 1 < n
                and raw[i + 1].kind == "cmd"
                and raw[i + 1].text in ("rm", "bf", "it", "sf", "tt", "cal")
            ):
                inner_end = _after_group(raw, i) - 1
                if raw[i + 1].text == "bf" and inner_end == i + 3 and raw[i + 2].text in ("0", "1"):
                    out.append(_bold_digit(raw[i + 2]))
                    i = inner_end + 1
                    continue
                raw[i + 1] = Token("op", "", t.start, t.end, False)
            closers.append(False)
            out.append(t)
        elif kind == "op" and name == "}":
            if not closers:
                raise SyntaxFault("a closing brace without an opening one", (t.start, t.end))
            if not closers.pop():
                if out[-1].text == "{" and out[-1].kind == "op" and _free(out[:-1]):
                    out.pop()  # {}^\\top: an empty group carries nothing
                elif len(out) > 1 and out[-1].text == "{" and out[-2].text == "}" and _is_full(out[:-1]):
                    out.pop()  # \\frac{a}{b}{}X
                else:
                    out.append(t)
        elif kind == "op" and name == "":
            pass
        else:
            out.append(t)
        i += 1
    if closers:
        opened = next((t for t in reversed(out) if t.text == "{"), raw[-1])
        raise SyntaxFault("an opening brace without a closing one", (opened.start, opened.end))
    if ("\\over" in text or "\\choose" in text) and any(map(_is_over, out)):
        return _over(out)
    return out


def _can_be_seen(here: list[Token], t: Token) -> None:
    """A colour says nothing, unless it hides what it is given to.

    Raises:
        SyntaxFault: white.
    """
    if any(x.kind == "word" and x.text.lower() == "white" for x in here):
        raise SyntaxFault(
            "what is written in white cannot be seen; leave it out or show it", (t.start, t.end)
        )


def _says_nothing(name: str, raw: list[Token], i: int, t: Token) -> None:
    """What stands over a relation or under a name explains it.

    Raises:
        SyntaxFault: it stands over a name or a number, or at a sum, whose meaning it changes.
    """
    base = next((r for r in raw[i : i + 2] if r.text != "{"), None)
    if base is None:
        return
    names = _SUMS if name == "underset" else _NAMING
    if (base.kind in ("num", "word") and name != "underset") or (base.kind == "cmd" and base.text in names):
        raise SyntaxFault(
            f"\\{name} gives {base.shown} another meaning, which is not known", (t.start, base.end)
        )


def _takes(before: list[Token]) -> bool:
    """Whether the group that follows is an argument, a power or an index."""
    return bool(before) and (
        before[-1].text in ("^", "_", "**")
        or (before[-1].kind == "cmd" and before[-1].text in ("frac", "sqrt"))
    )


def _is_operator(t: Token) -> bool:
    if t.kind == "cmd":
        return t.text in ("cdot", "times", "odot", "circ", "ast", "div", "pm")
    return t.kind == "op" and t.text in ("+", "-", "*", "/", "=")


def _free(before: list[Token]) -> bool:
    """Whether a group that follows stands by itself: no power, index or command takes it."""
    if not before:
        return True
    last = before[-1]
    return last.kind not in ("cmd", "accent-of") and last.text not in ("^", "_", "}", "**")


def _is_full(before: list[Token]) -> bool:
    """Whether the group that ends here is no first argument of a command with two."""
    depth, groups = 0, 0
    for t in reversed(before):
        if t.kind == "op" and t.text == "}":
            depth += 1
        elif t.kind == "op" and t.text == "{":
            depth -= 1
            groups += not depth
        elif not depth:
            return (t.text == "frac" and groups == 2) or (t.text in ("^", "_") and groups == 1)
    return False


_OVER = {"over": "frac", "choose": "binom"}


def _is_over(t: Token) -> bool:
    return t.kind == "cmd" and t.text in _OVER


def _over(tokens: list[Token]) -> list[Token]:
    """``{a \\over b}`` as a fraction; it divides all that stands in the braces around it."""
    k = next((i for i, t in enumerate(tokens) if _is_over(t)), None)
    if k is None:
        return tokens
    t = tokens[k]
    opened, closed = _brace(tokens, k, -1), _brace(tokens, k, 1)
    if opened is None or closed is None:
        raise SyntaxFault(
            f"\\{t.text} needs braces around what it joins; write \\{_OVER[t.text]}{{…}}{{…}}",
            (t.start, t.end),
        )
    above, below = tokens[opened + 1 : k], tokens[k + 1 : closed]
    first, last = (t._replace(kind="op", text=x, spaced=False) for x in "{}")
    fraction = [t._replace(text=_OVER[t.text]), first, *above, last, first, *below, last]
    return _over([*tokens[: opened + 1], *fraction, *tokens[closed:]])


def _brace(tokens: list[Token], k: int, step: int) -> int | None:
    """The brace around token ``k`` on one side; no bracket, matrix or second ``\\over`` may lie between."""
    depth = 0
    i = k + step
    while 0 <= i < len(tokens):
        t = tokens[i]
        if t.kind == "op" and t.text in ("{", "}"):
            depth += step if t.text == "{" else -step
            if depth < 0:
                return i
        elif depth == 0 and t.kind == "cmd" and t.text in ("over", "choose", "\\"):
            return None
        i += step
    return None


def _row_space(raw: list[Token], i: int) -> int:
    """Behind ``\\\\``: a length such as ``[2pt]`` says nothing."""
    inner = [t.text for t in raw[i : i + 5]]
    if inner[:1] == ["["] and "]" in inner:
        end = inner.index("]")
        if end >= 3 and inner[end - 1] in ("pt", "em", "ex", "mm", "cm", "in", "mu"):
            return i + end + 1
    return i


def _bold_digit(t: Token) -> Token:
    return t._replace(kind="ones") if t.text == "1" else t


def _font(raw: list[Token], i: int, name: str, out: list[Token], closers: list[bool]) -> int:
    """A font command: its argument without the font; a bold 1 is the vector of ones."""
    j = i + 1
    spaced = raw[i].spaced
    if j >= len(raw):
        raise SyntaxFault(f"\\{name} without its argument", (raw[i].start, raw[i].end))
    if raw[j].text == "{" and raw[j].kind == "op":
        if j + 2 < len(raw) and raw[j + 2].text == "}" and raw[j + 2].kind == "op":
            inner = raw[j + 1]
            if inner.kind == "num" and name in BOLD:
                inner = _bold_digit(inner)
            if inner.kind != "cmd":
                out.append(inner._replace(spaced=spaced))
                return j + 3
            raw[j + 2] = Token("op", "", inner.end, inner.end, False)
            raw[j + 1] = inner._replace(spaced=spaced)
            return j + 1
        closers.append(False)
        out.append(raw[j]._replace(spaced=spaced))
        return j + 1
    if raw[j].kind == "num" and name in BOLD:
        out.append(_bold_digit(raw[j])._replace(spaced=spaced))
        return j + 1
    raw[j] = raw[j]._replace(spaced=spaced)
    return j


def _text_group(raw: list[Token], i: int, name: str, text: str, out: list[Token]) -> int:
    """``\\text{…}``: a name if it is one word, else a remark."""
    j = i + 1
    if j >= len(raw) or raw[j].text != "{":
        return j
    end = _after_group(raw, j)
    words = text[raw[j].end : raw[end - 1].start].strip()
    span = (raw[i].start, raw[end - 1].end)
    plain = words.replace("\\_", "_").replace("\\", "")
    if plain.lower() in STOP_WORDS:
        out.append(Token("remark", plain, *span, raw[i].spaced))
    elif re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", plain):
        out.append(Token("text" if name not in ("operatorname",) else "word", plain, *span, raw[i].spaced))
    elif plain in ("=", "+", "-", "/"):
        out.append(Token("op", plain, *span, raw[i].spaced))
    elif re.match(r"[-+*/^=<>]\s*\w", plain):
        raise SyntaxFault(f"'{plain[:30]}' is mathematics; write it outside of \\{name}", span)
    elif plain:
        out.append(Token("remark", words, *span, raw[i].spaced))
    return end


def _after_group(raw: list[Token], i: int) -> int:
    """The index behind the group (or the single token) that starts at ``i``."""
    if i >= len(raw):
        return i
    if raw[i].kind == "op" and raw[i].text == "[":
        while i < len(raw) and raw[i].text != "]":
            i += 1
        return _after_group(raw, i + 1)
    if raw[i].text != "{" or raw[i].kind != "op":
        return i + 1
    depth = 0
    start = raw[i]
    while i < len(raw):
        if raw[i].kind == "op":
            if raw[i].text == "{":
                depth += 1
            elif raw[i].text == "}":
                depth -= 1
                if depth == 0:
                    return i + 1
        i += 1
    raise SyntaxFault("an opening brace without a closing one", (start.start, start.end))


def _braced_remark(raw: list[Token], i: int, out: list[Token], text: str) -> int:
    """``\\underbrace{A}_{remark}`` is A."""
    end = _after_group(raw, i + 1)
    inner = raw[i + 1 : end]
    out.extend(simplify(list(inner), text))
    if end < len(raw) and raw[end].text in ("_", "^"):
        end = _after_group(raw, end + 1)
    return end
