"""Words the reader knows without their being declared."""

from __future__ import annotations

__all__ = ["FUNCTIONS", "LOOK_ALIKE"]

# as written → the operation it is
FUNCTIONS = {
    "exp": "exp", "log": "log", "ln": "log", "sin": "sin", "cos": "cos", "tan": "tan", "tanh": "tanh",
    "sinh": "sinh", "cosh": "cosh", "arctan": "atan", "atan": "atan", "arcsin": "asin", "arccos": "acos",
    "sqrt": "sqrt", "abs": "abs", "sgn": "sign", "sign": "sign", "sigmoid": "sigmoid", "relu": "relu",
    "ReLU": "relu", "softplus": "softplus", "tr": "tr", "trace": "tr", "Tr": "tr", "det": "det",
    "diag": "diag",
    "Diag": "diag", "inv": "inv", "solve": "solve", "pinv": "pinv", "transpose": "transpose",
    "norm": "norm", "dot": "dot",
    "matmul": "dot", "outer": "outer", "inner": "inner", "vdot": "inner", "multiply": "had", "eye": "eye",
    "identity": "eye", "ones": "ones", "zeros": "zeros", "sum": "sumall", "mean": "mean", "square": "square",
    "max": "max", "min": "min", "maximum": "max", "minimum": "min", "rank": "rank", "array": "array",
    "Matrix": "array", "matrix": "array", "expit": "sigmoid", "power": "power", "divide": "divide",
    "subtract": "subtract", "add": "plus", "floor": "floor", "ceil": "ceil", "ceiling": "ceil",
    "int": "trunc", "trunc": "trunc", "mod": "mod", "remainder": "mod", "floor_divide": "floordiv",
    "len": "len", "inverse": "inv", "average": "mean", "amax": "max", "amin": "min", "absolute": "abs",
    "Abs": "abs", "fabs": "abs", "Max": "max", "Min": "min", "sec": "sec", "csc": "csc", "cot": "cot",
    "sech": "sech", "csch": "csch", "coth": "coth", "softmax": "softmax", "logsumexp": "logsumexp",
    "where": "where",
}  # fmt: skip

# letters that are mistaken for one another
LOOK_ALIKE = {
    "omega": "w", "upsilon": "v", "nu": "v", "chi": "x", "rho": "p", "kappa": "k", "tau": "t", "iota": "i",
    "w": "omega", "v": "nu", "x": "chi", "p": "rho", "k": "kappa", "n": "eta", "l": "lambda", "a": "alpha",
}  # fmt: skip
