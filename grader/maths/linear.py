"""Small exact linear programs."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["feasible"]

MAX_PIVOTS = 200


def feasible(rows: list[list[Fraction]]) -> bool:
    """Whether some λ ≥ 0 with Σλ = 1 has ``row · λ ≥ 0`` for every row.

    Phase one of the simplex method with Bland's rule, exact.
    """
    if not rows or not rows[0]:
        return bool(rows)
    n, m = len(rows[0]), len(rows)
    one, zero = Fraction(1), Fraction(0)
    # row·λ − slack = 0 for every row, Σλ + artificial = 1; maximise −artificial. Written with −slack basic:
    table = [
        [-x for x in row] + [one if i == k else zero for i in range(m)] + [zero] for k, row in enumerate(rows)
    ]
    table.append([one] * n + [zero] * m + [one])
    basis = [n + k for k in range(m)] + [-1]
    for _ in range(MAX_PIVOTS):
        last = table[-1]
        if last[-1] == 0 or basis[-1] >= 0:
            return True
        enter = next((j for j in range(n + m) if last[j] > 0), None)
        if enter is None:
            return False
        ratios = [
            (row[-1] / row[enter], basis[k] < 0, basis[k], k) for k, row in enumerate(table) if row[enter] > 0
        ]
        smallest = min(r[0] for r in ratios)
        tied = [r for r in ratios if r[0] == smallest]
        # the artificial variable leaves first when it can
        _, _, _, leave = next((r for r in tied if r[2] < 0), min(tied, key=lambda r: r[2]))
        pivot = table[leave][enter]
        table[leave] = [x / pivot for x in table[leave]]
        for k, row in enumerate(table):
            if k != leave and row[enter]:
                factor = row[enter]
                table[k] = [x - factor * y for x, y in zip(row, table[leave], strict=True)]
        basis[leave] = enter
    return False
