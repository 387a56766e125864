"""`arith` in LLVM. No fast-math flag anywhere: every float operation is IEEE's."""

from typing import Any

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.literals import literal, overload
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import ad, arith
from dpc.compiler.ir.core import Op
from dpc.compiler.ir.types import I1, with_lanes


def _constant(w: Writer, op: arith.Constant) -> None:
    w.names[op.result] = literal(op.value, op.type)


def _binary(instruction: str) -> Rule:
    """`instruction lhs, rhs`."""

    def rule(w: Writer, op: Any) -> None:
        w.result(op, f"{instruction} {w.typed(op.lhs)}, {w.value(op.rhs)}")

    return rule


def _intrinsic(name: str) -> Rule:
    """`name.<type>(lhs, rhs)`."""

    def rule(w: Writer, op: Any) -> None:
        type_ = w.type(op.lhs)
        operands = (w.value(op.lhs), w.value(op.rhs))
        w.names[op.result] = w.intrinsic(
            f"{name}.{overload(type_)}", type_, (type_, type_), *operands
        )

    return rule


def _cast(instruction: str) -> Rule:
    """`instruction operand to type`; nothing where the types are one in LLVM."""

    def rule(w: Writer, op: Any) -> None:
        w.result(op, f"{instruction} {w.typed(op.operand)} to {w.type(op.result)}")

    return rule


def _same(w: Writer, op: Any) -> None:
    w.names[op.result] = w.value(op.operand)


def _negate(w: Writer, op: arith.NegF) -> None:
    w.result(op, f"fneg {w.typed(op.operand)}")


def _strong_product(w: Writer, op: arith.MulZ) -> None:
    """0 where a factor is 0, else the product."""
    type_, left, right = w.type(op.lhs), w.value(op.lhs), w.value(op.rhs)
    zero = literal(0.0, op.lhs.type)
    left_zero = w.emit(f"fcmp oeq {type_} {left}, {zero}")
    right_zero = w.emit(f"fcmp oeq {type_} {right}, {zero}")
    bits = abi.register_type(with_lanes(I1, op.lhs.type))
    either = w.emit(f"or {bits} {left_zero}, {right_zero}")
    product = w.emit(f"fmul {type_} {left}, {right}")
    w.result(op, f"select {bits} {either}, {type_} {zero}, {type_} {product}")


def _divide(w: Writer, op: Any) -> tuple[str, str, str]:
    """Truncating quotient and remainder that do not trap for -1, and whether to round down.

    x // -1 is computed as -(x // 1), so that the least integer wraps.
    """
    type_, left, right = w.type(op.lhs), w.value(op.lhs), w.value(op.rhs)
    minus = w.emit(f"icmp eq {type_} {right}, -1")
    divisor = w.emit(f"select i1 {minus}, {type_} 1, {type_} {right}")
    quotient = w.emit(f"sdiv {type_} {left}, {divisor}")
    negated = w.emit(f"sub {type_} 0, {left}")
    quotient = w.emit(f"select i1 {minus}, {type_} {negated}, {type_} {quotient}")
    remainder = w.emit(f"srem {type_} {left}, {divisor}")
    inexact = w.emit(f"icmp ne {type_} {remainder}, 0")
    signs = w.emit(f"xor {type_} {remainder}, {right}")
    differ = w.emit(f"icmp slt {type_} {signs}, 0")
    return quotient, remainder, w.emit(f"and i1 {inexact}, {differ}")


def _power_of_two(op: Any) -> int:
    """The divisor where it is a constant 2^k > 0, else 0; then a shift or a mask rounds down."""
    divisor = int(op.rhs.op.value) if isinstance(op.rhs.op, arith.Constant) else 0
    return divisor if divisor > 0 and divisor & (divisor - 1) == 0 else 0


def _floor_divide(w: Writer, op: arith.FloorDivSI) -> None:
    if power := _power_of_two(op):
        w.result(op, f"ashr {w.typed(op.lhs)}, {power.bit_length() - 1}")
        return
    quotient, _, down = _divide(w, op)
    type_ = w.type(op.lhs)
    less = w.emit(f"sub {type_} {quotient}, 1")
    w.result(op, f"select i1 {down}, {type_} {less}, {type_} {quotient}")


def _floor_modulo(w: Writer, op: arith.FloorModSI) -> None:
    if power := _power_of_two(op):
        w.result(op, f"and {w.typed(op.lhs)}, {power - 1}")
        return
    _, remainder, down = _divide(w, op)
    type_ = w.type(op.lhs)
    more = w.emit(f"add {type_} {remainder}, {w.value(op.rhs)}")
    w.result(op, f"select i1 {down}, {type_} {more}, {type_} {remainder}")


def _compare(instruction: str) -> Rule:
    def rule(w: Writer, op: Any) -> None:
        w.result(op, f"{instruction} {op.predicate} {w.typed(op.lhs)}, {w.value(op.rhs)}")

    return rule


def _select(w: Writer, op: arith.Select) -> None:
    values = (w.typed(op.true_value), w.typed(op.false_value))
    w.result(op, f"select {w.typed(op.condition)}, {values[0]}, {values[1]}")


def _float_to_int(w: Writer, op: arith.FPToSI) -> None:
    """Saturating conversion (never poison), then the least integer where out of range or NaN.

    The upper limit 2^(width-1) is exact in both float types; a value truncates into the range
    from below as soon as it is above least - 1, which only f64 against i32 can tell from least.
    """
    source, target, width = w.typed(op.operand), w.type(op.result), op.width
    float_type = w.type(op.operand)
    suffix = "f64" if float_type == "double" else "f32"
    least = -(1 << (width - 1))
    exact_below = width == 32 and float_type == "double"
    below = literal(float(least - 1 if exact_below else least), op.operand.type)
    above = literal(float(1 << (width - 1)), op.operand.type)
    name = f"llvm.fptosi.sat.{target}.{suffix}"
    whole = w.intrinsic(name, target, (float_type,), w.value(op.operand))
    low = w.emit(f"fcmp {'ogt' if exact_below else 'oge'} {source}, {below}")
    high = w.emit(f"fcmp olt {source}, {above}")
    inside = w.emit(f"and i1 {low}, {high}")
    w.result(op, f"select i1 {inside}, {target} {whole}, {target} {least}")


def _index_cast(w: Writer, op: arith.IndexCast) -> None:
    source, target = w.type(op.operand), w.type(op.result)
    if source == target:
        _same(w, op)
        return
    widths = (int(source[1:]), int(target[1:]))
    instruction = "sext" if widths[0] < widths[1] else "trunc"
    w.result(op, f"{instruction} {source} {w.value(op.operand)} to {target}")


RULES: dict[type[Op], Rule] = {
    arith.Constant: _constant,
    arith.AddF: _binary("fadd"),
    arith.SubF: _binary("fsub"),
    arith.MulF: _binary("fmul"),
    arith.DivF: _binary("fdiv"),
    arith.RemF: _binary("frem"),
    arith.MaximumF: _intrinsic("llvm.maximum"),
    arith.MinimumF: _intrinsic("llvm.minimum"),
    arith.MulZ: _strong_product,
    arith.NegF: _negate,
    arith.AddI: _binary("add"),
    arith.SubI: _binary("sub"),
    arith.MulI: _binary("mul"),
    arith.FloorDivSI: _floor_divide,
    arith.FloorModSI: _floor_modulo,
    arith.MaxSI: _intrinsic("llvm.smax"),
    arith.MinSI: _intrinsic("llvm.smin"),
    arith.AndI: _binary("and"),
    arith.OrI: _binary("or"),
    arith.XOrI: _binary("xor"),
    arith.CmpF: _compare("fcmp"),
    arith.CmpI: _compare("icmp"),
    arith.Select: _select,
    arith.SIToFP: _cast("sitofp"),
    arith.UIToFP: _cast("uitofp"),
    arith.FPToSI: _float_to_int,
    arith.ExtF: _cast("fpext"),
    arith.TruncF: _cast("fptrunc"),
    arith.ExtSI: _cast("sext"),
    arith.ExtUI: _cast("zext"),
    arith.TruncI: _cast("trunc"),
    arith.IndexCast: _index_cast,
    ad.StopGradient: _same,
}
