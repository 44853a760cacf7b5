"""What to scale with more compute."""

from __future__ import annotations

import pytest

from reference import scaling_laws


def test_exponents() -> None:
    derived, measured = scaling_laws.symbolic_exponents(), scaling_laws.numeric_exponents()
    assert {name: round(float(power), 2) for name, power in derived.items()} == {
        "model size": 0.68,
        "batch size": 0.25,
        "steps": 0.07,
    }
    assert sum(derived.values()) == 1
    assert measured == pytest.approx({name: float(power) for name, power in derived.items()}, abs=1e-4)


def test_the_model_gets_most_of_it() -> None:
    assert scaling_laws.symbolic_best_use() == scaling_laws.numeric_best_use() == "model size"
