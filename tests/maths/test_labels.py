"""What a left side names."""

from __future__ import annotations

import pytest

from grader.maths.labels import bare_label_of, label_key, label_of, labels_in_words
from grader.maths.tokens import tokenize

KEYS = {
    "eta_star": [r"\eta^*", r"\eta^{*}", r"\eta^\star", r"\eta_*", r"\eta_{\star}", "η*", "η⋆", "eta*",
            "eta_star", r"\boldsymbol\eta^*"],
    "eta_opt": [r"\eta_{opt}", r"\eta_{\text{opt}}", r"\eta_\mathrm{opt}", r"\eta_{\rm opt}",
            r"\eta^{\text{opt}}"],
    "eta_hat": [r"\hat\eta", r"\hat{\eta}", r"\widehat{\eta}", "η̂"],
    "L_1": [r"\mathcal{L}_1(\eta)", r"\mathcal L_1", r"\mathcal{L}_{1}", r"L_1(\eta)", "L1", "ℒ₁(η)",
            r"L_{1}\left(\eta\right)"],
    "d L_1 / eta": [
        r"\frac{d\mathcal L_1}{d\eta}", r"\frac{d \mathcal{L}_1(\eta)}{d \eta}",
            r"\frac{\partial L_1}{\partial \eta}",
        r"\frac{\mathrm{d}L_1}{\mathrm{d}\eta}", r"\frac{d}{d\eta} L_1",
            r"\frac{d}{d\eta}\left(\mathcal{L}_1\right)",
        r"\dfrac{\partial}{\partial\eta} L_1", r"\nabla_\eta \mathcal{L}_1",
            r"\nabla_{\eta} \mathcal{L}_1(\eta)",
        r"L_1'(\eta)", r"L_1^\prime(\eta)", r"\mathcal{L}'_1(\eta)", "dL_1/dη", r"dL_1/d\eta", "dL1/deta",
            "∂L₁/∂η",
        r"\partial_\eta L_1", r"D_\eta L_1",
    ],
    "d2 L_1 / eta": [r"\frac{d^2L_1}{d\eta^2}", r"\frac{d^2}{d\eta^2}L_1", r"\nabla^2_\eta L_1",
            r"L_1''(\eta)", "d²L₁/dη²"],
    "argmin L_1 / eta": [r"\argmin_\eta L_1", r"\arg\min_\eta L_1", r"\operatorname*{arg\,min}_\eta L_1"],
    "w_hat": [r"\hat{\mathbf{w}}", r"\mathbf{\hat{w}}", r"\hat w", "ŵ", "w_hat"],
    "w_hat_1": [r"{\hat w}_1", r"\hat{w}_{1}", r"\hat{w_1}", "ŵ₁"],
    "w^(1)": ["w^{(1)}", "w^{[1]}", r"\mathbf w^{(1)}"],
    "w_t+1": ["w_{t+1}", r"\mathbf{w}_{t+1}"],
    "lambda_tilde": [r"\tilde\lambda", r"\widetilde{\lambda}", "λ̃"],
    "num_weights": [r"\text{num\_weights}", r"\text{num_weights}"],
    "x_bar": [r"\bar{x}", r"\overline{x}", r"\bar{\mathbf{x}}", "x̄"],
    "f_1": ["f_1(1, 2)", "f_1(w_1, w_2)", "f_{1}(w)"],
}  # fmt: skip


@pytest.mark.parametrize(("key", "text"), [(k, t) for k, ts in KEYS.items() for t in ts])
def test_key(key: str, text: str) -> None:
    assert label_of(tokenize(text)) == key
    assert label_key(text) == key


@pytest.mark.parametrize(
    "text",
    ["2x", "x + 1", r"\|w\|", "x y", r"\frac{x}{y}", r"\mathbf{I} * \mathbf{J}", "3", r"\sum_i x_i", "x^2"],
)
def test_what_is_more_than_a_name_has_no_key(text: str) -> None:
    assert label_of(tokenize(text)) is None


def test_a_name_with_brackets_behind_it_may_be_a_product() -> None:
    assert label_of(tokenize("n(k+1)")) == "n"
    assert bare_label_of(tokenize("n(k+1)")) is None
    assert bare_label_of(tokenize("w^{(t)}")) == "w^(t)"


def test_an_author_may_use_any_text_as_a_label() -> None:
    assert label_key(r"\mathbf{I} * \mathbf{J}") == r"\mathbf{I}*\mathbf{J}"


@pytest.mark.parametrize(
    ("words", "label", "named"),
    [
        ("The number of weights is", "weights", True),
        ("The number of weights is", "number of weights", True),
        ("In total, Weights:", "weights", True),
        ("Weights", "weights", True),
        ("η* =", r"\eta^*", True),
        ("which gives w_1 =", "w_1", True),
        ("the weights of the first layer are", "weights", False),
        ("so the gradient of L is", "L", False),
        ("A long remark on weights that has many words in it and ends with weights", "weights", False),
        ("outputs = 5. Next,", "outputs", False),
        ("", "weights", False),
    ],
)
def test_a_label_in_the_prose_in_front(words: str, label: str, named: bool) -> None:
    assert (label_key(label) in labels_in_words(words)) is named
