"""Comprehensions and generator reductions."""

from collections.abc import Callable
from dataclasses import dataclass

from dpc.compiler.dialects import arith, array, scf
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import INDEX, FloatType
from dpc.compiler.lowering import logsumexp
from dpc.compiler.lowering.buffers import allocate, assign_part
from dpc.compiler.lowering.clauses import counted, normalised
from dpc.compiler.lowering.combining import combine_op
from dpc.compiler.lowering.convert import convert
from dpc.compiler.lowering.elementwise import broadcast
from dpc.compiler.lowering.ir_types import element_type
from dpc.compiler.lowering.nests import for_all
from dpc.compiler.lowering.record_arrays import lower_records
from dpc.compiler.lowering.reductions import ScalarIr, check_not_empty, finish, reduce_space
from dpc.compiler.lowering.scope import Leaf, Leaves, Scope
from dpc.dsl import typed
from dpc.dsl.types import ArrayType, RecordType, ScalarType

Clause = typed.ForRange | typed.ForElement | typed.Expr
Values = tuple[Value, ...]


def lower_reduce_generator(scope: Scope, node: typed.Expr) -> Leaves:
    """`sum(e for ... if ...)` and its kin: elements in source order, nothing allocated."""
    assert isinstance(node, typed.ReduceGenerator)
    assert isinstance(node.type, ScalarType)
    to = element_type(node.type)
    if node.kind == "logsumexp":
        return (_logsumexp(scope, node, to),)
    counts: list[Value] = []

    def accumulate(kind: str, init: Value, change: Callable[[Value], Value]) -> Value:
        def element() -> Value:
            return change(convert(scope, scope.scalar(node.element), to))

        if len(node.clauses) == 1 and not isinstance(node.clauses[0], typed.Expr):
            return _one_clause(scope, node.clauses[0], node.kind, kind, init, element, counts)
        loops = _Nest(scope, kind, element)
        if node.kind not in ("mean", "min", "max"):
            return loops.run(node.clauses, (init,))[0]
        total, count = loops.run(node.clauses, (init, scope.constant(0, INDEX)))
        counts.append(count)
        return total

    value = finish(scope, node.kind, to, accumulate, lambda: counts[0])
    if node.kind in ("min", "max"):
        check_not_empty(scope, node.kind, counts[0])
    return (value,)


def _logsumexp(scope: Scope, node: typed.ReduceGenerator, to: ScalarIr) -> Value:
    assert isinstance(to, FloatType)

    def element() -> Value:
        return convert(scope, scope.scalar(node.element), to)

    nest = _Nest(scope, node.kind, element)
    return logsumexp.result(scope, nest.run(node.clauses, logsumexp.start(scope, to)))


def _one_clause(
    scope: Scope,
    clause: typed.ForRange | typed.ForElement,
    kind: str,
    op_kind: str,
    init: Value,
    element: Callable[[], Value],
    counts: list[Value],
) -> Value:
    """A reduction over one clause without conditions: `array.reduce`."""
    count, bind = normalised(scope, clause, nonnegative=True)
    counts.append(count)

    def at(indices: Values) -> Value:
        bind(indices[0])
        return element()

    return reduce_space(scope, op_kind, (count,), init, at)


@dataclass(frozen=True, slots=True)
class _Nest:
    """Loops and conditions around one accumulation; the values carried through all of them are
    the accumulator and, where it is asked for, the number of elements (of `logsumexp`: what
    `logsumexp.step` carries).
    """

    scope: Scope
    kind: str
    element: Callable[[], Value]

    def run(self, clauses: tuple[Clause, ...], carried: Values) -> Values:
        """The carried values after all elements of the clauses."""
        if not clauses:
            return self.step(carried)
        first, rest = clauses[0], clauses[1:]
        if isinstance(first, typed.Expr):
            return self.condition(first, rest, carried)
        return self.loop(first, rest, carried)

    def step(self, carried: Values) -> Values:
        """Take one element in."""
        scope = self.scope
        if self.kind == "logsumexp":
            return logsumexp.step(scope, carried, self.element())
        total = scope.emit(combine_op(self.kind, carried[0], self.element()))
        if len(carried) == 1:
            return (total,)
        return total, scope.emit(arith.AddI(carried[1], scope.constant(1, INDEX)))

    def condition(self, asked: typed.Expr, rest: tuple[Clause, ...], carried: Values) -> Values:
        """`if`: the elements inside only where it holds."""
        condition = self.scope.scalar(asked)
        with self.scope.block() as inner:
            inner.add(scf.Yield(self.run(rest, carried)))
            then = inner.block()
        with self.scope.block() as inner:
            inner.add(scf.Yield(carried))
            otherwise = inner.block()
        return self.scope.add(scf.If(condition, then, otherwise))

    def loop(
        self,
        clause: typed.ForRange | typed.ForElement,
        rest: tuple[Clause, ...],
        carried: Values,
    ) -> Values:
        """`for`: one pass after another."""
        trips = counted(self.scope, clause)
        arguments = (Value(INDEX), *(Value(v.type) for v in carried))
        with self.scope.block() as inner:
            trips.bind(arguments[0])
            inner.add(scf.Yield(self.run(rest, arguments[1:])))
            body = inner.block(arguments)
        return self.scope.add(scf.For(trips.lower, trips.upper, trips.step, carried, body))


def lower_comprehension(scope: Scope, node: typed.Expr) -> Leaves:
    """`[e for ...]`: elements that are scalars are generated, rows are written one by one."""
    assert isinstance(node, typed.Comprehension)
    binds = [normalised(scope, clause)[1] for clause in node.clauses]
    if isinstance(node.type, RecordType):
        return lower_records(scope, node, node.type, binds)
    assert isinstance(node.type, ArrayType)
    if isinstance(node.element.type, ArrayType):
        return (_rows(scope, node, node.type, node.element.type, binds),)
    to = element_type(node.type)

    def element(indices: Values) -> Value:
        for bind, index in zip(binds, indices, strict=True):
            bind(index)
        return convert(scope, scope.scalar(node.element), to)

    return (scope.generate(node.type, element),)


def _rows(
    scope: Scope,
    node: typed.Comprehension,
    type_: ArrayType,
    row_type: ArrayType,
    binds: list[Callable[[Value], None]],
) -> Leaf:
    """Array elements: a loop nest that assigns each to its place in a buffer."""
    buffer = allocate(scope, type_)
    extents = scope.shape(type_)[: len(binds)]

    def fill(outer: Values) -> None:
        for bind, index in zip(binds, outer, strict=True):
            bind(index)
        row = broadcast(scope, scope.array(node.element), row_type)
        assign_part(scope, row, buffer, lambda indices: (*outer, *indices))

    for_all(scope, extents, fill)
    return scope.of_tensor(type_, scope.emit(array.Read(buffer)), stable=True)
