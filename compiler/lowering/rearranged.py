"""Arrays whose elements are another's in other places."""

from dpc.compiler.dialects import array
from dpc.compiler.ir.core import Value
from dpc.compiler.lowering.buffers import Mapping, allocate, assign_part, assign_whole
from dpc.compiler.lowering.elementwise import broadcast
from dpc.compiler.lowering.scope import Leaves, Scope
from dpc.dsl import typed
from dpc.dsl.types import ArrayType


def _mapping(
    scope: Scope, variables: tuple[typed.Variable, ...], indices: tuple[typed.Expr, ...]
) -> Mapping:
    """The indices as a function of the variables' values."""

    def located(values: tuple[Value, ...]) -> tuple[Value, ...]:
        for variable, value in zip(variables, values, strict=True):
            scope.env[variable, 0] = scope.as_i64(value)
        return tuple(scope.index(index) for index in indices)

    return located


def lower_view(scope: Scope, node: typed.Expr) -> Leaves:
    """A view; what is read more than once is computed first."""
    assert isinstance(node, typed.View)
    assert isinstance(node.type, ArrayType)
    base = scope.array(node.operand)
    if node.repeats and not base.view:
        base = scope.materialised(base)
    return (base.reindexed(node.type, _mapping(scope, node.variables, node.indices)),)


def lower_assembly(scope: Scope, node: typed.Expr) -> Leaves:
    """A buffer that the pieces are stored in."""
    assert isinstance(node, typed.Assembly)
    assert isinstance(node.type, ArrayType)
    buffer = allocate(scope, node.type)
    if node.background is not None:
        background = broadcast(scope, scope.scalar(node.background), node.type)
        assign_whole(scope, background, buffer)
    for piece in node.pieces:
        mapping = _mapping(scope, piece.variables, piece.indices)
        assign_part(scope, scope.array(piece.value), buffer, mapping)
    return (scope.of_tensor(node.type, scope.emit(array.Read(buffer))),)
