"""Rewrites the loops level into operations that stock MLIR has.

On entry: the loops level. On exit: `func arith math scf memref linalg cf` ops whose MLIR namesakes
mean the same, and `tape` and `cf` ops, which the text shows in MLIR's way. What else MLIR lacks
became simpler operations or calls of functions that the module does not hold, named
`dpc.<op>.<type>`: no function of a `.dp` file has such a name.
"""

from collections.abc import Callable
from typing import cast

from dpc.compiler.dialects import (
    ad,
    arith,
    extern,
    func,
    io,
    lapack,
    linalg,
    math,
    scf,
)
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Function, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block
from dpc.compiler.ir.types import INDEX, FloatType, MemRefType, Type, element_of, shape_of

Lowered = tuple[Value, ...]
Lowering = Callable[[Builder, Op], Lowered]


def export(module: Module) -> Module:
    """Rewrite strong products, functions and attributes that stock MLIR lacks into what it has."""
    return module.map(_export_function)


def _export_function(function: Function) -> Function:
    return function.with_body(rebuild_block(function.body, {}, _rewrite))


def _rewrite(op: Op) -> tuple[list[Op], Lowered] | None:
    external = _external if op.name in math.NOT_IN_MLIR else None
    lowering = LOWERINGS.get(type(op), external)
    if lowering is None:
        return None
    builder = Builder(op.span)
    values = lowering(builder, op)
    return builder.ops, values


def external_name(op: Op, type_: Type) -> str:
    """The symbol of the function that stands for an op on a scalar type."""
    return f"dpc.{op.name}.{type_}"


def _external(builder: Builder, op: Op) -> Lowered:
    types = tuple(v.type for v in op.results)
    return builder.add(func.Call(external_name(op, op.operands[0].type), op.operands, types))


def _extern(builder: Builder, op: Op) -> Lowered:
    assert isinstance(op, extern.Call)
    return builder.add(func.Call(op.linked, op.passed, op.result_types))


def _strong_product(builder: Builder, op: Op) -> Lowered:
    left, right = op.operands
    type_ = cast(FloatType, left.type)
    zero = builder.emit(arith.Constant(0.0, type_))
    either = builder.emit(
        arith.OrI(
            builder.emit(arith.CmpF("oeq", left, zero)),
            builder.emit(arith.CmpF("oeq", right, zero)),
        )
    )
    product = builder.emit(arith.MulF(left, right))
    return builder.add(arith.Select(either, zero, product))


def _floor_mod(builder: Builder, op: Op) -> Lowered:
    left, right = op.operands
    quotient = builder.emit(arith.FloorDivSI(left, right))
    return builder.add(arith.SubI(left, builder.emit(arith.MulI(quotient, right))))


def _infinity(builder: Builder, operand: Value) -> tuple[Value, Value]:
    """|operand| and infinity."""
    size = builder.emit(math.UNARY["absf"](operand))
    return size, builder.emit(arith.Constant(float("inf"), cast(FloatType, operand.type)))


def _is_nan(builder: Builder, op: Op) -> Lowered:
    (operand,) = op.operands
    return builder.add(arith.CmpF("une", operand, operand))


def _is_inf(builder: Builder, op: Op) -> Lowered:
    return builder.add(arith.CmpF("oeq", *_infinity(builder, op.operands[0])))


def _is_finite(builder: Builder, op: Op) -> Lowered:
    return builder.add(arith.CmpF("olt", *_infinity(builder, op.operands[0])))


def _for(builder: Builder, op: Op) -> Lowered:
    loop = cast(scf.For, op)
    return builder.add(scf.For(loop.lower, loop.upper, loop.step, loop.inits, loop.body))


def _forall(builder: Builder, op: Op) -> Lowered:
    """One run after the other."""
    every = cast(func.Forall, op)
    number, inner = Value(INDEX, None, "block"), builder.nested()
    given = list(every.arguments)
    given.insert(every.position, number)
    inner.add(func.Invoke(every.callee, tuple(given), every.changed, ()))
    inner.add(scf.Yield())
    zero, one = (builder.emit(arith.Constant(k, INDEX)) for k in (0, 1))
    return builder.add(scf.For(zero, every.count, one, (), inner.block((number,))))


def _while(builder: Builder, op: Op) -> Lowered:
    loop = cast(scf.While, op)
    return builder.add(scf.While(loop.inits, None, loop.before, loop.body))


def _print(builder: Builder, op: Op) -> Lowered:
    """A call of a function named after what is shown."""
    assert isinstance(op, io.Print)
    types = ",".join(str(v.type) for v in op.values)
    return builder.add(func.Call(f"dpc.{op.name}({types}) {op.message}", op.values, ()))


def _kept(builder: Builder, op: Op) -> Lowered:
    """A call of a function of buffers of these types."""
    kinds = (getattr(op, name, "") for name in ("kind", "flags"))
    shapes = ".".join(
        "x".join("n" if e is None else str(e) for e in shape_of(v.type))
        for v in op.operands
        if isinstance(v.type, MemRefType)
    )
    element = element_of(op.operands[0].type)
    name = ".".join(filter(None, (f"dpc.{op.name}", *kinds, str(element), shapes)))
    return builder.add(func.Call(name, op.operands, tuple(v.type for v in op.results)))


LOWERINGS: dict[type[Op], Lowering] = {
    arith.MulZ: _strong_product,
    arith.FloorModSI: _floor_mod,
    math.IsNan: _is_nan,
    math.IsInf: _is_inf,
    math.IsFinite: _is_finite,
    ad.StopGradient: lambda builder, op: op.operands,
    extern.Call: _extern,
    io.Print: _print,
    linalg.Matmul: _kept,
    **dict.fromkeys(lapack.OPS, _kept),
    scf.For: _for,
    func.Forall: _forall,
    scf.While: _while,
}
