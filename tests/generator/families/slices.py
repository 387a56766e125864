"""Parts of arrays: strided, reversed, mixed with indices, empty ones; reading and assigning."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

# (target, value) of equal extents for every extent.
_VECTOR_PARTS = (
    ("1:", ":-1"), (":-1", "1:"), ("::-1", ":"), (":", "::-1"), ("::2", "::2"), ("1::2", "1::2"),
    ("::-2", "::-2"), ("{n} // 2:", "{n} // 2:"), (":{n} // 2", ":{n} // 2"), ("::3", "::-3"),
    ("1:", "1:"), ("0:0", "{n}:"), ("::-1", "::-1"), (":", ":"),
)  # fmt: skip
_MATRIX_PARTS = (
    ("1:, :", ":-1, :"), (":, 1:", ":, :-1"), ("::-1, :", ":, ::-1"), ("::2, ::-1", "::2, :"),
    ("1:, 1:", ":-1, :-1"), (":, :", "::-1, ::-1"), ("1:, ::2", ":-1, ::2"),
)  # fmt: skip


def _part_sum(w: Writer, scope: Scope, depth: int) -> str | None:
    """A part of an array, which may be empty, made one float."""
    shapes = [s for s in w.shapes if scope.arrays.get(s)]
    if not shapes:
        return None
    shape = w.choose(shapes)
    name, at = w.choose(scope.arrays[shape]), _bound(w, scope, shape[0])
    parts = ["1:", ":-1", "::2", f"{at}:", f":{at}", "::-1", "::-2", "1::2"]
    if len(shape) == 2:
        row, column = w.index(scope, shape[0]), w.index(scope, "m")
        parts += [
            ":, 1:",
            "::-1, ::2",
            f"{row}, :",
            f":, {column}",
            f"{row}, ::-1",
            f"1:, {column}",
        ]
    if len(shape) == 1 and w.coin():
        return f"dot({name}[1:], sin({name}[:-1]))"
    return f"sum(sin({name}[{w.choose(parts)}]))"


def _bound(w: Writer, scope: Scope, dimension: str) -> str:
    """A bound of a slice."""
    forms = ["0", dimension, f"{w.integer(scope)} % {dimension}", f"({dimension} + 1) // 2"]
    return w.choose([*forms, *scope.indices.get(dimension, [])])


def _reversed(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    parts = ["::-1"] if len(shape) == 1 else ["::-1", ":, ::-1", "::-1, ::-1"]
    return f"{w.atom(w.array(scope, shape, depth))}[{w.choose(parts)}]"


def _change_part(w: Writer, scope: Scope, depth: int) -> None:
    """A part of an array from another part of it or of one like it."""
    if not scope.assignable():
        return
    shape, name = w.choose(scope.assignable())
    source = w.choose([name, *scope.arrays[shape]])
    target, part = w.choose(
        _VECTOR_PARTS if len(shape) == 1 else [*_MATRIX_PARTS, _VECTOR_PARTS[0]]
    )
    target, part = target.replace("{n}", shape[0]), part.replace("{n}", shape[0])
    operator = w.choose(["=", "+=", "*=", "-="])
    value = w.choose([f"sin({source}[{part}])", f"{source}[{part}] * {w.bounded(scope, 0)}"])
    w.write(depth, f"{name}[{target}] {operator} {value}")


def _fill_part(w: Writer, scope: Scope, depth: int) -> None:
    """One number, or a row, for a part of an array."""
    if not scope.assignable():
        return
    shape, name = w.choose(scope.assignable())
    value, operator = w.bounded(scope, 1), w.choose(["=", "+=", "*="])
    parts = ["1:", "::2", ":", "::-1"]
    if len(shape) == 2:
        parts += [":, 0", ":, 1:", "::2, :", f"{w.index(scope, 'n')}, ::-1"]
        if w.coin():
            value = f"sin({w.array(scope, ('m',), 1)})"
            parts = [":", "1:, :", "::-1, :"]
    w.write(depth, f"{name}[{w.choose(parts)}] {operator} {value}")


SLICES = Family(
    "slices",
    floats=(_part_sum,),
    arrays=(_reversed,),
    statements=(_change_part, _change_part, _fill_part),
)
