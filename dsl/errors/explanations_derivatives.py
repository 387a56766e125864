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
        "",
        ("Reduce the result, for example by `sum`.", "Use `jvp` or `vjp`."),
    ),
    "E0403": Explanation(
        "`wrt` names parameters of the function, or fields of them (`m.w`): never variables of the "
        "caller.",
        "",
        ("Correct the name.",),
    ),
    "E0404": Explanation(
        "Only floats carry derivatives; what `wrt` names holds integers or bools.",
        "",
        ("Name a float parameter.", "Declare the parameter as a float."),
    ),
    "E0405": Explanation(
        "The function has no float parameter, or no float result: there is nothing to "
        "differentiate.",
        "",
        ("Declare the parameter or the result as a float.",),
    ),
    "E0406": Explanation(
        "`wrt` asks for the derivative by one value twice: a name given twice, or a record and a "
        "field of it.",
        "",
        ("Name each part once.",),
    ),
}
