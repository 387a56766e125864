"""Tuples: as results, in variables, taken apart, nested; swaps of what is in them."""

from tests.generator.family import Family
from tests.generator.scope import Scope
from tests.generator.statements import Writer

_PRELUDE = """def halves(x: f64, y: f64) -> (f64, f64):
    if x > y:
        return 0.5 * y, sin(x)
    return 0.5 * x, cos(y)

def described(x: f64[n], y: f64) -> (f64[n], (f64, i64), f64):
    count = 0
    for v in x:
        if v > y:
            count += 1
            continue
        y = sin(y + v)
    return sin(x * y), (tanh(y), count), 0.25 * y
"""


def _new(w: Writer, scope: Scope, depth: int) -> None:
    one, other = w.fresh("x"), w.fresh("x")
    values = f"{w.bounded(scope, 1)}, {w.bounded(scope, 1)}"
    w.write(depth, f"{one}, {other} = {w.choose([values, f'halves({values})'])}")
    scope.floats += [one, other]


def _nested(w: Writer, scope: Scope, depth: int) -> None:
    if not w.dimensions:
        return
    dimension = w.choose(w.dimensions)
    array, one, count, other = w.fresh("t"), w.fresh("x"), w.fresh("j"), w.fresh("x")
    value = f"described({w.array(scope, (dimension,), 1)}, {w.bounded(scope, 1)})"
    w.write(depth, f"{array}, ({one}, {count}), {other} = {value}")
    scope.add((dimension,), array)
    scope.floats += [one, other]
    scope.integers.append(count)


def _variable(w: Writer, scope: Scope, depth: int) -> None:
    name, old = w.fresh("pair"), scope.of("tuple")
    one, other = w.bounded(scope, 1), w.bounded(scope, 1)
    values = [f"({one}, {other})", f"halves({one}, {other})"]
    if old:
        values += [w.choose(old), f"({w.choose(old)}[1], {w.choose(old)}[0])"]
    w.write(depth, f"{name} = {w.choose(values)}")
    scope.add("tuple", name)


def _reassign(w: Writer, scope: Scope, depth: int) -> None:
    names = [name for name in scope.of("tuple") if name not in scope.fixed]
    if names:
        name = w.choose(names)
        w.write(depth, f"{name} = ({name}[1], {w.bounded(scope, 1)})")


def _swap(w: Writer, scope: Scope, depth: int) -> None:
    """Elements, rows and floats exchanged; indices are taken before anything is stored."""
    if not scope.assignable():
        return
    shape, name = w.choose(scope.assignable())
    one, other = (w.index(scope, shape[0]) for _ in range(2))
    floats = scope.assignable_floats()
    if len(shape) == 1 and floats and w.coin():
        x = w.choose(floats)
        w.write(depth, f"{x}, {name}[{one}] = {name}[{other}], sin({x})")
    else:
        w.write(depth, f"{name}[{one}], {name}[{other}] = {name}[{other}], {name}[{one}]")


def _rotate(w: Writer, scope: Scope, depth: int) -> None:
    names = scope.assignable_floats()
    if len(names) > 2:
        one, two, three = w.random.sample(names, 3)
        w.write(depth, f"{one}, ({two}, {three}) = {two}, ({three}, {one})")


def _item(w: Writer, scope: Scope, depth: int) -> str | None:
    names = scope.of("tuple")
    return f"{w.choose(names)}[{w.choose(['0', '1'])}]" if names else None


TUPLES = Family(
    "tuples",
    _PRELUDE,
    floats=(_item, _item),
    statements=(_new, _nested, _variable, _reassign, _swap, _swap, _rotate),
)
