"""Integer arrays as indices: gather and scatter, with repeated indices too."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer


def _index(w: Writer, scope: Scope) -> str | None:
    """An integer array of extent n whose elements are below n, repeated or not."""
    if not scope.permutations:
        return None
    name = w.choose(scope.permutations)
    forms = [name, f"{name} // 2", f"({name} + {w.integer(scope)}) % n", f"{name}[{name}]"]
    return w.choose([*forms, f"{name} * 0", f"{name} % 2 * {name} // 3"])


def _gathered(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    """Rows or elements in another order, or repeated."""
    index = _index(w, scope)
    if shape[0] != "n" or index is None:
        return None
    return f"{w.atom(w.array(scope, shape, depth))}[{index}]"


def _gathered_columns(w: Writer, scope: Scope, depth: int) -> str | None:
    """Sum of a gather in the first axis of a part of a matrix."""
    index = _index(w, scope)
    if index is None or not scope.arrays.get(("n", "m")):
        return None
    name = w.choose(scope.arrays[("n", "m")])
    column = w.index(scope, "m")
    return w.choose([f"sum(sin({name}[{index}, {column}]))", f"mean(cos({name}[{index}, ::-1]))"])


def _gathered_pairs(w: Writer, scope: Scope, depth: int) -> str | None:
    """Elements that several index arrays name together."""
    rows, columns = _index(w, scope), _index(w, scope)
    if rows is None or columns is None or not scope.arrays.get(("n",)):
        return None
    one, other = (w.choose(scope.arrays[("n",)]) for _ in range(2))
    return f"sum(sin(outer({one}, {other})[{rows}, {columns}]))"


def _scatter(w: Writer, scope: Scope, depth: int) -> None:
    """Elements stored where an integer array says: of repeated ones the last, or all of them."""
    index = _index(w, scope)
    arrays = [(s, name) for s, name in scope.assignable() if s[0] == "n"]
    if not arrays or index is None:
        return
    shape, name = w.choose(arrays)
    value = f"sin({w.array(scope, shape, 1)})"
    operator = w.choose(["=", "+=", "*=", "-="])
    w.write(depth, f"{name}[{index}] {operator} {value}")


def _scatter_column(w: Writer, scope: Scope, depth: int) -> None:
    index = _index(w, scope)
    names = [name for s, name in scope.assignable() if s == ("n", "m")]
    if not names or index is None:
        return
    value, operator = f"sin({w.array(scope, ('n',), 1)})", w.choose(["=", "+=", "*="])
    w.write(depth, f"{w.choose(names)}[{index}, {w.index(scope, 'm')}] {operator} {value}")


def _new_permutation(w: Writer, scope: Scope, depth: int) -> None:
    """An integer array that holds each index once."""
    if not scope.permutations:
        return
    name, old = w.fresh("z"), w.choose(scope.permutations)
    value = w.choose([old, f"{old}[::-1]", f"({old} + 1) % n", f"{old}[{old}]"])
    w.write(depth, f"{name} = {value}")
    scope.permutations.append(name)


GATHER = Family(
    "gather",
    floats=(
        _gathered_columns,
        _gathered_pairs,
    ),
    arrays=(_gathered,),
    statements=(_scatter, _scatter, _scatter_column, _new_permutation),
)
