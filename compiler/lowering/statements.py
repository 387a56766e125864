"""Statements: assignments and checks, control flow, blocks.

Entry: statements without early leaving (`leaving`). Scalars are rebound in the scope's
environment; arrays that `variables` put in buffers are stored there.
"""

from collections.abc import Callable

from dpc.compiler.dialects import arith, func, scf
from dpc.compiler.ir.core import Block, Value
from dpc.compiler.ir.types import I1, INDEX
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.assignments import lower_assign, lower_augmented
from dpc.compiler.lowering.buffers import allocate, assign_whole
from dpc.compiler.lowering.clauses import counted, normalised
from dpc.compiler.lowering.convert import widened_float
from dpc.compiler.lowering.elementwise import broadcast
from dpc.compiler.lowering.guarded import bind_extent, escaped, not_empty, shape_check
from dpc.compiler.lowering.ir_types import static_shape
from dpc.compiler.lowering.leaving import LeavingFor, Stmts
from dpc.compiler.lowering.printing import lower_print
from dpc.compiler.lowering.scalar_integer import reported
from dpc.compiler.lowering.scope import Scope
from dpc.compiler.lowering.tree import size
from dpc.compiler.lowering.variables import VariableAnalysis
from dpc.dsl import typed
from dpc.dsl.shapes import Poly
from dpc.dsl.types import ArrayType, ScalarType, leaves

Carried = list[tuple[typed.Variable, int, ScalarType]]  # scalar leaves of variables


class StatementLowering:
    """Lowers the statements of one function into its scope."""

    def __init__(self, scope: Scope, variables: VariableAnalysis, function: typed.Function) -> None:
        self.scope = scope
        self.variables = variables
        self.function = function
        self.handlers: dict[type[typed.Stmt], Callable[..., None]] = {
            typed.Assign: lambda stmt: lower_assign(scope, stmt),
            typed.AugmentedAssign: lambda stmt: lower_augmented(scope, stmt),
            typed.BindExtent: lambda stmt: bind_extent(scope, stmt),
            typed.ShapeCheck: lambda stmt: shape_check(scope, stmt),
            typed.NotEmpty: lambda stmt: not_empty(scope, stmt),
            typed.If: self.branch,
            typed.For: self.loop,
            typed.ParallelFor: self.loop,
            LeavingFor: self.leaving_loop,
            typed.While: self.while_loop,
            typed.Return: self.result,
            typed.Assert: self.assertion,
            typed.Print: lambda stmt: lower_print(scope, stmt),
        }

    def block(self, stmts: Stmts) -> None:
        """Lower statements in order."""
        for stmt in stmts:
            with self.scope.builder.at(stmt.span):
                for variable, position in self.variables.allocated_before(stmt):
                    type_ = leaves(variable.type)[position].type
                    assert isinstance(type_, ArrayType)
                    buffer = allocate(self.scope, type_, variable.name)
                    self.scope.env[variable, position] = buffer
                self.handlers[type(stmt)](stmt)

    # --- checks ------------------------------------------------------------------------------

    def assertion(self, stmt: typed.Assert) -> None:
        """`assert`: what the message shows is computed only when it fails, unless it is free."""
        scope = self.scope
        false = scope.constant(False, I1)
        condition = false if stmt.condition is None else scope.scalar(stmt.condition)
        shown = [part for part in stmt.message if not isinstance(part, str)]
        message = "".join(escaped(p) if isinstance(p, str) else "{}" for p in stmt.message)
        message = message or "assertion failed"
        if stmt.condition is None or all(size(part) == 1 for part in shown):
            scope.check(condition, "assert", message, *map(self.shown, shown))
            return
        with scope.block() as inner:
            inner.add(scf.Yield())
            passed = inner.block()
        with scope.block() as inner:
            scope.check(false, "assert", message, *map(self.shown, shown))
            inner.add(scf.Yield())
            failed = inner.block()
        scope.add(scf.If(condition, passed, failed))

    def shown(self, node: typed.Expr) -> Value:
        """A scalar in a type that messages can show."""
        value = self.scope.scalar(node)
        assert isinstance(node.type, ScalarType)
        if node.type.is_float:
            return widened_float(self.scope, value)
        return reported(self.scope, value)

    # --- control flow ------------------------------------------------------------------------

    def carried(self, stmt: typed.Stmt) -> Carried:
        """The scalar leaves that a compound statement changes for what comes after."""
        return [
            (variable, position, leaf.type)
            for variable in self.variables.carried(stmt)
            for position, leaf in enumerate(leaves(variable.type))
            if isinstance(leaf.type, ScalarType)
        ]

    def values(self, carried: Carried) -> tuple[Value, ...]:
        """Their current values; a zero where a path has not assigned one and none can be read."""
        found: list[Value] = []
        for variable, position, type_ in carried:
            value = self.scope.env.get((variable, position))
            assert not isinstance(value, Array)
            found.append(self.scope.zero(type_) if value is None else value)
        return tuple(found)

    def rebind(self, carried: Carried, values: tuple[Value, ...]) -> None:
        """Give the leaves new values."""
        for (variable, position, _), value in zip(carried, values, strict=True):
            self.scope.env[variable, position] = value
            value.name = value.name or variable.name

    def branch(self, stmt: typed.If) -> None:
        """`if`: yields what either branch assigns and something after needs."""
        condition = self.scope.scalar(stmt.condition)
        carried = self.carried(stmt)

        def side(stmts: Stmts) -> Block:
            with self.scope.block() as inner:
                self.block(stmts)
                inner.add(scf.Yield(self.values(carried)))
                return inner.block()

        op = scf.If(condition, side(stmt.then), side(stmt.otherwise))
        self.rebind(carried, self.scope.add(op))

    def loop(self, stmt: typed.For) -> None:
        """`for` that always runs to its end, parallel or not."""
        trips = counted(self.scope, stmt.clause)
        carried = self.carried(stmt)
        inits = self.values(carried)
        body = self.iterations(stmt, carried, trips.bind)
        bounds = (trips.lower, trips.upper, trips.step)
        parallel, wish = isinstance(stmt, typed.ParallelFor), _wish(stmt.checkpoint)
        op = scf.For(*bounds, inits, body, parallel=parallel, checkpoint=wish)
        self.rebind(carried, self.scope.add(op))

    def iterations(self, stmt: typed.For, carried: Carried, bind: Callable[[Value], None]) -> Block:
        """The body of a loop that carries scalars."""
        arguments = (Value(INDEX), *(Value(v.type) for v in self.values(carried)))
        with self.scope.block() as inner:
            self.rebind(carried, arguments[1:])
            self.bind(stmt, bind, arguments[0])
            self.block(stmt.body)
            inner.add(scf.Yield(self.values(carried)))
            return inner.block(arguments)

    def bind(self, stmt: typed.For, bind: Callable[[Value], None], counter: Value) -> None:
        """Give a loop variable its value; one that is assigned in parts gets a buffer."""
        bind(counter)
        variable = stmt.clause.variable
        for leaf in self.variables.bound_buffers(variable):
            copy_to_buffer(self.scope, leaf)

    def leaving_loop(self, stmt: LeavingFor) -> None:
        """`for` with a `live` flag: a `while` over the counter, of at most `count` passes."""
        scope = self.scope
        count, bind = normalised(scope, stmt.clause, nonnegative=True)
        carried = self.carried(stmt)
        inits = (scope.constant(0, INDEX), *self.values(carried))
        live = next(k for k, (variable, _, _) in enumerate(carried) if variable is stmt.live)
        asked = tuple(Value(v.type) for v in inits)
        with scope.block() as inner:
            below = scope.emit(arith.CmpI("slt", asked[0], count))
            goes_on = scope.emit(arith.AndI(below, asked[1 + live]))
            inner.add(scf.Condition(goes_on, asked))
            before = inner.block(asked)
        arguments = tuple(Value(v.type) for v in inits)
        with scope.block() as inner:
            self.rebind(carried, arguments[1:])
            self.bind(stmt, bind, arguments[0])
            self.block(stmt.body)
            following = scope.emit(arith.AddI(arguments[0], scope.constant(1, INDEX)))
            inner.add(scf.Yield((following, *self.values(carried))))
            body = inner.block(arguments)
        results = scope.add(scf.While(inits, count, before, body))
        self.rebind(carried, results[1:])

    def while_loop(self, stmt: typed.While) -> None:
        """`while`."""
        scope = self.scope
        carried = self.carried(stmt)
        inits = self.values(carried)
        asked = tuple(Value(v.type) for v in inits)
        with scope.block() as inner:
            self.rebind(carried, asked)
            self.block(stmt.prelude)
            inner.add(scf.Condition(scope.scalar(stmt.condition), asked))
            before = inner.block(asked)
        arguments = tuple(Value(v.type) for v in inits)
        with scope.block() as inner:
            self.rebind(carried, arguments)
            self.block(stmt.body)
            inner.add(scf.Yield(self.values(carried)))
            body = inner.block(arguments)
        self.rebind(carried, scope.add(scf.While(inits, None, before, body)))

    def returned(self, value: Array, type_: ArrayType) -> Value:
        """An array of the result; where extents are results too, those of the value."""
        if self.scope.returns_extents:
            made = self.scope.generate(value.type, value.element, static_shape(type_))
            return self.scope.tensor(made)
        return self.scope.tensor(broadcast(self.scope, value, type_))

    def result(self, stmt: typed.Return) -> None:
        """The only return, at the end."""
        values: list[Value] = []
        if stmt.value is not None:
            assert self.function.result is not None
            declared = leaves(self.function.result)
            for leaf, wanted in zip(self.scope.leaves(stmt.value), declared, strict=True):
                if isinstance(leaf, Array):
                    assert isinstance(wanted.type, ArrayType)
                    leaf = self.returned(leaf, wanted.type)
                values.append(leaf)
        if self.scope.returns_extents:
            names = self.function.result_dimensions
            values.extend(self.scope.extent(Poly.dimension(name)) for name in names)
        self.scope.add(func.Return(tuple(values)))


def _wish(asked: typed.Checkpoint | None) -> str:
    """How a loop's reverse may store states, as `ad.checkpoint` reads it."""
    if asked is None:
        return ""
    return f"slots={asked.slots}" if asked.slots is not None else f"memory={asked.memory}"


def copy_to_buffer(scope: Scope, leaf: tuple[typed.Variable, int]) -> None:
    """A bound variable's array leaf that is assigned later gets a buffer of its own."""
    value = scope.env[leaf]
    assert isinstance(value, Array)
    buffer = allocate(scope, value.type, leaf[0].name)
    assign_whole(scope, value, buffer)
    scope.env[leaf] = buffer
