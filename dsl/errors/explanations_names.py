"""E0201 to E0219 and the warnings: what `dpc explain` says about names and flow."""

from dpc.dsl.errors.explanation import Explanation

NAMES = {
    "E0201": Explanation(
        "No variable, dimension, constant, function or built-in that is visible there has this "
        "name.",
        "def f(x: f64[n]) -> f64:\n    return sum(xs)\n",
        ("Correct the name.", "Give the variable a value, or import the function."),
    ),
    "E0202": Explanation(
        "Two definitions of a module have one name.",
        "A = 1.0\nA = 2.0\n",
        ("Rename one of them.",),
    ),
    "E0203": Explanation(
        "A function, record, constant or import has the name of a built-in: calls of it would "
        "mean another thing than readers expect.",
        "def exp(x: f64) -> f64:\n    return x\n",
        ("Choose another name. A local variable may have the name of a built-in.",),
    ),
    "E0204": Explanation(
        "There is a way through the function on which the variable has no value yet: a branch not "
        "taken, a loop that runs zero times.",
        "def f(x: f64) -> f64:\n    if x > 0.0:\n        y = x\n    return y\n",
        ("Assign it in the other branch too.", "Give it a value before the branch or loop."),
    ),
    "E0205": Explanation(
        "Constants and type aliases are evaluated from top to bottom.",
        "A = 2.0 * B\nB = 1.0\n",
        ("Move the definition above its use.",),
    ),
    "E0206": Explanation(
        "The record has no field of this name; an array has `shape` and `T` only.",
        "class Model:\n    w: f64\n\ndef f(m: Model) -> f64:\n    return m.v\n",
        ("Correct the name.", "Call the function instead: `sum(x)`, not `x.sum`."),
    ),
    "E0207": Explanation(
        "A function, a type or a built-in stands where a number or an array is needed.",
        "def f(x: f64) -> f64:\n    return exp\n",
        ("Call it: `exp(x)`.",),
    ),
    "E0208": Explanation(
        "Brackets after a name call it; this name is a value.",
        "def f(x: f64[n]) -> f64:\n    return x(0)\n",
        ("Write `x[0]` for an element.", "Write `*` for a product."),
    ),
    "E0209": Explanation(
        "An annotation is a scalar type, an array of one, a record, an alias, or a tuple of types.",
        "def f(x: float64) -> f64:\n    return 0.0\n",
        ("Use `f64`, `f32`, `i64`, `i32` or `bool`, with extents in brackets for an array.",),
    ),
    "E0210": Explanation(
        "A function with a result returns on every path. A loop may run zero times, so a return "
        "inside of it is not enough.",
        "def f(x: f64) -> f64:\n    if x > 0.0:\n        return x\n",
        ("Return after the branch or loop.", 'Write `assert False, "why"` where no value fits.'),
    ),
    "E0211": Explanation(
        "`break` and `continue` belong to the innermost loop around them; there is none.",
        "def f(x: f64) -> f64:\n    break\n    return x\n",
        ("Remove it, or write `return`.",),
    ),
    "E0212": Explanation(
        "A dimension is an extent of the function's arguments; a new value would make the types "
        "of the arguments wrong.",
        "def f(x: f64[n]) -> f64:\n    n = 3\n    return sum(x)\n",
        ("Use another name for the local variable.",),
    ),
    "E0213": Explanation(
        "There are no module values: built-ins stand alone, and what another module of the "
        "language defines is imported by name.",
        "def f(x: f64[n]) -> f64:\n    return np.sum(np.exp(x))\n",
        ("Write the function alone: `sum(x)`.", "Import by name: `from stats import normal_lpdf`."),
    ),
    "E0214": Explanation(
        "Values have no methods: what other systems write as a method is a function here.",
        "def f(x: f64[n]) -> f64:\n    return x.mean()\n",
        (
            "Pass the value to the function: `mean(x)`.",
            "A record's functions take it as parameter.",
        ),
    ),
    "E0291": Explanation(
        "A local variable is assigned and nothing reads it.",
        "def f(x: f64) -> f64:\n    y = x * x\n    return x\n",
        ("Remove it, or start its name with `_`.", "Did you mean to return it?"),
    ),
    "E0292": Explanation(
        "Every path has returned, left the loop or failed before this statement.",
        "def f(x: f64) -> f64:\n    return x\n    x = 1.0\n",
        ("Remove the statement, or the one that leaves before it.",),
    ),
    "E0293": Explanation(
        "Assigning copies in meaning: `row = a[i]` is a value of its own, and storing into it "
        "does not change `a`. Nothing reads the copy afterwards.",
        "def f(a: f64[n, m]) -> f64[n, m]:\n    row = a[0]\n    row[0] = 1.0\n    return a\n",
        ("Assign into the original: `a[0, 0] = 1.0`.",),
    ),
    "E0294": Explanation(
        "Two ways to compute one number seldom agree in the last bit, so `==` on floats is true or "
        "false by luck, and has no derivative. Comparing with 0 or an infinity is not reported, "
        "nor is `x != x`, which asks for NaN.",
        "def f(x: f64) -> f64:\n    return 1.0 if x * 3.0 == 0.3 else 0.0\n",
        ("Compare the distance: `abs(a - b) <= tolerance`.",),
    ),
    "E0295": Explanation(
        "A local name may hide a built-in, but then the built-in can't be called there. This "
        "warning is off unless it is asked for.",
        "def f(x: f64[n]) -> f64:\n    norm = sum(x)\n    return norm\n",
        ("Choose another name.",),
    ),
}
