"""The extents of the arrays that a function of the array level returns."""

from dpc.compiler.dialects import arith, array, func, memref
from dpc.compiler.ir.core import Function, Module, Value
from dpc.dsl.diagnostics import InternalError


def result_extents(function: Function, tensor: Value, module: Module) -> tuple[int | str, ...]:
    """The extents of a returned tensor: constants and names of dimension arguments."""
    if tensor in function.arguments:
        return function.parameters[function.arguments.index(tensor)].extents
    names = {
        argument: parameter.name
        for argument, parameter in zip(function.arguments, function.parameters, strict=True)
        if parameter.role == "dimension"
    }
    return tuple(_named(function, extent, names) for extent in _extents(tensor, module))


def _named(function: Function, extent: int | Value, names: dict[Value, str]) -> int | str:
    """An extent as parameters tell it."""
    if isinstance(extent, int):
        return extent
    if isinstance(extent.op, arith.Constant):
        return int(extent.op.value)
    if extent not in names:
        raise InternalError(f"{function.name}: a result's extent is no dimension")
    return names[extent]


def _extents(tensor: Value, module: Module) -> tuple[int | Value, ...]:
    """The extents of a tensor that an op makes, as values before rebuilding."""
    op = tensor.op
    if isinstance(op, array.Generate):
        return op.extents
    if isinstance(op, array.Read) and isinstance(op.buffer.op, memref.Alloc):
        alloc = op.buffer.op
        dynamic = iter(alloc.extents)
        return tuple(next(dynamic) if e is None else e for e in alloc.type.shape)
    if isinstance(op, func.Call):
        callee = module.function(op.callee)
        result = callee.body.terminator.operands[op.results.index(tensor)]
        known = result_extents(callee, result, module)
        sizes = {p.name: v for p, v in zip(callee.parameters, op.arguments, strict=True)}
        return tuple(e if isinstance(e, int) else sizes[e] for e in known)
    raise InternalError("the extents of a result are unknown")


__all__ = ["result_extents"]
