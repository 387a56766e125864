"""Making and rearranging arrays."""

from dpc.dsl.builtins.entry import Builtin, missing


def _row(signature: str, doc: str, kind: str) -> Builtin:
    return Builtin(signature.split("(")[0], "arrays", signature, doc, kind)


ARRAYS = (
    _row("zeros(n, m, dtype=f64)", "Zeros; the shape may be a tuple.", "zeros"),
    _row("ones(n, m, dtype=f64)", "Ones; the shape may be a tuple.", "zeros"),
    _row("full(shape, v)", "Every element v.", "full"),
    _row("zeros_like(x)", "Zeros of x's type.", "like"),
    _row("ones_like(x)", "Ones of x's type.", "like"),
    _row("eye(n, m)", "Ones on the diagonal, zeros elsewhere; m defaults to n.", "eye"),
    _row("arange(start, stop, step)", "The integers of that range, as i64.", "arange"),
    _row("linspace(start, stop, n)", "n points from start to stop, both included.", "linspace"),
    _row("outer(a, b)", "a[i] * b[j].", "outer"),
    _row("diag(x)", "A matrix's diagonal, or the matrix with that diagonal.", "diag"),
    _row("trace(a)", "The sum of the diagonal.", "trace"),
    _row("transpose(a)", "The axes reversed.", "transpose"),
    _row("tril(a)", "The part on and below the diagonal, zeros above.", "triangle"),
    _row("triu(a)", "The part on and above the diagonal, zeros below.", "triangle"),
    *missing(
        "arrays",
        ("concat(a, b, axis=0)", "Arrays one after another."),
        ("stack(a, b, axis=0)", "Arrays along a new axis."),
        ("reshape(x, shape)", "The same elements in another shape."),
        ("flip(x, axis=None)", "Elements in reverse order."),
        ("roll(x, shift, axis=None)", "Elements moved round."),
        ("repeat(x, n, axis=None)", "Each element n times."),
        ("tile(x, n)", "The array n times."),
        ("pad(x, width, v)", "A border around the array."),
        ("sort(x, axis=-1)", "Elements in ascending order."),
        ("argsort(x, axis=-1)", "The order that sorts."),
        ("searchsorted(x, v)", "Where v belongs in a sorted x."),
    ),
)
