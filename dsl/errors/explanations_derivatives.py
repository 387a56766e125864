"""E04: what `dpc explain` says about derivatives."""

from dpc.dsl.errors.explanation import Explanation

DERIVATIVES = {
    "E0401": Explanation(
        "The result depends on an input through an operation without a rule for its derivative. "
        "Every operation of this version has one; the check keeps later ones honest.",
        "",
        ("Wrap the value in `stop_gradient(...)` if its derivative should be zero.",),
    ),
    "E0402": Explanation(
        "A gradient is of one number. The function's result is something else.",
        "def g(x: f64[n]) -> f64[n]:\n    return x * x\n\n"
        "def f(x: f64[n]) -> f64:\n    return sum(grad(g)(x))\n",
        ("Reduce the result, for example by `sum`.", "Use `jvp` or `vjp`."),
    ),
    "E0403": Explanation(
        "`wrt` names parameters of the function, or fields of them (`m.w`): never variables of the "
        "caller.",
        "def g(x: f64) -> f64:\n    return x * x\n\n"
        'def f(x: f64) -> f64:\n    return grad(g, wrt="y")(x)\n',
        ("Correct the name.",),
    ),
    "E0404": Explanation(
        "Only floats carry derivatives; what `wrt` names holds integers or bools.",
        "def g(x: f64, k: i64) -> f64:\n    return x * k\n\n"
        'def f(x: f64) -> f64:\n    return grad(g, wrt="k")(x, 2)\n',
        ("Name a float parameter.", "Declare the parameter as a float."),
    ),
    "E0405": Explanation(
        "The function has no float parameter, or no float result: there is nothing to "
        "differentiate.",
        "def g(k: i64) -> f64:\n    return 0.5 * k\n\n"
        "def f(k: i64) -> f64:\n    return grad(g)(k)\n",
        ("Declare the parameter or the result as a float.",),
    ),
    "E0406": Explanation(
        "`wrt` asks for the derivative by one value twice: a name given twice, or a record and a "
        "field of it.",
        "def f(x: f64) -> f64:\n    return x * x\n\n"
        "def g(x: f64) -> f64:\n    a, b = grad(f, wrt=(x, x))(x)\n    return a + b\n",
        ("Name each part once.",),
    ),
    "E0407": Explanation(
        "A function calls its own derivative, directly or through others. The derivative would "
        "need a derivative, without end.",
        "def f(x: f64) -> f64:\n    return x + grad(f)(x)\n",
        ("Differentiate another function.",),
    ),
    "E0491": Explanation(
        "An integer carries no derivative. A float that depends on a parameter is made an integer, "
        "and that integer is computed with as a float again: the result does depend on the "
        "parameter, its derivative says it does not. Integers used as indices, bounds and "
        "conditions are not reported.",
        "def f(x: f64) -> f64:\n    return x - int(x)\n",
        (
            "Write `floor(x)` or `round(x)` where the derivative 0 is meant.",
            "Write `int(stop_gradient(x))`.",
        ),
    ),
    "E0492": Explanation(
        "The operand is certainly 0 for some arguments, by its shape: a square, a sum of squares, "
        "an absolute value, `max(x, 0.0)`. There the function is infinite, or its derivative is: "
        "`sqrt(x * x)` is not |x| to a derivative. Nothing is reported behind a condition that "
        "asks about the same variables.",
        "def f(x: f64[n]) -> f64:\n    return sqrt(sum(x * x))\n",
        (
            "Use `norm(x)`, `hypot(a, b)` or `abs(x)`.",
            "Add a small positive constant inside.",
            "Choose by `where(r > 0.0, ..., ...)`: only the chosen side has a derivative.",
        ),
    ),
}
