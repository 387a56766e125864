"""E0240 to E0249: what `dpc explain` says about functions as arguments."""

from dpc.dsl.errors.explanation import Explanation

FUNCTIONS = {
    "E0240": Explanation(
        "Which function is called is known when the module is compiled, so functions are never "
        "kept in fields, arrays or annotated variables and never returned: only parameters have a "
        "`Callable` type.",
        "def f(x: f64) -> Callable[[f64], f64]:\n    return lambda t: t * x\n",
        ("Take the function as a parameter where it is called.",),
    ),
    "E0241": Explanation(
        "The parameter has a `Callable` type; what is passed for it is a value.",
        "def apply(g: Callable[[f64], f64], x: f64) -> f64:\n    return g(x)\n\n"
        "def f(x: f64) -> f64:\n    return apply(x, x)\n",
        ("Pass a function by name, or a `lambda`.",),
    ),
    "E0242": Explanation(
        "A function is called, through a `Callable` parameter or a local name, with another number "
        "of arguments than it has parameters.",
        "def apply(g: Callable[[f64], f64], x: f64) -> f64:\n    return g(x)\n\n"
        "def f(x: f64) -> f64:\n    return apply(lambda a, b: a + b, x)\n",
        ("Pass a function with the parameters that the `Callable` type lists.",),
    ),
    "E0243": Explanation(
        "A local name of a function means one function in the whole body; it is neither given to "
        "another function nor used for a value.",
        "def f(x: f64) -> f64:\n    g = lambda t: t\n    g = lambda t: 2.0 * t\n    return g(x)\n",
        ("Use another name.", "Choose inside the function: `lambda t: t if c else 2.0 * t`."),
    ),
    "E0244": Explanation(
        "A function with a `Callable` parameter is compiled for each function passed to it. Here "
        "each call of itself passes a new one, so there is no end.",
        "def f(g: Callable[[f64], f64], x: f64) -> f64:\n    return f(lambda t: g(t) + 1.0, x)\n",
        ("Pass on the function that was given.", "Write the repetition as a loop."),
    ),
    "E0245": Explanation(
        "A function inside a function returns nothing, and its value is needed.",
        "def f(x: f64) -> f64:\n    def g(t: f64):\n        pass\n    return g(x)\n",
        ("Return a value.",),
    ),
    "E0246": Explanation(
        "The room for the result of a call is made before the call. Where a function calls itself, "
        "its code can't be put in the place of the call to find out how much, so the extents of "
        "its result must follow from the arguments.",
        "def f(x: f64[n]) -> f64[k]:\n    y = x[: n // 2]\n    if n > 4:\n        y = f(y)\n"
        "    return concat(y, y)\n",
        (
            "Take the extent as a parameter: `def f(x: f64[n], k: i64) -> f64[k]`.",
            "Return an array of the arguments' extent and how much of it counts.",
        ),
    ),
}
