"""Making and rearranging arrays."""

from dpc.dsl.builtins.entry import Builtin


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
    _row("transpose(a, axes)", "The axes reversed, or in the order that axes says.", "transpose"),
    _row("tril(a, k=0)", "The part on and below the k-th diagonal, zeros above.", "triangle"),
    _row("triu(a, k=0)", "The part on and above the k-th diagonal, zeros below.", "triangle"),
    _row("concat(a, b, ..., axis=0)", "Arrays one after another along an axis.", "concat"),
    _row("stack(a, b, ..., axis=0)", "Values of one shape along a new axis.", "stack"),
    _row("reshape(x, shape)", "The same elements in another shape.", "reshape"),
    _row("flip(x, axis=None)", "Elements in reverse order, along all axes by default.", "flip"),
    _row("roll(x, shift, axis=None)", "Elements moved round; without axis x is flat.", "roll"),
    _row("repeat(x, n, axis=None)", "Each element n times; without axis x is flat.", "repeat"),
    _row("tile(x, n)", "Copies side by side; n is a number or one for each axis.", "tile"),
    _row("pad(x, width, v=0)", "A border of v; width is w, (before, after) or pairs.", "pad"),
    _row("sort(x, axis=-1)", "Elements in ascending order, NaN last.", "sorted"),
    _row("argsort(x, axis=-1)", "The stable order that sorts.", "sorted"),
    _row('searchsorted(x, v, side="left")', "Where v belongs in an ascending x.", "search"),
)
