"""A normal form of matrix expressions: polynomials whose variables do not commute, over the rationals.

A term is a fraction, powers of scalars, and a word of matrices; every matrix, transpose and inverse is
a letter. Scalars commute, a 1×1 word is a scalar and equals its transpose, traces rotate, A·A⁻¹
cancels. Equal normal forms prove two expressions equal wherever both have a value; unequal ones prove
nothing. Work is bounded: what grows beyond ``MAX_TERMS`` has no normal form here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import flint

from grader.maths.exactness import whole
from grader.maths.scope import Scope
from grader.maths.tree import Node

__all__ = ["Normal", "normal_form"]

MAX_TERMS = 120
MAX_WORK = 6_000  # products of two terms
MAX_WORD = 24
MAX_POWER = 6

Mono = tuple[tuple[int, int], ...]
Word = tuple[int, ...]
Poly = dict[tuple[Mono, Word], Any]

_ONE = flint.fmpq(1)
_UNIT: tuple[Mono, Word] = ((), ())


class _GiveUp(Exception):
    """Too long, or nothing a normal form is known for."""


class Letters:
    """Atoms ↔ numbers. Of every letter: its shape, its transpose, what it inverts."""

    def __init__(self, known: Letters | None = None) -> None:
        self.ids: dict[Any, int] = dict(known.ids) if known else {}
        self.shapes: list[Any] = list(known.shapes) if known else []
        self.turned: list[int] = list(known.turned) if known else []
        self.inverts: dict[int, Word] = dict(known.inverts) if known else {}
        self.below: dict[int, Poly] = dict(known.below) if known else {}

    def scalar(self, atom: Any) -> int:
        return self._new(atom, None)

    def letter(self, atom: Any, turned: Any, shape: Any) -> int:
        """A matrix and its transpose."""
        if atom in self.ids:
            return self.ids[atom]
        a = self._new(atom, shape)
        if turned == atom:
            return a
        b = self._new(turned, (shape[1], shape[0]))
        self.turned[a], self.turned[b] = b, a
        return a

    def _new(self, atom: Any, shape: Any) -> int:
        found = self.ids.get(atom)
        if found is None:
            found = self.ids[atom] = len(self.shapes)
            self.shapes.append(shape)
            self.turned.append(found)
        return found


class Normal:
    """The normal form of one tree, with the letters it is written in."""

    def __init__(self, poly: Poly, letters: Letters) -> None:
        self.poly = poly
        self.letters = letters

    def same_as(self, node: Node, scope: Scope) -> bool:
        """Whether ``node`` has this normal form; False says nothing."""
        form = _Form(scope, Letters(self.letters))
        try:
            return not form.cleared(form.sum([self.poly, form.negative(form.of(node))]))
        except (_GiveUp, RecursionError, ZeroDivisionError):
            return False


def normal_form(node: Node, scope: Scope) -> Normal | None:
    """The normal form of an elaborated tree, if it is short."""
    letters = Letters()
    try:
        return Normal(_Form(scope, letters).of(node), letters)
    except (_GiveUp, RecursionError, ZeroDivisionError):
        return None


class _Form:
    def __init__(self, scope: Scope, letters: Letters) -> None:
        self.scope = scope
        self.letters = letters
        self.work = MAX_WORK
        self.known: dict[str, Poly] = {}

    def of(self, n: Node) -> Poly:
        method = _METHODS.get(n.op)
        return method(self, n) if method is not None else self.opaque(n)

    # --- arithmetic -----------------------------------------------------------------------------------

    def sum(self, parts: Iterable[Poly]) -> Poly:
        out: Poly = {}
        for part in parts:
            for key, c in part.items():
                total = out.get(key)
                total = c if total is None else total + c
                if total == 0:
                    del out[key]
                else:
                    out[key] = total
        if len(out) > MAX_TERMS:
            raise _GiveUp
        return out

    def negative(self, p: Poly) -> Poly:
        return {k: -c for k, c in p.items()}

    def times(self, p: Poly, q: Poly) -> Poly:
        self.work -= len(p) * len(q)
        if self.work < 0:
            raise _GiveUp
        if len(p) == 1 and _UNIT in p:
            factor = p[_UNIT]
            return {k: c * factor for k, c in q.items()}
        out: Poly = {}
        cancelled = False
        for (m1, w1), c1 in p.items():
            for (m2, w2), c2 in q.items():
                mono = _merged(m1, m2) if m1 and m2 else m1 or m2
                word = w1
                if w2:
                    if w1:
                        scalars, word = self.settled(w1 + w2)
                        for s in scalars:
                            mono = _merged(mono, ((s, 1),))
                    else:
                        word = w2
                key = (mono, word)
                c = out.get(key)
                if c is None:
                    out[key] = c1 * c2
                else:
                    out[key] = c + c1 * c2
                    cancelled = cancelled or out[key] == 0
        if len(out) > MAX_TERMS:
            raise _GiveUp
        return {k: c for k, c in out.items() if c != 0} if cancelled else out

    def settled(self, word: Word) -> tuple[list[int], Word]:
        """The 1×1 pieces of a word, and what is left of it."""
        if len(word) > MAX_WORD:
            raise _GiveUp
        word = self.cancelled(word)
        if not word:
            return [], word
        shapes = self.letters.shapes
        cuts = [i for i in range(1, len(word)) if shapes[word[i]][0] == 1]
        if not cuts and not (shapes[word[0]][0] == 1 and shapes[word[-1]][1] == 1):
            return [], word
        pieces = [word[i:j] for i, j in zip([0, *cuts], [*cuts, len(word)], strict=True)]
        scalars: list[int] = []
        rest: Word = ()
        for piece in pieces:
            if shapes[piece[0]][0] == 1 and shapes[piece[-1]][1] == 1:
                scalars.append(self.letters.scalar(("word", min(piece, self.transposed(piece)))))
            else:
                rest += piece
        return scalars, rest

    def cancelled(self, word: Word) -> Word:
        inverts = self.letters.inverts
        if not inverts:
            return word
        changed = True
        while changed:
            changed = False
            for i, letter in enumerate(word):
                inside = inverts.get(letter)
                if inside is None:
                    continue
                k = len(inside)
                if word[i + 1 : i + 1 + k] == inside:
                    word, changed = word[:i] + word[i + 1 + k :], True
                    break
                if i >= k and word[i - k : i] == inside:
                    word, changed = word[: i - k] + word[i + 1 :], True
                    break
        return word

    def transposed(self, word: Word) -> Word:
        turned = self.letters.turned
        return tuple(turned[x] for x in reversed(word))

    def turned(self, p: Poly) -> Poly:
        turned = self.letters.turned
        return {(m, tuple([turned[x] for x in w[::-1]])): c for (m, w), c in p.items()}

    def power(self, p: Poly, k: int) -> Poly:
        if abs(k) > MAX_POWER:
            if len(p) != 1 or abs(k) > 1000:
                raise _GiveUp
            ((mono, word), c) = next(iter(p.items()))
            if word or abs(k) > 64:
                raise _GiveUp
            return {(tuple((a, e * k) for a, e in mono), word): c**k}
        if k < 0:
            return self.reciprocal(self.power(p, -k))
        out: Poly = {_UNIT: _ONE}
        for _ in range(k):
            out = self.times(out, p)
        return out

    def reciprocal(self, p: Poly) -> Poly:
        """1/p of a scalar."""
        if not p:
            raise _GiveUp
        if len(p) == 1:
            ((mono, word), c) = next(iter(p.items()))
            if word:
                raise _GiveUp
            return {(tuple((a, -e) for a, e in mono), ()): 1 / c}
        lead = p[min(p)]
        monic = {k: c / lead for k, c in p.items()}
        atom = self.letters.scalar(("below", _key(monic)))
        self.letters.below[atom] = monic
        return {(((atom, 1),), ()): 1 / lead}

    def inverse(self, p: Poly, shape: Any) -> Poly:
        """p⁻¹ of a matrix."""
        if not p:
            raise _GiveUp
        if len(p) == 1:
            ((mono, word), c) = next(iter(p.items()))
            factor: Poly = {(tuple((a, -e) for a, e in mono), ()): 1 / c}
            if not word:
                return factor
            square = all(self.letters.shapes[x][0] == self.letters.shapes[x][1] for x in word)
            pieces = [(x,) for x in reversed(word)] if square else [word]
            out: Word = ()
            for piece in pieces:
                out += self._inverse_of(piece, {((), piece): _ONE}, shape)
            return self.times(factor, {((), out): _ONE})
        lead = p[min(p)]
        monic = {k: c / lead for k, c in p.items()}
        return {((), self._inverse_of(None, monic, shape)): 1 / lead}

    def _inverse_of(self, word: Word | None, p: Poly, shape: Any) -> Word:
        if word is not None and len(word) == 1 and word[0] in self.letters.inverts:
            return self.letters.inverts[word[0]]
        flipped = self.turned(p)
        lead = flipped[min(flipped)]
        other = {k: c / lead for k, c in flipped.items()}
        if lead != 1:
            raise _GiveUp
        letter = self.letters.letter(("inv", _key(p)), ("inv", _key(other)), shape)
        if word is not None:
            self.letters.inverts[letter] = word
            self.letters.inverts[self.letters.turned[letter]] = self.transposed(word)
        return (letter,)

    def cleared(self, p: Poly) -> Poly:
        """``p`` times its denominators: zero exactly if p is."""
        for _ in range(8):
            atoms = {a for mono, _ in p for a, _ in mono if a in self.letters.below}
            if not atoms:
                return p
            atom = max(atoms)
            below = self.letters.below[atom]
            exponents = [dict(mono).get(atom, 0) for mono, _ in p]
            most = max(exponents)
            parts = []
            for ((mono, word), c), e in zip(p.items(), exponents, strict=True):
                rest = tuple(x for x in mono if x[0] != atom)
                parts.append(self.times({(rest, word): c}, self.power(below, most - e)))
            p = self.sum(parts)
        raise _GiveUp

    # --- leaves and operations --------------------------------------------------------------------------

    def opaque(self, n: Node) -> Poly:
        """Something only known to be equal to itself."""
        if n.names() & self.scope.define.keys():
            raise _GiveUp
        return self.atom(("tree", n), ("tree'", n), n.shape)

    def atom(self, atom: Any, turned: Any, shape: Any) -> Poly:
        if shape is None:
            return {(((self.letters.scalar(atom), 1),), ()): _ONE}
        scalars, word = self.settled((self.letters.letter(atom, turned, shape),))
        return {(tuple((s, 1) for s in scalars), word): _ONE}

    def _num(self, n: Node) -> Poly:
        c = flint.fmpq(n.value.numerator, n.value.denominator)
        return {_UNIT: c} if c != 0 else {}

    def _sym(self, n: Node) -> Poly:
        name = n.value
        found = self.known.get(name)
        if found is None:
            inner = self.scope.define.get(name)
            found = self.known[name] = self._symbol(name, n) if inner is None else self.of(inner)
        return found

    def _symbol(self, name: str, n: Node) -> Poly:
        symmetric = dict(self.scope.assumptions.structure).get(name) in (
            "symmetric",
            "diagonal",
            "positive definite",
        )
        return self.atom(("sym", name), ("sym" if symmetric else "symT", name), n.shape)

    def _add(self, n: Node) -> Poly:
        return self.sum(self.of(a) for a in n.args)

    def _neg(self, n: Node) -> Poly:
        return self.negative(self.of(n.args[0]))

    def _product(self, n: Node) -> Poly:
        return self.times(self.of(n.args[0]), self.of(n.args[1]))

    def _div(self, n: Node) -> Poly:
        return self.times(self.reciprocal(self.of(n.args[1])), self.of(n.args[0]))

    def _pow(self, n: Node) -> Poly:
        base, exponent = n.args
        k = whole(exponent)
        if k is None:
            return self.atom(("pow", _key(self.of(base)), _key(self.of(exponent))), None, None)
        if base.op == "norm" and base.value == "2" and k % 2 == 0:
            return self.power(self.square(base.args[0]), k // 2)
        return self.power(self.of(base), k)

    def square(self, v: Node) -> Poly:
        p = self.of(v)
        assert v.shape is not None
        if v.shape[1] == 1:
            return self.times(self.turned(p), p)
        if v.shape[0] == 1:
            return self.times(p, self.turned(p))
        return self.trace(self.times(self.turned(p), p), v.shape[1])

    def trace(self, p: Poly, size: Any) -> Poly:
        parts = []
        for (mono, word), c in p.items():
            if not word:
                whole_size = (
                    {_UNIT: flint.fmpq(size)}
                    if isinstance(size, int)
                    else self.atom(("sym", size), None, None)
                )
                parts.append(self.times({(mono, ()): c}, whole_size))
                continue
            rotations = [word[i:] + word[:i] for i in range(len(word))]
            start = next((r for r in rotations if self.letters.shapes[r[0]][0] == 1), None)
            if start is not None:
                scalars, _ = self.settled(start)
                found = scalars
            else:
                both = rotations + [self.transposed(r) for r in rotations]
                found = [self.letters.scalar(("trace", min(both)))]
            for s in found:
                mono = _merged(mono, ((s, 1),))
            parts.append({(mono, ()): c})
        return self.sum(parts)

    def _T(self, n: Node) -> Poly:
        return self.turned(self.of(n.args[0]))

    def _inv(self, n: Node) -> Poly:
        return self.inverse(self.of(n.args[0]), n.shape)

    def _func(self, n: Node) -> Poly:
        (a,) = n.args
        p = self.of(a)
        if n.value == "tr" and a.shape is not None:
            return self.trace(p, a.shape[0])
        return self.atom((n.value, _key(p)), (n.value + "'", _key(p)), n.shape)

    def _named(self, n: Node) -> Poly:
        value = (n.op, n.value)
        p = _key(self.of(n.args[0]))
        return self.atom((value, p), (value, p, "T"), n.shape)

    def _had(self, n: Node) -> Poly:
        p, q = self.of(n.args[0]), self.of(n.args[1])
        parts = []
        for (m1, w1), c1 in p.items():
            for (m2, w2), c2 in q.items():
                a, b = sorted((w1, w2))
                x, y = sorted((self.transposed(w1), self.transposed(w2)))
                unit = self.atom(("had", a, b), ("had", x, y), n.shape)
                parts.append(self.times({(_merged(m1, m2), ()): c1 * c2}, unit))
        return self.sum(parts)

    def _eye(self, n: Node) -> Poly:
        return {_UNIT: _ONE}

    def _zeros(self, n: Node) -> Poly:
        return {}

    def _ones(self, n: Node) -> Poly:
        return self.atom(("ones", n.shape), ("onesT", n.shape), n.shape)

    def _matrix(self, n: Node) -> Poly:
        r, c, _ = n.value
        keys = tuple(_key(self.of(a)) for a in n.args)
        turned = tuple(keys[i * c + j] for j in range(c) for i in range(r))
        return self.atom(("matrix", r, c, keys), ("matrix", c, r, turned), n.shape)


def _merged(a: Mono, b: Mono) -> Mono:
    if not a or not b:
        return a or b
    if a[-1][0] < b[0][0]:
        return a + b
    out = dict(a)
    for atom, e in b:
        out[atom] = out.get(atom, 0) + e
    return tuple(sorted((k, e) for k, e in out.items() if e))


def _key(p: Poly) -> tuple[Any, ...]:
    return tuple(sorted(p.items(), key=lambda item: item[0]))


_METHODS: dict[str, Callable[[_Form, Node], Poly]] = {
    "num": _Form._num, "sym": _Form._sym, "add": _Form._add, "neg": _Form._neg, "mul": _Form._product,
    "scale": _Form._product, "dot": _Form._product, "div": _Form._div, "pow": _Form._pow, "T": _Form._T,
    "inv": _Form._inv, "func": _Form._func, "norm": _Form._named, "apply": _Form._named, "had": _Form._had,
    "eye": _Form._eye, "zeros": _Form._zeros, "ones": _Form._ones, "matrix": _Form._matrix,
}  # fmt: skip
