"""What an author can get wrong is told when the checks are built: place, key, value, cure."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checkers import kinds
from grader.engine.grade import build_check
from grader.errors import RubricError
from tests.checkers.case_files import make_question

PLACE = "cases.toml: questions[0] (1).criteria[0] (c0)"

NAMES: dict[str, Any] = {
    "symbols": {"X": "matrix n d", "t": "vector n", "w": "vector d", "eta": "scalar", "n": "dim", "d": "dim"},
    "assume": ["d > n", "X full rank"],
}

YES_NO = {"yes": ["yes"], "no": ["no"]}
ROW = {"name": "a", "value": 1}
CASE: dict[str, Any] = {"name": "k = 4", "given": {"k": 4}, "solution": {"p": 1}}
PAD: dict[str, Any] = {"cases": [CASE], "unknowns": [{"name": "p"}], "requires": ["2 p = k - 2"]}
STEP = {"run": "trials:step", "values": [{"name": "w"}, {"name": "term"}]}


def fault(kind: str, options: dict[str, Any], *others: dict[str, Any]) -> str:
    """The message, without its place, of the fault in the first criterion."""
    question = make_question(NAMES | {"criteria": [options, *others]}, kind)
    with pytest.raises(RubricError) as caught:
        build_check(question, question.criteria[0])
    message = str(caught.value)
    for start in (f"{PLACE}: ", f"{PLACE} (kind {kind!r}): "):
        if message.startswith(start):
            return message.removeprefix(start)
    raise AssertionError(f"no place in {message!r}")


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        # ---- keys and types, told by the rubric's own reader
        ("expression", {"expected": "eta", "lables": []}, "unknown key `lables`; did you mean `labels`?"),
        ("choice", {"choices": YES_NO}, "the key `expected` is missing"),
        (
            "table",
            {"rows": [ROW | {"wieght": 2}]},
            "unknown key `wieght` in `rows[0]`; did you mean `weight`?",
        ),
        ("table", {"rows": [{"name": "a"}]}, "the key `value` is missing in `rows[0]`"),
        ("matrix", {"rows": 3}, "`rows` is 3: expected `array`, got `int`"),
        ("matrix", {"rows": [[1, True]]}, "`rows[0][1]` is True: expected `int | float | str`, got `bool`"),
        ("choice", {"choices": {"a": "b"}, "expected": "a"}, "`choices[...]`: expected `array`, got `str`"),
        ("prose", {"wy": "?"}, "unknown key `wy`; did you mean `why`?"),
        (
            "prose",
            {"colour": "red"},
            "unknown key `colour`; the keys are why, look, at_least",
        ),
        # ---- choice
        (
            "choice",
            {"choices": YES_NO, "expected": "maybe"},
            "`expected` names 'maybe'; the choices are yes, no",
        ),
        (
            "choice",
            {"choices": YES_NO, "expected": "yes", "feedback": {"nein": "?"}},
            "`feedback` names 'nein'; the choices are yes, no",
        ),
        (
            "choice",
            {"choices": {"yes": ["yes"]}, "expected": "yes"},
            "`choices` has 1 options (yes); a choice needs two or more",
        ),
        (
            "choice",
            {"choices": {"yes": ["(yes"], "no": ["no"]}, "expected": "yes"},
            (
                "`choices.yes` holds '(yes', which is not a regular expression: "
                "missing ), unterminated subpattern at position 0"
            ),
        ),
        (
            "choice",
            {"choices": {"yes": [], "no": ["no"]}, "expected": "yes"},
            "`choices.yes` is empty; list at least one pattern",
        ),
        (
            "choice",
            {"choices": YES_NO, "expected": "yes", "notes": [{"words": "*", "feedback": ""}]},
            "`notes[0].words` holds '*', which is not a regular expression: nothing to repeat at position 0",
        ),
        (
            "choice",
            {"choices": YES_NO, "expected": "yes", "wrong_credit": {"no": 1.5}},
            "`wrong_credit.no` is 1.5; a credit is a share of the points, from 0 to 1",
        ),
        (
            "choice",
            {"choices": YES_NO, "expected": "yes", "wrong_credit": {"yes": 0.5}},
            "`wrong_credit` names 'yes', which is the right choice; take it out",
        ),
        # ---- constraint
        ("constraint", PAD | {"cases": []}, "`cases` is empty; list at least one"),
        ("constraint", PAD | {"requires": []}, "`requires` is empty; list at least one"),
        (
            "constraint",
            PAD | {"requires": ["2 p"]},
            "`requires` holds '2 p', which is no relation such as 'op = 2p + 2 - k' or '0 <= op < 2'",
        ),
        (
            "constraint",
            PAD | {"requires": ["p ≈ 2"]},
            "`requires` holds 'p ≈ 2' with the sign '~'; the signs are =, !=, <, <=, >, >=",
        ),
        (
            "constraint",
            PAD | {"requires": ["p = q"]},
            ("`requires` holds 'p = q', which cannot be read: q is not declared; the names here are k, p"),
        ),
        (
            "constraint",
            PAD | {"cases": [CASE | {"solution": {"q": 1}}]},
            "`cases[0].solution` has q; the unknowns are p",
        ),
        (
            "constraint",
            PAD | {"cases": [CASE, CASE | {"name": "five", "given": {"K": 5}}]},
            "`cases[1].given` has K; the first case has k",
        ),
        ("constraint", PAD | {"cases": [CASE, CASE]}, "two of the `cases` have one name; give each its own"),
        (
            "constraint",
            PAD | {"cases": [CASE | {"given": {"k": "four"}}]},
            "`cases[0].given.k` is 'four'; write a number, such as 12 or '2/5'",
        ),
        (
            "constraint",
            PAD | {"cases": [CASE | {"words": ["("]}]},
            (
                "`cases[0].words` holds '(', which is not a regular expression: "
                "missing ), unterminated subpattern at position 0"
            ),
        ),
        (
            "constraint",
            PAD | {"unknowns": [{"name": "p", "weight": 0}]},
            "`weight` of an unknown is not negative, and not 0 for all of them",
        ),
        (
            "constraint",
            PAD | {"feedback": {"p > 0": "?"}},
            "`feedback` is about 'p > 0', which is not in `requires`",
        ),
        # ---- contains
        ("contains", {"expected": [], "what": ""}, "`expected` is empty; list at least one formula"),
        (
            "contains",
            {"expected": ["X +"], "what": ""},
            "`expected[0]`: the expected answer 'X +' cannot be read: something is missing behind '+'",
        ),
        (
            "contains",
            {"expected": ["(X^T X)^{-1} X^T t"], "what": ""},
            (
                "`expected[0]`: the expected answer '(X^T X)^{-1} X^T t' has no value under the assumptions: "
                "a singular matrix has no inverse"
            ),
        ),
        (
            "contains",
            {"expected": ["eta"], "what": "", "wrong": [{"expected": "q", "feedback": ""}]},
            (
                "`wrong[0].expected`: the wrong answer 'q' cannot be read: "
                "q is not declared; the names here are X, d, η, n, t, w"
            ),
        ),
        (
            "contains",
            {
                "expected": ["eta"],
                "what": "",
                "layouts": [{"symbols": {"x_i": "vector d"}, "expected": ["eta"]}],
            },
            "`layouts[0].expected` stands beside symbols that the question does not declare: x_i",
        ),
        # ---- expression
        (
            "expression",
            {"expected": "X w + eta"},
            "`expected`: the expected answer 'X w + eta' cannot be read: cannot add (n×1) and a scalar",
        ),
        (
            "expression",
            {"expected": "X^T X t", "alternatives": []},
            ("`expected`: the expected answer 'X^T X t' cannot be read: cannot multiply (d×d) by (n×1)"),
        ),
        (
            "expression",
            {"expected": "eta", "tolerance": {"relative": 0.1}},
            "`tolerance` has the key 'relative'; the keys are rel, abs",
        ),
        (
            "expression",
            {"expected": "eta", "tolerance": {"rel": 0}},
            "`tolerance.rel` is 0; write a positive number such as 1e-3",
        ),
        (
            "expression",
            {"expected": "eta", "slip_credit": 50},
            "`slip_credit` is 50; a credit is a share of the points, from 0 to 1",
        ),
        (
            "expression",
            {"expected": "eta", "mistakes": [{"answer": "2 eta", "feedback": "", "credit": -1}]},
            "`mistakes[0].credit` is -1; a credit is a share of the points, from 0 to 1",
        ),
        (
            "expression",
            {"expected": "eta", "not_using": ["K"]},
            "`not_using` names 'K'; the names are X, t, w, eta, n, d",
        ),
        (
            "expression",
            {"expected": "eta", "labels": [r"\eta^{*"]},
            r"`labels` holds '\\eta^{*', which cannot be read: an opening brace without a closing one.",
        ),
        (
            "expression",
            {"expected": "eta", "follow": {"criterion": "w_1", "symbol": "w_1", "expected": "eta"}},
            "`follow.criterion` is 'w_1'; the formulas of this question and of those before it are c0",
        ),
        (
            "expression",
            {"expected": "eta", "follow": {"criterion": "c0"}},
            "`follow` needs either `root`, or `symbol` and `expected`",
        ),
        (
            "expression",
            {"expected": "eta", "follow": {"criterion": "c0", "root": "w_1"}},
            (
                "`follow.root` is 'w_1'; the right result of 'c0' with `expected` put for it should vanish; "
                "it does not, or is of another shape"
            ),
        ),
        # ---- graph
        ("graph", {"edges": []}, "`edges` is empty; write the expected graph, such as ['w_0 -> L_0 -> g_0']"),
        (
            "graph",
            {"edges": ["a to b"]},
            "`edges` holds 'a to b', which is no chain of edges such as 'w_0 -> L_0 -> g_0'",
        ),
        ("graph", {"edges": ["a -> b -> a"]}, "`edges` has a cycle; an arrow is turned round"),
        (
            "graph",
            {"edges": ["a -> b"], "alternatives": [["a -> b", "b -> a"]]},
            "`alternatives[0]` has a cycle; an arrow is turned round",
        ),
        ("graph", {"edges": ["a -> b"], "free": ["c"]}, "`free` names the node 'c'; the nodes are a, b"),
        (
            "graph",
            {"edges": ["a -> b"], "aliases": {"c": ["C"]}},
            "`aliases` names the node 'c'; the nodes are a, b",
        ),
        (
            "graph",
            {"edges": ["a -> b"], "requires": ["edge a c"]},
            "`requires` names the node 'c'; the nodes are a, b",
        ),
        (
            "graph",
            {"edges": ["a -> b"], "requires": ["degree a 2"]},
            (
                "`requires` holds 'degree a 2', which asks nothing known; write 'edge a b', 'path a b', "
                "'node a', 'acyclic', 'in-degree a 2', 'out-degree a 2', 'paths a b in 2,3'"
            ),
        ),
        (
            "graph",
            {"edges": ["a -> b"], "requires": ["paths a b many"]},
            (
                "`requires` holds 'paths a b many', which asks nothing known; write 'edge a b', 'path a b', "
                "'node a', 'acyclic', 'in-degree a 2', 'out-degree a 2', 'paths a b in 2,3'"
            ),
        ),
        (
            "graph",
            {"edges": ["a -> b"], "feedback": {"acyclic": "?"}},
            "`feedback` is about 'acyclic', which is neither an edge 'a -> b' nor in `requires`",
        ),
        (
            "graph",
            {"edges": [f"a -> m{k} -> b" for k in range(17)], "free": [f"m{k}" for k in range(17)]},
            "`free` has 17 nodes; at most 16 can be compared",
        ),
        # ---- growth
        (
            "growth",
            {"expected": "fast"},
            (
                "`expected` holds 'fast', which is no order of growth: "
                "fast is not declared; the names here are X, d, η, n, t, w."
            ),
        ),
        (
            "growth",
            {"expected": "O(n)", "constants": ["k"]},
            "`constants` names 'k', which is not a symbol; the symbols are X, t, w, eta, n, d",
        ),
        (
            "growth",
            {"expected": "O(n)", "words": ["[a"]},
            "`words` holds '[a', which is not a regular expression: unterminated character set at position 0",
        ),
        (
            "growth",
            {"expected": "O(n)", "feedback": {"O(2n)": "?"}},
            "`feedback` has a remark for the right growth; it is never shown",
        ),
        ("growth", {"expected": "O(n)", "position": -1}, "`position` is -1; the first O(…) has position 0"),
        # ---- matrix
        ("matrix", {"rows": [[1, 2], [3]]}, "`rows` has rows of 2, 1 entries; all rows need one length"),
        ("matrix", {"rows": []}, "`rows` has rows of no entries; all rows need one length"),
        ("matrix", {"rows": [[1, "x"]]}, "`rows[0][1]` is 'x'; write a number, such as 12 or '2/5'"),
        ("matrix", {"rows": [[float("inf")]]}, "`rows[0][0]` is inf; write a number, such as 12 or '2/5'"),
        (
            "matrix",
            {"rows": [[1]], "variants": [{"name": "v", "rows": [[1], []], "feedback": ""}]},
            "`variants[0].rows` has rows of 1, 0 entries; all rows need one length",
        ),
        ("matrix", {"rows": [[1]], "rel": 5}, "`rel` is 5; write a share such as 1e-3"),
        # ---- number
        (
            "number",
            {"expected": "two"},
            r"`expected` is 'two'; write a number, such as 12, '2/5' or '2\sqrt{2}/3'",
        ),
        (
            "number",
            {"expected": True},
            "`expected` is True: expected `int | float | str`, got `bool`",
        ),
        (
            "number",
            {"expected": float("inf")},
            r"`expected` is inf; write a number, such as 12, '2/5' or '2\sqrt{2}/3'",
        ),
        (
            "number",
            {"expected": 1, "mistakes": [{"answer": "n", "feedback": ""}]},
            r"`mistakes[0].answer` is 'n'; write a number, such as 12, '2/5' or '2\sqrt{2}/3'",
        ),
        (
            "number",
            {"expected": 1, "alternatives": [{"expected": 2, "convention": "", "credit": 2}]},
            "`alternatives[0].credit` is 2; a credit is a share of the points, from 0 to 1",
        ),
        (
            "number",
            {"expected": 1, "tolerance": {"relative": 0.1}},
            "`tolerance` has the key 'relative'; the keys are rel, abs",
        ),
        (
            "number",
            {"expected": 1, "tolerance": {"abs": -1}},
            "`tolerance.abs` is -1; write a positive number such as 1e-3",
        ),
        (
            "number",
            {"expected": 1, "near": "("},
            (
                "`near` holds '(', which is not a regular expression: "
                "missing ), unterminated subpattern at position 0"
            ),
        ),
        (
            "number",
            {"expected": 1, "labels": [r"\eta^{*"]},
            r"`labels` holds '\\eta^{*', which cannot be read: an opening brace without a closing one.",
        ),
        (
            "number",
            {"expected": 1, "follow": {"criterion": "w_1", "symbol": "w_1", "expected": "w_1"}},
            "`follow.criterion` is 'w_1'; the criteria here are c0",
        ),
        (
            "number",
            {"expected": 1, "rounded_credit": 5},
            "`rounded_credit` is 5; a credit is a share of the points, from 0 to 1",
        ),
        # ---- code, plot
        (
            "code",
            {"function": "fit poly", "parameters": []},
            "`function` holds 'fit poly', which is no name in Python",
        ),
        (
            "code",
            {"function": "f", "parameters": ["x", "2d"]},
            "`parameters` holds '2d', which is no name in Python",
        ),
        (
            "plot",
            {"look": [{"note": "a", "words": "("}]},
            (
                "`look[0].words` holds '(', which is not a regular expression: "
                "missing ), unterminated subpattern at position 0"
            ),
        ),
        # ---- proof
        ("proof", {"steps": []}, "`steps` is empty; list at least one step"),
        (
            "proof",
            {"steps": [{"what": "a", "expected": []}]},
            "`steps[0].expected` is empty; list at least one formula or relation",
        ),
        (
            "proof",
            {"steps": [{"what": "a", "expected": ["2 eta"], "share": 0}]},
            "`steps`: all shares are 0; give at least one step a `share`",
        ),
        (
            "proof",
            {"steps": [{"what": "a", "expected": ["2 eta"], "share": -1}]},
            "`steps[0].share` is -1; a share is not negative",
        ),
        (
            "proof",
            {"steps": [{"what": "a", "expected": ["eta = 1"]}], "routes": [[]]},
            "`routes[0]` is empty; list at least one step",
        ),
        (
            "proof",
            {"steps": [{"what": "a", "expected": ["2 eta = eta + eta"]}]},
            (
                "`steps[0].expected[0]` is '2 eta = eta + eta', which holds for all values; "
                "leave a name free in it, or write one side only"
            ),
        ),
        (
            "proof",
            {"steps": [{"what": "a", "expected": ["0 < eta < 1"]}]},
            "`steps[0].expected[0]` is '0 < eta < 1'; write one relation, A = B or A \\le B",
        ),
        (
            "proof",
            {"steps": [{"what": "a", "expected": ["eta = q"]}]},
            (
                "`steps[0].expected[0]`: the expected answer 'eta - (q)' cannot be read: "
                "q is not declared; the names here are X, d, η, n, t, w"
            ),
        ),
        (
            "proof",
            {
                "steps": [{"what": "a", "expected": ["2 eta"]}],
                "wrong": [{"expected": "3 eta", "feedback": "", "cost": 2}],
            },
            "`wrong[0].cost` is 2; a credit is a share of the points, from 0 to 1",
        ),
        (
            "proof",
            {"steps": [{"what": "a", "expected": ["eta"]}]},
            "`steps[0].expected[0]` is 'eta', which proves nothing by itself; write what it is equal to",
        ),
        # ---- equation
        (
            "equation",
            {"expected": "eta"},
            (
                "`expected`: the expected answer 'eta' cannot be read: "
                "an equation is expected here, with an equals sign"
            ),
        ),
        (
            "equation",
            {"expected": "X w = 1"},
            "`expected` is 'X w = 1': the sides of this equation are (n×1) and a scalar",
        ),
        (
            "equation",
            {"expected": "eta = 1", "unknowns": ["q"]},
            "`unknowns` names 'q'; the symbols are X, t, w, eta, n, d",
        ),
        (
            "equation",
            {"expected": "eta = 1", "names": {"q": ["x"]}},
            "`names` names 'q'; the symbols are X, t, w, eta, n, d",
        ),
        (
            "equation",
            {"expected": "eta = 1", "mistakes": [{"answer": "eta = q", "feedback": ""}]},
            (
                "`mistakes[0].answer`: the expected answer 'eta = q' cannot be read: "
                "q is not declared; the names here are X, d, η, n, t, w"
            ),
        ),
        (
            "equation",
            {"expected": "eta = 1", "alternatives": [{"expected": "eta = 2", "convention": "", "credit": 3}]},
            "`alternatives[0].credit` is 3; a credit is a share of the points, from 0 to 1",
        ),
        # ---- vector
        (
            "vector",
            {"expected": "(1, "},
            "`expected` is '(1, ', which cannot be read: '(' is not closed: expected ')' and found the end.",
        ),
        (
            "vector",
            {"expected": [1]},
            r"`expected` is [1]; write a vector of two or more numbers, such as '(2, 1)/\sqrt{5}'",
        ),
        (
            "vector",
            {"expected": "X^T t"},
            "`expected` is 'X^T t', which cannot be read: X is not declared.",
        ),
        (
            "vector",
            {"expected": "(2, 1)", "unit": True},
            "`expected` is '(2, 1)'; with `unit` its length has to be 1",
        ),
        (
            "vector",
            {"expected": "(0.6, 0.8)", "unit": True, "up_to": "positive scale"},
            "`up_to` is 'positive scale'; with `unit` only the sign can differ",
        ),
        (
            "vector",
            {"expected": "(1, 2)", "up_to": "length"},
            "`up_to` is 'length': invalid enum value 'length'",
        ),
        (
            "vector",
            {"expected": "(1, 2)", "given": [r"\eta^{*"]},
            r"`given` holds '\\eta^{*', which cannot be read: an opening brace without a closing one.",
        ),
        (
            "vector",
            {"expected": "(1, 2)", "mistakes": [{"answer": "3", "feedback": ""}]},
            r"`mistakes[0].answer` is '3'; write a vector of two or more numbers, such as '(2, 1)/\sqrt{5}'",
        ),
        (
            "vector",
            {"expected": "(1, 2)", "unit_credit": 2},
            "`unit_credit` is 2; a credit is a share of the points, from 0 to 1",
        ),
        # ---- prose
        (
            "prose",
            {"look": [{"note": "a"}]},
            "`look[0]` has neither of `words` and `expected`; it needs one of them",
        ),
        (
            "prose",
            {"look": [{"note": "a", "words": "b"}, {"note": "a", "words": "b", "expected": "eta"}]},
            "`look[1]` has both of `words` and `expected`; it needs one of them",
        ),
        (
            "prose",
            {"look": [{"note": "a", "words": "("}]},
            (
                "`look[0].words` holds '(', which is not a regular expression: "
                "missing ), unterminated subpattern at position 0"
            ),
        ),
        # ---- table
        ("table", {"rows": []}, "`rows` is empty; list at least one row"),
        ("table", {"rows": [ROW | {"weight": 0}]}, "all weights are 0; give at least one row a `weight`"),
        ("table", {"rows": [ROW | {"weight": -1}]}, "`rows[0].weight` is -1; a weight is not negative"),
        # ---- jacobian
        (
            "jacobian",
            {"rows": [], "of": [], "by": ["x"]},
            "`of` and `by` name the outputs and the inputs; neither may be empty",
        ),
        (
            "jacobian",
            {"rows": [[1, 2]], "of": ["f"], "by": ["x"]},
            "`rows` needs 1 rows (`of`) of 1 numbers (`by`)",
        ),
        (
            "jacobian",
            {"rows": [["one"]], "of": ["f"], "by": ["x"]},
            "`rows[0][0]` is 'one'; write a number, such as 12 or '2/5'",
        ),
        (
            "jacobian",
            {"rows": [[1]], "of": ["f"], "by": ["x"], "rel": 2.0},
            "`rel` is 2; write a share such as 1e-3",
        ),
        (
            "jacobian",
            {"rows": [[1]], "of": ["f"], "by": ["x"], "formulas": [["1", "2"]]},
            "`formulas` needs 1 rows of 1 formulas, as `rows` has",
        ),
        (
            "jacobian",
            {"rows": [[1]], "of": ["f"], "by": ["x"], "alternatives": [{"name": "a", "rows": [[1, 2]]}]},
            "`alternatives[0].rows` needs 1 rows (`of`) of 1 numbers (`by`)",
        ),
        (
            "jacobian",
            {
                "rows": [[1]],
                "of": ["f"],
                "by": ["x"],
                "variants": [{"name": "a", "rows": [[2]], "feedback": "", "credit": 2.0}],
            },
            "`variants[0].credit` is 2; a credit is a share of the points, from 0 to 1",
        ),
        (
            "jacobian",
            {"rows": [[1]], "of": ["f"], "by": ["\\mathbb{"]},
            "`of` or `by` holds a name that cannot be read: an opening brace without a closing one.",
        ),
        (
            "table",
            {"rows": [ROW | {"value": "one"}]},
            "`rows[0].value` is 'one'; write a number, such as 12 or '2/5'",
        ),
        (
            "table",
            {"rows": [ROW], "mistakes": [{"row": "b", "value": 2, "feedback": ""}]},
            "`mistakes[0].row` is 'b'; the rows are a",
        ),
        (
            "table",
            {"rows": [ROW], "total": 1, "mistakes": [{"row": "b", "value": 2, "feedback": ""}]},
            "`mistakes[0].row` is 'b'; the rows are a, total",
        ),
        (
            "table",
            {"rows": [ROW], "total": "many"},
            "`total.value` is 'many'; write a number, such as 12 or '2/5'",
        ),
        # ---- witness
        (
            "witness",
            STEP | {"values": []},
            "`values` is empty; list at least one value that the student chooses",
        ),
        (
            "witness",
            STEP | {"run": "trials"},
            "`run`: reference 'trials' is not 'module:name', such as 'learning_rates:eta_star'",
        ),
        (
            "witness",
            STEP | {"run": "trials:stop"},
            (
                "`run`: reference module 'trials' has no function witness_stop; "
                "a function that tries a student's values is called witness_…"
            ),
        ),
        (
            "witness",
            STEP | {"values": [{"name": "w"}]},
            "`run` = 'trials:step': the parameter 'term' of the function gets no value",
        ),
        (
            "witness",
            STEP | {"values": [{"name": "w"}, {"name": "term"}, {"name": "rate"}]},
            "`run` = 'trials:step': the function has no parameter 'rate'; it has w, term, eta",
        ),
        (
            "witness",
            STEP | {"values": [{"name": "w", "kind": "number"}, {"name": "term"}]},
            "`values[0].kind` is 'number': invalid enum value 'number'",
        ),
        (
            "witness",
            STEP | {"values": [{"name": "w", "default": [1, 2]}, {"name": "term"}]},
            "`values[0].default` is [1, 2], which is no scalar",
        ),
        (
            "witness",
            STEP | {"values": [{"name": "w", "default": "half"}, {"name": "term"}]},
            "`values[0].default` is 'half'; write a number, such as 12 or '2/5', or a list of them",
        ),
        (
            "witness",
            STEP | {"values": [{"name": "w", "words": {"one": ["1"]}}, {"name": "term"}]},
            "`values[0].words` has the value 'one'; write a number, such as '1'",
        ),
        (
            "witness",
            STEP | {"values": [{"name": "w", "labels": ["w_{"]}, {"name": "term"}]},
            "`values[0].labels` holds 'w_{', which cannot be read: an opening brace without a closing one.",
        ),
        (
            "witness",
            STEP | {"credits": {"f rises": 2}},
            "`credits.f rises` is 2; a credit is a share of the points, from 0 to 1",
        ),
    ],
)
def test_a_fault_is_told(kind: str, options: dict[str, Any], message: str) -> None:
    assert fault(kind, options) == message


def test_an_unknown_kind_is_told() -> None:
    assert fault("drawing", {}) == (f"unknown checker kind 'drawing'; the kinds are {', '.join(kinds())}")


def test_an_error_carried_forward_has_to_lead_to_the_answer() -> None:
    source = {"id": "step", "kind": "expression", "expected": "2 eta"}
    target = {"expected": "4 eta^2", "follow": {"criterion": "step", "symbol": "s", "expected": "s"}}
    assert fault("expression", target, source) == (
        "`follow.expected` is 's'; with the right s it is not `expected`"
    )
    target["follow"] = {"criterion": "step", "symbol": "s", "expected": "s +"}
    assert fault("expression", target, source) == (
        "`follow.expected`: the expected answer 's +' cannot be read: something is missing behind '+'"
    )
