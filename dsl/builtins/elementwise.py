"""Elementwise functions: arguments broadcast, integers widen where the function is of floats."""

from dpc.dsl.builtins.entry import Builtin

_FLOAT_UNARY = {
    "exp": "e to the power x.",
    "expm1": "exp(x) - 1, precise near 0.",
    "exp2": "2 to the power x.",
    "log": "The natural logarithm.",
    "log1p": "log(1 + x), precise near 0.",
    "log2": "The logarithm to base 2.",
    "log10": "The logarithm to base 10.",
    "sqrt": "The square root.",
    "cbrt": "The cube root, of negative numbers too.",
    "rsqrt": "1 / sqrt(x).",
    "sin": "The sine.",
    "cos": "The cosine.",
    "tan": "The tangent.",
    "asin": "The inverse sine, in -pi/2 to pi/2.",
    "acos": "The inverse cosine, in 0 to pi.",
    "atan": "The inverse tangent, in -pi/2 to pi/2.",
    "sinh": "The hyperbolic sine.",
    "cosh": "The hyperbolic cosine.",
    "tanh": "The hyperbolic tangent.",
    "asinh": "The inverse hyperbolic sine.",
    "acosh": "The inverse hyperbolic cosine.",
    "atanh": "The inverse hyperbolic tangent.",
    "sigmoid": "1 / (1 + exp(-x)).",
    "softplus": "log(1 + exp(x)) without overflow.",
    "relu": "x where positive, else 0; derivative 0 at 0.",
    "erf": "The error function.",
    "erfc": "1 - erf(x), precise for large x.",
    "lgamma": "The logarithm of the absolute value of the gamma function.",
    "digamma": "The derivative of lgamma.",
    "floor": "The largest integer not above x, as a float.",
    "ceil": "The smallest integer not below x, as a float.",
    "round": "The nearest integer, as a float; half to even.",
    "stop_gradient": "x, with derivative 0.",
}
_FLOAT_BINARY = {
    "atan2": (("y", "x"), "The angle of the point (x, y)."),
    "hypot": (("x", "y"), "sqrt(x**2 + y**2) without overflow."),
    "copysign": (("x", "y"), "The magnitude of x with the sign of y."),
    "logaddexp": (("x", "y"), "log(exp(x) + exp(y)) without overflow."),
}
_NUMBER_UNARY = {
    "abs": "The absolute value; integers stay integers.",
    "sign": "-1, 0 or 1, in x's type.",
}
_PREDICATES = {
    "isnan": "True where x is NaN.",
    "isinf": "True where x is an infinity.",
    "isfinite": "True where x is neither NaN nor an infinity.",
}


def _row(kind: str, name: str, parameters: tuple[str, ...], doc: str) -> Builtin:
    signature = f"{name}({', '.join(parameters)})"
    return Builtin(name, "elementwise", signature, doc, kind, parameters)


ELEMENTWISE = (
    *(_row("float", name, ("x",), doc) for name, doc in _FLOAT_UNARY.items()),
    *(_row("float", name, names, doc) for name, (names, doc) in _FLOAT_BINARY.items()),
    *(_row("number", name, ("x",), doc) for name, doc in _NUMBER_UNARY.items()),
    *(_row("predicate", name, ("x",), doc) for name, doc in _PREDICATES.items()),
    _row("power", "pow", ("x", "y"), "x ** y."),
    _row("clip", "clip", ("x", "low", "high"), "x limited to low .. high."),
    _row("where", "where", ("condition", "x", "y"), "x where the condition holds, else y."),
    _row("polygamma", "polygamma", ("order", "x"), "The order-th derivative of digamma."),
)
