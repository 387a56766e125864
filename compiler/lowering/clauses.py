"""`for` clauses: ranges as trip counts, what the loop variable is in each trip."""

from collections.abc import Callable
from dataclasses import dataclass

from dpc.compiler.dialects import arith
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import I64, INDEX
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.convert import convert
from dpc.compiler.lowering.elementwise import constant_integer
from dpc.compiler.lowering.extents import known_nonnegative
from dpc.compiler.lowering.ir_types import element_type
from dpc.compiler.lowering.scope import Scope
from dpc.dsl import typed
from dpc.dsl.shapes import ONE, Poly
from dpc.dsl.types import ArrayType, ScalarType, leaves

Bind = Callable[[Value], None]  # given the counter, gives the clause's variable its value


@dataclass(frozen=True, slots=True)
class Trips:
    """A counter from `lower` below `upper` in steps of `step`, and what it does to the variable."""

    lower: Value
    upper: Value
    step: Value
    bind: Bind


def counted(scope: Scope, clause: typed.ForRange | typed.ForElement) -> Trips:
    """The clause with a counter that may start anywhere and has any positive constant step."""
    if isinstance(clause, typed.ForRange):
        step = constant_integer(clause.range.step)
        if step is not None and step > 0:
            return Trips(
                scope.index(clause.range.start),
                scope.index(clause.range.stop),
                scope.constant(step, INDEX),
                lambda counter: _bind_integer(scope, clause.variable, counter),
            )
    count, bind = normalised(scope, clause)
    return Trips(scope.constant(0, INDEX), count, scope.constant(1, INDEX), bind)


def normalised(
    scope: Scope, clause: typed.ForRange | typed.ForElement, nonnegative: bool = False
) -> tuple[Value, Bind]:
    """The trip count (at least 0 if `nonnegative`, else possibly below), a counter from 0."""
    if isinstance(clause, typed.ForElement):
        return _elements(scope, clause)
    start, stop = scope.index(clause.range.start), scope.index(clause.range.stop)
    step_constant = constant_integer(clause.range.step)
    count = _unit_count(scope, clause.range, start, stop) if step_constant == 1 else None
    step: Value | None = None
    if count is None:
        step = scope.index(clause.range.step)
        count = _count(scope, start, stop, step, step_constant)
    if nonnegative and not _is_nonnegative(clause.range):
        count = scope.emit(arith.MaxSI(count, scope.constant(0, INDEX)))

    def bind(counter: Value) -> None:
        offset = counter if step is None else scope.emit(arith.MulI(counter, step))
        _bind_integer(scope, clause.variable, scope.add_index(start, offset))

    return count, bind


def _unit_count(scope: Scope, range_: typed.Range, start: Value, stop: Value) -> Value:
    """Stop - start, as a polynomial where both are."""
    poly = _length(range_)
    if poly is not None:
        return scope.extent(poly)
    if isinstance(start.op, arith.Constant) and start.op.value == 0:
        return stop
    return scope.emit(arith.SubI(stop, start))


def _length(range_: typed.Range) -> Poly | None:
    start, stop = range_.start.poly, range_.stop.poly
    return None if start is None or stop is None else stop - start


def _is_nonnegative(range_: typed.Range) -> bool:
    """True when the trip count of a unit step can't come out negative."""
    poly = _length(range_)
    return poly is not None and range_.step.poly == ONE and known_nonnegative(poly)


def _count(scope: Scope, start: Value, stop: Value, step: Value, constant: int | None) -> Value:
    """The number of values of range(start, stop, step), or something below 0 for none."""
    emit = scope.emit
    if constant is not None:
        size = abs(constant)
        distance = emit(arith.SubI(stop, start) if constant > 0 else arith.SubI(start, stop))
        if size == 1:
            return distance
        padded = emit(arith.AddI(distance, scope.constant(size - 1, INDEX)))
        return emit(arith.FloorDivSI(padded, scope.constant(size, INDEX)))
    one, zero = scope.constant(1, INDEX), scope.constant(0, INDEX)
    nonzero = emit(arith.CmpI("ne", step, zero))
    scope.check(nonzero, "divide", "the step of a range must not be zero")
    # (stop - start + step - sign of step) // step: the last, shorter step counts.
    positive = emit(arith.CmpI("sgt", step, zero))
    sign = emit(arith.Select(positive, one, scope.constant(-1, INDEX)))
    distance = emit(arith.SubI(stop, start))
    padded = emit(arith.AddI(distance, emit(arith.SubI(step, sign))))
    return emit(arith.FloorDivSI(padded, step))


def _elements(scope: Scope, clause: typed.ForElement) -> tuple[Value, Bind]:
    """Elements, rows or records of an array, whose value is the one at entry."""
    arrays = [scope.materialised(a) for a in scope.leaves(clause.array) if isinstance(a, Array)]
    variable = clause.variable
    parts = [leaf.type for leaf in leaves(variable.type)]

    def bind(counter: Value) -> None:
        for position, (array, part) in enumerate(zip(arrays, parts, strict=True)):
            scope.env[variable, position] = _element(scope, array, part, counter)

    return scope.extent(arrays[0].type.shape[0]), bind


def _element(
    scope: Scope, array: Array, part: ScalarType | ArrayType, counter: Value
) -> Value | Array:
    """The element or row at `counter`, as it is now."""
    if isinstance(part, ScalarType):
        return array.element((counter,))
    row = array.reindexed(part, lambda indices: (counter, *indices))
    return row if row.stable else scope.materialised(row)


def _bind_integer(scope: Scope, variable: typed.Variable, value: Value) -> None:
    assert isinstance(variable.type, ScalarType)
    number = scope.as_i64(value)
    type_ = element_type(variable.type)
    scope.env[variable, 0] = number if type_ == I64 else convert(scope, number, type_)
