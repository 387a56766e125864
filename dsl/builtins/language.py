"""Names that belong to statements and types: conversions, `range`, `len`, loop annotations."""

from dpc.dsl.builtins.entry import Builtin, missing


def _conversion(name: str, doc: str) -> Builtin:
    return Builtin(name, "language", f"{name}(x)", doc, "convert", ("x",))


LANGUAGE = (
    _conversion("f64", "x as f64, elementwise."),
    _conversion("f32", "x as f32, elementwise."),
    _conversion("i64", "x as i64, elementwise; floats truncate, NaN is a run-time error."),
    _conversion("i32", "x as i32, elementwise; floats truncate, out of range is a run-time error."),
    _conversion("bool", "x != 0, elementwise."),
    _conversion("real", "x in the working precision, elementwise."),
    _conversion("float", "x in the working precision, elementwise."),
    _conversion("int", "x as i64, elementwise; floats truncate."),
    Builtin("len", "language", "len(x)", "The extent of the first axis.", "length", ("x",)),
    Builtin(
        "range",
        "language",
        "range(start, stop, step)",
        "The integers from start below stop; in `for` and comprehensions only.",
        "range",
    ),
    Builtin(
        "print",
        "language",
        "print(label, x, ...)",
        "Text, scalars and arrays in one line of standard output; a statement.",
        "print",
    ),
    *missing(
        "language",
        ("parallel(range)", "Iterations are independent."),
        ("checkpoint(range, memory)", "Checkpoints of the reverse pass."),
    ),
)
