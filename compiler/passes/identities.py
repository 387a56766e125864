"""Algebra of single scalar operations: constant folding and identities that hold everywhere.

`simplify(op)` gives what an op may be replaced with: a value that exists, or new ops the last of
which computes the result, or None. Every rule keeps values bit by bit (NaN payloads aside) and
derivatives: `x + 0.0` stays, because it is not x for -0.0, and no rule holds only at a point.
Conventions: constants stand on the right of commutative ops and comparisons; `x - c` is `x + -c`
on integers; casts between index and i64, which change no bit, are moved outwards.
"""

from collections.abc import Callable
from typing import Any

from dpc.compiler.analysis.constants import constant_of, literal
from dpc.compiler.dialects.arith import (
    AddI,
    AndI,
    CmpF,
    CmpI,
    Constant,
    ExtSI,
    FloorDivSI,
    FloorModSI,
    IndexCast,
    MaxSI,
    MinSI,
    MulI,
    OrI,
    Scalar,
    Select,
    SubI,
    TruncI,
    XOrI,
    evaluate,
    wrap,
)  # fmt: skip
from dpc.compiler.dialects.memref import Constant as Table
from dpc.compiler.dialects.memref import Load
from dpc.compiler.dialects.numbers import REAL
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import I1, I32, I64, INDEX
from dpc.compiler.passes.identities_float import FLOAT_RULES

Outcome = Value | tuple[Op, ...] | None
Rule = Callable[[Any], Outcome]
WIDE = (INDEX, I64)  # types of 64 bits, between which a cast is the identity


def simplify(op: Op) -> Outcome:
    """What to put in the op's place, or None to keep it."""
    if type(op) is Load:
        return _known_element(op)
    if not isinstance(op, Scalar) or type(op) is Constant:
        return None
    operands = op.operands
    if all(type(v.owner) is Constant for v in operands):
        folded = _fold(op, [constant_of(v) for v in operands])
        if folded is not None:
            return (folded,)
    if op.commutative and type(operands[0].owner) is Constant:
        swapped: Any = type(op)
        if type(operands[1].owner) is not Constant:
            return (swapped(operands[1], operands[0]),)
    rule = RULES.get(type(op))
    return rule(op) if rule else None


def _known_element(op: Load) -> Outcome:
    """An element of a constant buffer at constant indices."""
    table = op.buffer.owner
    indices = [constant_of(i) for i in op.indices]
    if not isinstance(table, Table) or None in indices:
        return None
    position = 0
    for index, extent in zip(indices, table.type.shape, strict=True):
        if extent is None or not 0 <= index < extent:
            return None  # not reached: its check fails
        position = position * extent + index
    return (literal(table.elements[position], op.result.type),)


def _fold(op: Scalar, values: list[Any]) -> Constant | None:
    """The constant an op on constants is; None where evaluation is refused (division by 0)."""
    try:
        outcome = evaluate(op, REAL, values)
    except (ArithmeticError, ValueError):
        return None
    return literal(outcome, op.result.type)


def _add(op: AddI) -> Outcome:
    addend = constant_of(op.rhs)
    left, right = op.lhs.owner, op.rhs.owner
    if addend == 0:
        return op.lhs
    if addend is not None and isinstance(left, AddI):
        inner = constant_of(left.rhs)
        if inner is not None:
            total = literal(op.wrap(inner + addend), op.lhs.type)
            return total, AddI(left.lhs, total.result)
    if isinstance(left, SubI) and left.rhs is op.rhs:
        return left.lhs
    if isinstance(right, SubI) and right.rhs is op.lhs:
        return right.lhs
    return None


def _subtract(op: SubI) -> Outcome:
    if op.lhs is op.rhs:
        return (literal(0, op.lhs.type),)
    subtrahend = constant_of(op.rhs)
    if subtrahend is not None:
        negated = literal(op.wrap(-subtrahend), op.lhs.type)
        return negated, AddI(op.lhs, negated.result)
    left, right = op.lhs.owner, op.rhs.owner
    if isinstance(left, AddI):
        if left.rhs is op.rhs:
            return left.lhs
        if left.lhs is op.rhs:
            return left.rhs
    if isinstance(right, SubI) and right.lhs is op.lhs:
        return right.rhs
    return None


def _multiply(op: MulI) -> Outcome:
    factor = constant_of(op.rhs)
    if factor == 0:
        return op.rhs
    if factor == 1:
        return op.lhs
    left = op.lhs.owner
    if factor is not None and isinstance(left, MulI):
        inner = constant_of(left.rhs)
        if inner is not None:
            total = literal(op.wrap(inner * factor), op.lhs.type)
            return total, MulI(left.lhs, total.result)
    return None


def _floor_divide(op: FloorDivSI) -> Outcome:
    return op.lhs if constant_of(op.rhs) == 1 else None


def _floor_modulo(op: FloorModSI) -> Outcome:
    if constant_of(op.rhs) == 1:
        return (literal(0, op.lhs.type),)
    return None


def _same(op: Any) -> Outcome:
    same: bool = op.lhs is op.rhs
    return op.lhs if same else None


def _and(op: AndI) -> Outcome:
    mask = constant_of(op.rhs)
    if op.lhs is op.rhs or mask == _all_ones(op):
        return op.lhs
    return op.rhs if mask == 0 else None


def _or(op: OrI) -> Outcome:
    mask = constant_of(op.rhs)
    if op.lhs is op.rhs or mask == 0:
        return op.lhs
    return op.rhs if mask == _all_ones(op) else None


def _all_ones(op: AndI | OrI) -> int:
    return 1 if op.lhs.type == I1 else -1


INVERSE = {"eq": "ne", "ne": "eq", "slt": "sge", "sge": "slt", "sgt": "sle", "sle": "sgt"}
SWAPPED = {
    "eq": "eq", "ne": "ne", "slt": "sgt", "sgt": "slt", "sle": "sge", "sge": "sle",
    "oeq": "oeq", "une": "une", "olt": "ogt", "ogt": "olt", "ole": "oge", "oge": "ole",
}  # fmt: skip


def _exclusive_or(op: XOrI) -> Outcome:
    mask = constant_of(op.rhs)
    if op.lhs is op.rhs:
        return (literal(0, op.lhs.type),)
    if mask is None:
        return None
    if mask == 0:
        return op.lhs
    left = op.lhs.owner
    if isinstance(left, XOrI):
        inner = constant_of(left.rhs)
        if inner is not None:
            total = literal(op.wrap(inner ^ mask), op.lhs.type)
            return total, XOrI(left.lhs, total.result)
    if op.lhs.type == I1 and isinstance(left, CmpI):
        return (CmpI(INVERSE[left.predicate], left.lhs, left.rhs),)
    if op.lhs.type == I1 and isinstance(left, CmpF) and left.predicate in ("oeq", "une"):
        return (CmpF("une" if left.predicate == "oeq" else "oeq", left.lhs, left.rhs),)
    return None


def _compare(op: CmpI) -> Outcome:
    if op.lhs is op.rhs:
        return (literal(op.predicate in ("eq", "sle", "sge"), I1),)
    limit = constant_of(op.rhs)
    if limit is None:
        if constant_of(op.lhs) is not None:
            return (CmpI(SWAPPED[op.predicate], op.rhs, op.lhs),)
        return _compare_casts(op)
    left = op.lhs.owner
    if op.lhs.type == I1 and op.predicate in ("eq", "ne"):
        if (op.predicate == "eq") == bool(limit):
            return op.lhs
        flipped = literal(True, I1)
        return flipped, XOrI(op.lhs, flipped.result)
    if isinstance(left, AddI) and op.predicate in ("eq", "ne"):
        addend = constant_of(left.rhs)
        if addend is not None:
            moved = literal(wrap(limit - addend, op.lhs.type), op.lhs.type)
            return moved, CmpI(op.predicate, left.lhs, moved.result)
    if isinstance(left, IndexCast) and left.operand.type in WIDE and left.to in WIDE:
        same = literal(limit, left.operand.type)
        return same, CmpI(op.predicate, left.operand, same.result)
    return None


def _compare_casts(op: CmpI) -> Outcome:
    """Compare what was cast, where both casts keep the value."""
    left, right = op.lhs.owner, op.rhs.owner
    if not (isinstance(left, IndexCast) and isinstance(right, IndexCast)):
        return None
    if left.operand.type != right.operand.type or left.to not in WIDE:
        return None
    return (CmpI(op.predicate, left.operand, right.operand),)


def _compare_floats(op: CmpF) -> Outcome:
    if constant_of(op.lhs) is not None and constant_of(op.rhs) is None:
        return (CmpF(SWAPPED[op.predicate], op.rhs, op.lhs),)
    return None


def _select(op: Select) -> Outcome:
    if op.true_value is op.false_value:
        return op.true_value
    condition = constant_of(op.condition)
    if condition is not None:
        return op.true_value if condition else op.false_value
    if op.true_value.type == I1:
        yes, no = constant_of(op.true_value), constant_of(op.false_value)
        if yes is not None and no is not None:
            if yes:
                return op.condition
            flipped = literal(True, I1)
            return flipped, XOrI(op.condition, flipped.result)
    return None


def _index_cast(op: IndexCast) -> Outcome:
    if op.operand.type == op.to:
        return op.operand
    inner = op.operand.owner
    if isinstance(inner, IndexCast):
        source = inner.operand.type
        if inner.to in WIDE and (source in WIDE or source == I32):
            # the first cast kept the value
            if source == op.to:
                return inner.operand
            if op.to == I64 and source == I32:
                return (ExtSI(inner.operand, I64),)
            return (IndexCast(inner.operand, op.to),)
    if isinstance(inner, ExtSI) and inner.operand.type == I32 and op.to == INDEX:
        return (IndexCast(inner.operand, INDEX),)
    if isinstance(inner, AddI | SubI | MulI | MaxSI | MinSI):
        return _cast_operands(op, inner)
    return None


def _cast_operands(op: IndexCast, inner: Op) -> Outcome:
    """cast(a + b) = cast(a) + cast(b) between 64-bit types, where the casts cancel."""
    if op.to not in WIDE or inner.result.type not in WIDE:
        return None
    made: list[Op] = []
    operands: list[Value] = []
    for operand in inner.operands:
        number = constant_of(operand)
        source = operand.owner
        if number is not None:
            made.append(literal(number, op.to))
            operands.append(made[-1].result)
        elif isinstance(source, IndexCast) and source.operand.type == op.to:
            operands.append(source.operand)
        else:
            return None
    return *made, type(inner)(*operands)


def _sign_extend(op: ExtSI) -> Outcome:
    return op.operand if op.operand.type == op.to else None


def _truncate(op: TruncI) -> Outcome:
    if op.operand.type == op.to:
        return op.operand
    inner = op.operand.owner
    if isinstance(inner, ExtSI | IndexCast) and inner.operand.type == op.to:
        return inner.operand
    return None


RULES: dict[type[Op], Rule] = {
    AddI: _add,
    SubI: _subtract,
    MulI: _multiply,
    FloorDivSI: _floor_divide,
    FloorModSI: _floor_modulo,
    MaxSI: _same,
    MinSI: _same,
    AndI: _and,
    OrI: _or,
    XOrI: _exclusive_or,
    CmpI: _compare,
    CmpF: _compare_floats,
    Select: _select,
    IndexCast: _index_cast,
    ExtSI: _sign_extend,
    TruncI: _truncate,
    **FLOAT_RULES,
}
