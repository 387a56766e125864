"""E09: what `dpc explain` says about limits of the build."""

from dpc.dsl.errors.explanation import Explanation

BUILD = {
    "E0900": Explanation(
        "The compiler goes through nested code recursively. The limits on nesting leave it enough "
        "of Python's stack where it is called from a program of ordinary depth; here too many "
        "calls were open.",
        "",
        (
            "Compile before the deep recursion starts.",
            "Raise `sys.setrecursionlimit`.",
            "Give the inner parts of long expressions names.",
        ),
    ),
}
