"""Reverse of operations on buffers; s is the shadow of b.

x = b[i]:         s[i] += x_bar
b[i] = x:         x_bar += s[i];  s[i] = 0
b[i] = b[i] + x:  x_bar += s[i]                  (seen as one; s[i] stays as it is)
b[:] = x:         x_bar += sum s;  s[:] = 0
b[:] = a[:]:      a_s[:] += s[:];  s[:] = 0
allocation:       s = 0 where the block that allocates is entered backwards
"""

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.straight_line import hand_on
from dpc.compiler.ad.sweep import Scope
from dpc.compiler.analysis.accumulation import Accumulation
from dpc.compiler.dialects import linalg, memref
from dpc.compiler.ir.core import Op, Value


def reverse_load(scope: Scope, op: Op) -> None:
    """s[i] += x_bar."""
    assert isinstance(op, memref.Load)
    adjoint = scope.take(op.result)
    if adjoint is not None:
        _accumulate(scope.emit, scope.sweep.shadows[op.buffer], op.indices, adjoint)


def reverse_store(scope: Scope, op: Op) -> None:
    """x_bar += s[i]; s[i] = 0, or for an accumulation s[i] stays."""
    assert isinstance(op, memref.Store)
    if op.buffer not in scope.sweep.activity:
        return
    shadow = scope.sweep.shadows[op.buffer]
    if op in scope.sums:
        added = scope.sums[op]
        if any(v in scope.sweep.activity for v in _others(added)):
            adjoint = scope.emit.load(shadow, op.indices)
            hand_on(scope, added.combine, adjoint, skip=added.position)
        return
    scope.add(op.value, scope.emit.load(shadow, op.indices))
    scope.emit.store(scope.zero(op.value), shadow, op.indices)


def reverse_fill(scope: Scope, op: Op) -> None:
    """x_bar += sum s; s[:] = 0."""
    assert isinstance(op, linalg.Fill)
    if op.buffer not in scope.sweep.activity:
        return
    shadow = scope.sweep.shadows[op.buffer]
    if op.value in scope.sweep.activity:
        extents = scope.sweep.extents(op.buffer)
        scope.add(op.value, scope.emit.total(shadow, extents))
    scope.emit.zero(shadow)


def reverse_copy(scope: Scope, op: Op) -> None:
    """a_s[:] += s[:]; s[:] = 0."""
    assert isinstance(op, memref.Copy)
    activity, shadows = scope.sweep.activity, scope.sweep.shadows
    if op.target not in activity:
        return
    target = shadows[op.target]
    if op.source in activity:
        source = shadows[op.source]

        def move(emit: Emit, indices: tuple[Value, ...]) -> None:
            _accumulate(emit, source, indices, emit.load(target, indices))

        scope.emit.each(scope.sweep.extents(op.target), move)
    scope.emit.zero(target)


def _others(added: Accumulation) -> tuple[Value, ...]:
    operands = added.combine.operands
    return (*operands[: added.position], *operands[added.position + 1 :])


def _accumulate(emit: Emit, shadow: Value, indices: tuple[Value, ...], adjoint: Value) -> None:
    emit.store(emit.addf(emit.load(shadow, indices), adjoint), shadow, indices)
