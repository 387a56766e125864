"""What `dpc explain` says about derivative rules and C functions."""

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
    "E0430": Explanation(
        "The result depends on a parameter through a C function. Nothing is known of its "
        "derivative but what a rule says.",
        "",
        (
            "Write a rule: `@custom_jvp(bessel_j0)` or `@custom_vjp(bessel_j0)`.",
            "Write `stop_gradient(x)` for the argument if the derivative should be zero.",
        ),
    ),
    "E0431": Explanation(
        "A C function that is not declared pure runs exactly once for each call that the program "
        "makes, derivatives included. This derivative would run it several times: a Jacobian, or a "
        "gradient inside a function that is itself differentiated in reverse.",
        "",
        ("Declare the function with `pure=True` if equal arguments always give equal results.",),
    ),
    "E0910": Explanation(
        "The system's loader does not find the library of a C function. `libm` is looked for as "
        "the platform names its libraries (libm.so.6, libm.so, libm.dylib, libm.dll); a name with "
        "a slash is a path, from the folder of the file.",
        '@extern("libnowhere", "f", pure=True)\ndef f(x: f64) -> f64: ...\n',
        ("Correct the name, or give a path.", "Install the library."),
    ),
    "E0911": Explanation(
        "The library is there, and has no function of that name.",
        '@extern("libm", "bessel_zero", pure=True)\ndef f(x: f64) -> f64: ...\n',
        (
            "Correct the name; `nm -D` lists those of a library.",
            'Compile a function of C++ as `extern "C"`.',
        ),
    ),
    "E0912": Explanation(
        "A C function takes scalars and arrays, and returns one scalar or fills arrays. Its "
        "definition ends in `...`, for it has no body here.",
        '@extern("libm", "j0", pure=True)\ndef bessel_j0(x: f64) -> f64:\n    return x\n',
        ('Write `@extern("library", "symbol", pure=True)` and `...` for the body.',),
    ),
}
