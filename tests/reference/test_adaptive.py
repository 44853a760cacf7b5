"""RMSProp, AdaGrad and Adam miss the minimum-norm solution, and a student's own example of it is tried."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import adaptive

SIZES, SEVERAL = "the sizes of X, t, w_R and w_0 fit together", "X w = t has more than one solution"
SOLVES, LONGER = "w_R solves X w = t", "w_R is longer than the minimum-norm solution"
ENDS = "{} ends at w_R"
NAMES = {"rmsprop": "RMSProp", "adagrad": "AdaGrad", "adam": "Adam"}


def witness(method: str, *args: Any, **constants: Any) -> adaptive.Requirements:
    out: adaptive.Requirements = getattr(adaptive, f"witness_{method}")(*args, **constants)
    return out


def failed(requirements: adaptive.Requirements) -> list[str]:
    return [what for what, (met, _) in requirements.items() if not met]


# ---- the example of the sheets


@pytest.mark.parametrize("method", adaptive.METHODS)
def test_limits(method: str) -> None:
    assert getattr(adaptive, f"symbolic_{method}_limit")() == sp.Matrix([sp.Rational(2, 3)] * 2)
    measured = getattr(adaptive, f"numeric_{method}_limit")()
    assert measured == pytest.approx([2 / 3, 2 / 3], abs=1e-7)


def test_norms() -> None:
    assert adaptive.symbolic_limit_norm() == 2 * sp.sqrt(2) / 3
    assert adaptive.numeric_limit_norm() == pytest.approx(0.9428090)
    assert adaptive.symbolic_least_norm_solution() == sp.Matrix([sp.Rational(4, 5), sp.Rational(2, 5)])
    assert adaptive.numeric_least_norm_solution() == pytest.approx([0.8, 0.4])
    assert adaptive.symbolic_least_norm() == 2 / sp.sqrt(5)
    assert adaptive.numeric_least_norm() == pytest.approx(0.8944272)
    assert adaptive.symbolic_always_least_norm() == adaptive.numeric_always_least_norm() == "no"


def test_the_induction_at_work() -> None:
    """Steps of RMSProp without epsilon, to 60 digits: v_1 = 4 v_2 and w_1 = w_2 after every one."""
    eta, beta = sp.Float("0.01", 60), sp.Float("0.9", 60)
    x, w, v = sp.Matrix([2, 1]), sp.zeros(2, 1), sp.zeros(2, 1)
    for _ in range(5):
        g = 2 * (x.dot(w) - 2) * x
        v = beta * v + (1 - beta) * g.multiply_elementwise(g)
        w = w - eta * g.multiply_elementwise(v.applyfunc(lambda s: 1 / sp.sqrt(s)))
        assert abs(v[0] - 4 * v[1]) < 1e-50
        assert abs(w[0] - w[1]) < 1e-50
    assert 0 < w[0] < sp.Rational(2, 3)


def test_a_huge_epsilon_makes_it_gradient_descent() -> None:
    X, t, start = np.array([[2.0, 1.0]]), np.array([2.0]), np.zeros(2)
    assert adaptive.descend("rmsprop", X, t, start, 100.0, 0.9, 1e3) == pytest.approx([0.8, 0.4], abs=1e-3)


def test_large_rates_jump_over_the_solution() -> None:
    X, t, start = np.array([[2.0, 1.0]]), np.array([2.0]), np.zeros(2)
    w = adaptive.descend("rmsprop", X, t, start, 0.37, 0.9)
    assert w[0] == pytest.approx(w[1])
    assert abs(float((X @ w - t)[0])) == pytest.approx(1.5 * 0.37, rel=1e-3)


def test_a_method_nobody_knows() -> None:
    with pytest.raises(ValueError, match=r"^'sgd' is none of rmsprop, adagrad, adam$"):
        adaptive.descend("sgd", np.eye(1), np.ones(1), np.zeros(1), 0.1)


# ---- a student's counterexample


@pytest.mark.parametrize("method", adaptive.METHODS)
@pytest.mark.parametrize(
    ("X", "t", "w"),
    [
        ([[2, 1]], [2], [2 / 3, 2 / 3]),
        ([2, 1], 2, [0.6667, 0.6667]),
        ([[2], [1]], [2], [[0.667], [0.667]]),
        ([[2, 1]], [[2]], [[0.66, 0.66]]),  # cut, not rounded
        ([3, 1], 1, [0.25, 0.25]),
        ([-4, 1], 10, [-2, 2]),
        ([1, 2, 3], 6, [1, 1, 1]),
    ],
)
def test_counterexamples(method: str, X: Any, t: Any, w: Any) -> None:
    assert failed(witness(method, X, t, w)) == []


@pytest.mark.parametrize("method", adaptive.METHODS)
@pytest.mark.parametrize(
    ("X", "t", "w", "wrong"),
    [
        ([2, 1], 2, [0.8, 0.4], [LONGER, ENDS]),
        ([1, 1], 2, [1, 1], [LONGER]),
        ([2, 1], 2, [1, 0], [ENDS]),
        ([2, 1], 2, [0.01, 0.01], [SOLVES, LONGER, ENDS]),
        ([2, 1], 2, [0.7, 0.7], [SOLVES, ENDS]),
        ([[2, 0], [0, 1]], [2, 1], [1, 1], [SEVERAL, LONGER]),
        ([2, 1], 2, [1, 1, 1], [SIZES]),
        ([2, 1], [2, 1], [1, 1], [SIZES]),
        ([[1] * 21], 1, [1] * 21, [SIZES]),
    ],
)  # fmt: skip
def test_what_is_no_counterexample(method: str, X: Any, t: Any, w: Any, wrong: list[str]) -> None:
    assert failed(witness(method, X, t, w)) == [what.format(NAMES[method]) for what in wrong]


def test_values_are_shown() -> None:
    assert adaptive.witness_rmsprop([2, 1], 2, [1, 0]) == {
        SIZES: (True, "X is 1×2, t has 1, w_R 2 and w_0 2 entries"),
        SEVERAL: (True, "X has rank 1 and 2 columns"),
        SOLVES: (True, "off by 0"),
        LONGER: (True, "1 against 0.8944"),
        "RMSProp ends at w_R": (False, "a run from w_0 ends at [0.6667, 0.6667]"),
    }


@pytest.mark.parametrize("method", adaptive.METHODS)
def test_several_samples_are_really_run(method: str) -> None:
    rng = np.random.default_rng(7)
    X, t = rng.normal(size=(2, 4)), rng.normal(size=2)
    rate, keep, epsilon = next(adaptive._constants(method, None, None, None))
    end = adaptive.descend(method, X, t, np.zeros(4), rate, keep, epsilon)
    assert failed(witness(method, X, t, end.round(3))) == []
    other = end + 0.2 * np.linalg.svd(X)[2][-1]  # solves it too, and nobody arrives there
    constants = {"eta": rate} | ({} if method == "adagrad" else {"beta": keep})
    assert f"{NAMES[method]} ends at w_R" in failed(witness(method, X, t, other, **constants))
    why = r"^with several samples the end depends on the constants, which are not all given$"
    with pytest.raises(ValueError, match=why):
        witness(method, X, t, other)


@pytest.mark.parametrize(
    "constants", [{"eta": 0.5}, {"eta": 0.001}, {"beta": 0.99}, {"epsilon": 1e-6}, {"eta": 0.1, "beta": 0.9}]
)
def test_the_answers_own_constants(constants: dict[str, float]) -> None:
    assert failed(adaptive.witness_rmsprop([2, 1], 2, [0.667, 0.667], [0, 0], **constants)) == []


def test_another_start_ends_elsewhere() -> None:
    assert failed(adaptive.witness_rmsprop([2, 1], 2, [1 / 3, 4 / 3], w_0=[0, 1])) == []
    assert failed(adaptive.witness_rmsprop([2, 1], 2, [2 / 3, 2 / 3], w_0=[0, 1])) == ["RMSProp ends at w_R"]


@pytest.mark.parametrize("huge", [1e300, float("inf"), float("nan")])
def test_numbers_out_of_range_are_no_counterexample(huge: float) -> None:
    requirements = adaptive.witness_adam([huge, 1], 1, [1, 1])
    assert len(requirements) == 1 or failed(requirements)
