"""Which calls stay calls, so that code grows with the source and not with its call tree.

A body is worth a copy at each call: what the caller knows simplifies it, and loops fuse. Where the
copies of a large one would be many, it stands once and is invoked. Functions of at most `SMALL`
operations are always copied; others as long as all copies but one have at most `GROWTH` together.
So every call adds a bounded number of operations to what it stands in, however deep the calls go.
"""

from collections import Counter

from dpc.compiler.dialects import ad, arith, array, func, memref
from dpc.compiler.ir.core import Function, Module, Op, Value
from dpc.compiler.ir.types import TensorType

SMALL = 150
GROWTH = 600


def call_sites(module: Module) -> Counter[str]:
    """How many calls of each function there are in the module."""
    ops = (op for f in module.functions for op in f.body.walk())
    return Counter(op.callee for op in ops if isinstance(op, func.Call))


def stays(function: Function, sites: int) -> bool:
    """True if a function, its own calls inlined, is to stay where it is called."""
    if any(isinstance(op, ad.Call) and op.callee == function.name for op in function.body.ops):
        return False  # nothing but the call of a function with a rule
    size = sum(1 for _ in function.body.walk())
    return size > SMALL and (sites - 1) * size > GROWTH and _tells_extents(function)


def _tells_extents(function: Function) -> bool:
    """True if the extents of all arrays returned are known before the call."""
    known = {
        argument
        for argument, parameter in zip(function.arguments, function.parameters, strict=True)
        if parameter.role == "dimension"
    }
    tensors = (v for v in function.body.terminator.operands if isinstance(v.type, TensorType))
    return all(_is_known(e, known) for tensor in tensors for e in _extents(tensor.op))


def _extents(op: Op | None) -> tuple[Value, ...]:
    """The extents of an array that an op makes; those of arguments and calls are dimensions."""
    if isinstance(op, array.Generate):
        return op.extents
    if isinstance(op, array.Read) and isinstance(op.buffer.op, memref.Alloc):
        return op.buffer.op.extents
    return ()


def _is_known(extent: Value, dimensions: set[Value]) -> bool:
    return extent in dimensions or isinstance(extent.op, arith.Constant)


__all__ = ["call_sites", "stays"]
