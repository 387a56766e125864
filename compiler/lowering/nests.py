"""Loop nests over all indices of an array, one pass after another."""

from collections.abc import Callable

from dpc.compiler.dialects import scf
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import INDEX
from dpc.compiler.lowering.scope import Scope

Indices = tuple[Value, ...]


def for_all(scope: Scope, extents: Indices, step: Callable[[Indices], None]) -> None:
    """Run `step` for all indices below `extents`, in row-major order."""

    def level(outer: Indices) -> None:
        if len(outer) == len(extents):
            step(outer)
            return
        counter = Value(INDEX)
        with scope.block() as inner:
            level((*outer, counter))
            inner.add(scf.Yield())
            body = inner.block((counter,))
        lower, stride = scope.constant(0, INDEX), scope.constant(1, INDEX)
        scope.add(scf.For(lower, extents[len(outer)], stride, (), body))

    level(())
