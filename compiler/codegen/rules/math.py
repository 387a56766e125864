"""`math` in LLVM: intrinsics where they are exact, else what `elementary` names.

f32 is computed in f64 and rounded once, so each function has one implementation.
"""

from typing import Any

from dpc.compiler.codegen import elementary
from dpc.compiler.codegen.kernels.table import KERNELS
from dpc.compiler.codegen.literals import f64, literal, overload
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import arith, math
from dpc.compiler.ir.core import Op, Value

INLINED_POWER = 64  # constant exponents up to here become multiplications


def _suffix(w: Writer, value: Value) -> str:
    return overload(w.type(value))


def _intrinsic(name: str) -> Rule:
    """`llvm.<name>` of all operands, in their own type."""

    def rule(w: Writer, op: Any) -> None:
        type_, operands = w.type(op.result), tuple(w.value(v) for v in op.operands)
        full_name = f"llvm.{name}.{_suffix(w, op.result)}"
        types = (type_,) * len(operands)
        w.names[op.result] = w.intrinsic(full_name, type_, types, *operands)

    return rule


def _widened(w: Writer, value: Value) -> str:
    """A float operand as a double, typed; other operands as they are."""
    if w.type(value) == "float":
        return f"double {w.emit(f'fpext float {w.value(value)} to double')}"
    return w.typed(value)


def _narrowed(w: Writer, op: Op, result: str) -> None:
    """Bind the op's result to a double, rounded to the op's type."""
    (value,) = op.results
    if w.type(value) == "float":
        w.result(op, f"fptrunc double {result} to float")
    else:
        w.names[value] = result


def kernel(w: Writer, op: Any) -> bool:
    """Write an elementary function of a scalar or a vector by its kernel; False if it has none.

    A kernel is inlined in loops only: elsewhere that costs more to compile than it gains.
    """
    name = ELEMENTARY.get(type(op), "")
    if not w.module.kernels or name not in KERNELS:
        return False
    type_ = w.type(op.result)
    lanes, _, element = type_.strip("<>").rpartition(" x ")
    symbol = elementary.routine(w.module, name, element, int(lanes or 1))
    operands = ", ".join(w.typed(v) for v in op.operands)
    w.result(op, f"call {type_} @{symbol}({operands}){'' if w.loops else ' noinline'}")
    return True


def _elementary(w: Writer, op: Any) -> None:
    """A kernel, a function of C's mathematical library or a support routine."""
    if kernel(w, op):
        return
    symbol = elementary.exact(w.module, ELEMENTARY[type(op)])
    operands = ", ".join(_widened(w, v) for v in op.operands)
    _narrowed(w, op, w.call("double", symbol, operands))


def _reciprocal_root(w: Writer, op: Any) -> None:
    operand = _widened(w, op.operand).removeprefix("double ")
    root = w.intrinsic("llvm.sqrt.f64", "double", ("double",), operand)
    _narrowed(w, op, w.emit(f"fdiv double {f64(1.0)}, {root}"))


def _polygamma(w: Writer, op: math.PolyGamma) -> None:
    w.module.need("dp.polygamma")
    operands = f"{w.typed(op.order)}, {_widened(w, op.x)}"
    _narrowed(w, op, w.call("double", "dp.polygamma", operands))


def _float_power(w: Writer, op: math.FPowI) -> None:
    """Multiplications in the order of `dp.fpowi` where the exponent is a small constant."""
    base, exponent = _widened(w, op.lhs), op.rhs.op
    if not isinstance(exponent, arith.Constant) or abs(exponent.value) > INLINED_POWER:
        w.module.need("dp.fpowi")
        _narrowed(w, op, w.call("double", "dp.fpowi", f"{base}, {w.typed(op.rhs)}"))
        return
    count, square, power = abs(int(exponent.value)), base.removeprefix("double "), ""
    while count:
        if count & 1:
            power = w.emit(f"fmul double {power}, {square}") if power else square
        count >>= 1
        if count:
            square = w.emit(f"fmul double {square}, {square}")
    power = power or f64(1.0)
    if exponent.value < 0:
        power = w.emit(f"fdiv double {f64(1.0)}, {power}")
    _narrowed(w, op, power)


def _int_power(w: Writer, op: math.IPowI) -> None:
    type_ = w.type(op.lhs)
    w.module.need(f"dp.ipowi.{type_}")
    operands = f"{w.typed(op.lhs)}, {w.typed(op.rhs)}"
    w.names[op.result] = w.call(type_, f"dp.ipowi.{type_}", operands)


def _is_nan(w: Writer, op: math.IsNan) -> None:
    w.result(op, f"fcmp uno {w.typed(op.operand)}, {w.value(op.operand)}")


def _against_infinity(predicate: str) -> Rule:
    """Compare the magnitude with infinity."""

    def rule(w: Writer, op: Any) -> None:
        type_ = w.type(op.operand)
        name = f"llvm.fabs.{_suffix(w, op.operand)}"
        size = w.intrinsic(name, type_, (type_,), w.value(op.operand))
        infinity = literal(float("inf"), op.operand.type)
        w.result(op, f"fcmp {predicate} {type_} {size}, {infinity}")

    return rule


_INTRINSICS = {
    "sqrt": "sqrt", "absf": "fabs", "floor": "floor", "ceil": "ceil", "trunc": "trunc",
    "roundeven": "roundeven",
}  # fmt: skip
ELEMENTARY: dict[type[Op], str] = {
    **{math.UNARY[name]: name for name in elementary.UNARY},
    math.Atan2: "atan2",
    math.PowF: "powf",
    math.Hypot: "hypot",
    math.LogAddExp: "logaddexp",
    math.FloorMod: "floormod",
}

RULES: dict[type[Op], Rule] = {
    **{math.UNARY[op]: _intrinsic(name) for op, name in _INTRINSICS.items()},
    **dict.fromkeys(ELEMENTARY, _elementary),
    math.UNARY["rsqrt"]: _reciprocal_root,
    math.CopySign: _intrinsic("copysign"),
    math.PolyGamma: _polygamma,
    math.FPowI: _float_power,
    math.IPowI: _int_power,
    math.Fma: _intrinsic("fma"),
    math.IsNan: _is_nan,
    math.IsInf: _against_infinity("oeq"),
    math.IsFinite: _against_infinity("olt"),
}
