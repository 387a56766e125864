"""E042: what `dpc explain` says about derivative rules."""

from dpc.dsl.errors.explanation import Explanation

_SQUARE = "def square(x: f64[n]) -> f64[n]:\n    return x * x\n\n"
_VJP = "def rule(x: f64[n], y: f64[n], dy: f64[n]) -> f64[n]:\n    return 2.0 * x * dy\n"
_JVP = "def other(x: f64[n], dx: f64[n]) -> (f64[n], f64[n]):\n    return x * x, 2.0 * x * dx\n"

RULES = {
    "E0420": Explanation(
        "What stands behind an `@` is one of the decorators, with the name of the function that "
        "the rule is for.",
        _SQUARE + "@custom_vjp\n" + _VJP,
        ("Write `@custom_vjp(f)` or `@custom_jvp(f)` above the rule of `f`.",),
    ),
    "E0421": Explanation(
        "A vjp rule takes the parameters of its function, then each item of the result, then a "
        "cotangent for each item that holds floats. A jvp rule takes the parameters, then a "
        "tangent for each that holds floats.",
        _SQUARE + "@custom_vjp(square)\n"
        "def rule(x: f64[n], dy: f64[n]) -> f64[n]:\n    return 2.0 * x * dy\n",
        ("Give the rule the parameters that the hint shows; their names are free.",),
    ),
    "E0422": Explanation(
        "Tangents and cotangents have the type of what they belong to. A vjp rule returns a "
        "cotangent for each parameter that holds floats, in a tuple if there are several; a jvp "
        "rule returns the result and its tangent.",
        _SQUARE + "@custom_jvp(square)\n"
        "def rule(x: f64[n], dx: f64[n]) -> f64[n]:\n    return 2.0 * x * dx\n",
        ("Begin the definition as the hint shows.",),
    ),
    "E0423": Explanation(
        "A rule stands in the file of the function that it is for, so that the function has one "
        "derivative wherever it is used.",
        "@custom_vjp(square)\n" + _VJP,
        (
            "Correct the name.",
            "For a function of another module: write a function that calls it, and the rule of "
            "that one.",
        ),
    ),
    "E0424": Explanation(
        "A function has one derivative. A vjp rule is linear in its cotangent, so that forward "
        "mode follows by transposition, and conversely.",
        _SQUARE + "@custom_vjp(square)\n" + _VJP + "\n@custom_jvp(square)\n" + _JVP,
        ("Keep one of the two rules.",),
    ),
    "E0425": Explanation(
        "Only floats carry derivatives: a function from integers, or to integers, has none that a "
        "rule could replace.",
        "def half(k: i64) -> f64:\n    return 0.5 * k\n\n"
        "@custom_vjp(half)\n"
        "def rule(k: i64, y: f64, dy: f64) -> f64:\n    return 0.5 * dy\n",
        ("Remove the rule.", "Declare the parameter or the result as a float."),
    ),
    "E0426": Explanation(
        "A rule may call its function on the parameters, for the value. Called on a tangent or a "
        "cotangent, the function would have to be differentiated by the rule that is being "
        "derived, without end.",
        "",
        ("Write out what the function does to a tangent: here `2.0 * dx`.",),
    ),
}
