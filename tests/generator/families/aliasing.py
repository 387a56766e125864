"""Value semantics tried hard: copies, arrays made from one another, changed between uses."""

from tests.generator.family import Family
from tests.generator.scope import Scope
from tests.generator.statements import Writer

_PRELUDE = """def clobbered(x: f64[n], y: f64[n]) -> f64[n]:
    x[0] = 2.0
    y[-1] += x[0]
    x, y = y, x
    y[:] = sin(y)
    return x + y

def accumulated(x: f64[n], state: f64) -> f64:
    work = x
    other = x
    for i in range(n):
        work[i] *= state
        state = sin(state + other[i] * work[i])
        other[i] = state
    return state * sum(work * other)
"""


def _copy(w: Writer, scope: Scope, depth: int) -> None:
    """A copy, then a change of the original, or of the copy."""
    if not scope.assignable():
        return
    shape, old = w.choose(scope.assignable())
    name, changed = w.fresh("t"), w.choose([0, 1])
    w.write(depth, f"{name} = {old}")
    place = ", ".join(w.index(scope, d) for d in shape)
    operator = w.choose(["=", "+=", "*="])
    w.write(depth, f"{(name, old)[changed]}[{place}] {operator} {w.bounded(scope, 1)}")
    scope.add(shape, name)


def _row(w: Writer, scope: Scope, depth: int) -> None:
    """A row or column taken out; changing it, or the matrix, leaves the other alone."""
    names = [name for s, name in scope.assignable() if s == ("n", "m")]
    if not names:
        return
    matrix, row, i, j = w.choose(names), w.fresh("t"), w.index(scope, "n"), w.index(scope, "m")
    kind = w.choose(["m", "n"])
    w.write(depth, f"{row} = {matrix}[{i}]" if kind == "m" else f"{row} = {matrix}[:, {j}]")
    w.write(depth, f"{matrix}[{i}, {j}] {w.choose(['=', '*='])} {w.bounded(scope, 1)}")
    w.write(depth, f"{row}[{w.index(scope, kind)}] += {w.bounded(scope, 0)}")
    back = f"{matrix}[{i}] = sin({row})" if kind == "m" else f"{matrix}[:, {j}] = cos({row})"
    w.write(depth, back)
    scope.add((kind,), row)


def _shifted(w: Writer, scope: Scope, depth: int) -> None:
    """A part of an array from an overlapping part."""
    if not scope.assignable():
        return
    name = w.choose(scope.assignable())[1]
    first = f"sin({name}[:-1]) * {w.bounded(scope, 0)}"
    forms = [
        f"{name}[1:] += {name}[:-1] * 0.5",
        f"{name}[:-1] = {name}[1:]",
        f"{name}[1:] *= {first}",
    ]
    forms += [f"{name} = {name}[::-1] - 0.5 * {name}", f"{name}[::-1] = {name}"]
    w.write(depth, w.choose(forms))


def _exchange(w: Writer, scope: Scope, depth: int) -> None:
    """Two arrays change places, in a loop."""
    groups = [[n for s, n in scope.assignable() if s == shape] for shape in w.shapes]
    groups = [names for names in groups if len(names) > 1]
    if not groups:
        return
    one, other = w.random.sample(w.choose(groups), 2)
    i = w.fresh("i")
    w.write(depth, f"for {i} in range({w.choose(['2', '3'])}):")
    w.write(depth + 1, f"{one}, {other} = {other}, sin({one}) * {w.bounded(scope, 0)}")


def _clobbered(w: Writer, scope: Scope, depth: int) -> None:
    """One array passed twice to what changes both parameters."""
    vectors = [(s, n) for s, n in scope.assignable() if len(s) == 1]
    if vectors:
        _, name = w.choose(vectors)
        w.write(depth, f"{name} = sin(clobbered({name}, {name}))")


def _accumulated(w: Writer, scope: Scope, depth: int) -> str | None:
    if not w.dimensions:
        return None
    array = w.array(scope, (w.choose(w.dimensions),), depth)
    return f"tanh(accumulated({array}, {w.bounded(scope, 0)}))"


ALIASING = Family(
    "aliasing",
    _PRELUDE,
    floats=(_accumulated,),
    statements=(_copy, _row, _shifted, _exchange, _clobbered),
)
