"""Arguments of derivative functions, and facts about buffers that both modes use."""

from dataclasses import replace

from dpc.compiler.ad.emit import Extent
from dpc.compiler.dialects import memref
from dpc.compiler.ir.core import Function, Parameter, Value
from dpc.compiler.ir.types import MemRefType, holds_float

Argument = tuple[Parameter, Value]


def arguments(function: Function, role: str) -> tuple[Argument, ...]:
    """The parameters of one role with their values."""
    pairs = zip(function.parameters, function.arguments, strict=True)
    return tuple((p, v) for p, v in pairs if p.role == role)


def active_inputs(function: Function, active: tuple[bool, ...]) -> tuple[Argument, ...]:
    """The inputs flagged in `active` that hold floats."""
    inputs = arguments(function, "input")
    return tuple(
        (p, v) for (p, v), flag in zip(inputs, active, strict=True) if flag and holds_float(v.type)
    )


def companion(argument: Argument, prefix: str, role: str) -> Argument:
    """An argument of the same type for a tangent, cotangent or gradient."""
    parameter, value = argument
    name = f"{prefix}_{parameter.name}"
    return replace(parameter, name=name, role=role), Value(value.type, None, name)


def is_buffer(value: Value) -> bool:
    """True for memrefs."""
    return isinstance(value.type, MemRefType)


def element_bytes(buffer: Value) -> int:
    """The size of an element of a buffer."""
    assert isinstance(buffer.type, MemRefType)
    return max(1, getattr(buffer.type.element, "width", 64) // 8)


def extents_of(function: Function, buffer: Value) -> tuple[Extent, ...]:
    """The extents of a buffer: constants or values of the function."""
    type_ = buffer.type
    assert isinstance(type_, MemRefType)
    op = buffer.op
    if isinstance(op, memref.Alloc):
        dynamic = iter(op.extents)
        return tuple(next(dynamic) if e is None else e for e in type_.shape)
    if isinstance(op, memref.Constant):
        return tuple(e for e in type_.shape if e is not None)
    declared = function.extents(buffer)
    return tuple(d if k is None else k for k, d in zip(type_.shape, declared, strict=True))


def distinct(layout: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """The arguments with a number behind names that stood before."""
    taken: set[str] = set()
    found: list[Argument] = []
    for parameter, value in layout:
        name, count = parameter.name, 2
        while name in taken:
            name, count = f"{parameter.name}_{count}", count + 1
        taken.add(name)
        found.append((replace(parameter, name=name), value))
    return tuple(found)
