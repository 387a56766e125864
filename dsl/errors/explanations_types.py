"""E0220 to E0249: what `dpc explain` says about types, arguments and constants."""

from dpc.dsl.errors.explanation import Explanation

TYPES = {
    "E0220": Explanation(
        "A value meets a place of another type: a variable keeps the type of its first "
        "assignment, a parameter and a result have the declared one. Integers widen to floats; "
        "nothing narrows silently.",
        "def f(x: f64) -> i64:\n    return x\n",
        ("Convert explicitly: `i64(x)` cuts the fraction off.", "Change the declaration."),
    ),
    "E0221": Explanation(
        "An `f64` and an `f32` meet in one operation. Which of them was meant to set the precision "
        "is for the author to say.",
        "def f(x: f64, y: f32) -> f64:\n    return x * y\n",
        ("Convert one side: `f64(y)` or `f32(x)`.",),
    ),
    "E0222": Explanation(
        "The operator or built-in is not defined for values of this type.",
        "def f(x: f64) -> f64:\n    return sum(x)\n",
        ("Convert or index the operand.", "Use the operation for its type: `~` for integers."),
    ),
    "E0223": Explanation(
        "Types of parameters and results are the contract of a function and are never guessed.",
        "def f(x) -> f64:\n    return 1.0\n",
        ("Annotate it: `x: f64`, `x: f64[n]`.",),
    ),
    "E0224": Explanation(
        "The arguments of a call do not match the parameters: too many, too few, an unknown name, "
        "or one given twice.",
        "def g(x: f64, y: f64) -> f64:\n    return x * y\n\n"
        "def f(x: f64) -> f64:\n    return g(x)\n",
        ("Compare the call with the signature, which the hint shows.",),
    ),
    "E0225": Explanation(
        "The compiler needs the value itself, not a computation of it: an `axis`, the step of a "
        "slice, a default.",
        "def f(x: f64[n, m], k: i64) -> f64[m]:\n    return sum(x, axis=k)\n",
        ("Write a number or a module constant.",),
    ),
    "E0226": Explanation(
        "An integer constant is outside the range of its type. At run time integers wrap; a "
        "constant that does so is a mistake.",
        "A: i32 = 3000000000\n",
        ("Use `i64`, or a float.",),
    ),
    "E0227": Explanation(
        "The expression is evaluated by the compiler and has no value: it fails, or it goes on for "
        "too long. Where a function fails, its line is shown too.",
        "A = 1 // 0\n",
        (
            "Correct the expression; a float division `1 / 0` is infinite.",
            "Let a function compute what takes long.",
        ),
    ),
    "E0228": Explanation(
        "A condition is one `bool`. Numbers are not taken for true or false, and an array is many.",
        "def f(x: f64[n]) -> f64:\n    if x > 0.0:\n        return 1.0\n    return 0.0\n",
        ("Compare: `k != 0`.", "Reduce: `all(x > 0.0)` or `any(x > 0.0)`."),
    ),
    "E0229": Explanation(
        "The left side of a destructuring assignment has another number of targets than the right "
        "side has values.",
        "def f(x: f64) -> f64:\n    a, b = x, x, x\n    return a + b\n",
        ("Write one target for each value.",),
    ),
    "E0230": Explanation(
        "The name on the left stands for something that can't change: a constant, a function.",
        "N = 3\n\ndef f(x: f64) -> f64:\n    N[0] = 1\n    return x\n",
        ("Use a local variable.",),
    ),
    "E0231": Explanation(
        "`for` goes over the integers of a `range` or over the elements of an array.",
        "def f(x: f64) -> f64:\n    for v in x:\n        pass\n    return x\n",
        ("Write `range(...)`.",),
    ),
    "E0232": Explanation(
        "The construct has no meaning where it stands: a value that nobody uses, a `return` with a "
        "value in a function without a result.",
        "def f(x: f64) -> f64:\n    x + 1.0\n    return x\n",
        ("Assign or return the value, or remove the line.",),
    ),
}
