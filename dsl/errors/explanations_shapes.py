"""E03: what `dpc explain` says about shapes, extents and indices."""

from dpc.dsl.errors.explanation import Explanation

SHAPES = {
    "E0301": Explanation(
        "Two extents that must be equal differ, whatever values the dimensions have. Extents that "
        "may be equal are not an error: they are compared when the program runs.",
        "def f(x: f64[n]) -> f64[n]:\n    return x + zeros(n + 1)\n",
        ("Slice or extend one side.", "Only an extent that is the constant 1 broadcasts."),
    ),
    "E0302": Explanation(
        "The number of axes is part of a type and never changes.",
        "def f(x: f64[n, m]) -> f64:\n    return x\n",
        ("Index or reduce: `x[0]`, `sum(x)`.", "Add an axis: `x[:, None]`."),
    ),
    "E0303": Explanation(
        "A constant index or bound lies outside of the extent. Negative constants count from the "
        "end; bounds of slices do not clip.",
        "def f(x: f64[3]) -> f64:\n    return x[3]\n",
        ("Use an index from 0 to the extent minus 1.",),
    ),
    "E0304": Explanation(
        "A dimension gets its value from the arguments of a call: where it stands alone in a "
        "parameter's shape, or is the only unknown of a linear expression, or is an integer "
        "parameter or constant. Nothing determines this one.",
        "def f(x: f64[n * m]) -> f64:\n    return sum(x)\n",
        ("Add an integer parameter of that name.", "Declare a parameter whose extent it is."),
    ),
    "E0305": Explanation(
        "An array has one index for each axis at most.",
        "def f(x: f64[n]) -> f64:\n    return x[0, 0]\n",
        ("Remove an index, or declare another axis.",),
    ),
    "E0306": Explanation(
        "The extent of a new array is negative for certain.",
        "def f(x: f64) -> f64:\n    y = zeros(2 - 3)\n    return x + sum(y)\n",
        ("Correct the expression; 0 is a legal extent.",),
    ),
    "E0307": Explanation(
        "The array's extent was computed in a block that has ended, so nothing after it can say "
        "what it is.",
        "def f(x: f64[n]) -> f64:\n    for i in range(n):\n        t = x[:i]\n    return sum(t)\n",
        ("Compute the extent before the block.", "Use the array inside of the block."),
    ),
    "E0308": Explanation(
        "An extent in an annotation is an integer expression over names: `+`, `-`, `*`, and `//` "
        "by a positive constant.",
        "def f(x: f64[1.5]) -> f64:\n    return sum(x)\n",
        ("Write a name or such an expression.",),
    ),
    "E0309": Explanation(
        "Axes count from 0, negative ones from the last.",
        "def f(x: f64[n, m]) -> f64[n]:\n    return sum(x, axis=2)\n",
        ("Use one of the axes that the label names.",),
    ),
    "E0310": Explanation(
        "The rows of an array literal must all have the same shape.",
        "def f(x: f64) -> f64[2, 2]:\n    return [[x, x], [x]]\n",
        ("Complete the shorter row.",),
    ),
    "E0311": Explanation(
        "A comprehension makes a rectangular array, so no extent may depend on its variables.",
        "def f(x: f64[n]) -> f64:\n    t = [1.0 for i in range(n) for j in range(i)]\n"
        "    return sum(t) + x[0]\n",
        ("Reduce directly: `sum(... for i in range(n) for j in range(i))`.", "Pad with zeros."),
    ),
    "E0312": Explanation(
        "A step of 0 never ends.",
        "def f(x: f64[n]) -> f64[n]:\n    return x[::0]\n",
        ("Use a positive or negative step.",),
    ),
}
