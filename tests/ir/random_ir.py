"""Random functions of the loops level: scalars, loops, branches, buffers, checks, stacks."""

import random
from collections.abc import Callable

from dpc.compiler.dialects import arith, cf, linalg, math, memref, scf, tape
from dpc.compiler.dialects.func import Return
from dpc.compiler.ir.builder import Builder, named
from dpc.compiler.ir.core import Function, Op, Parameter, Value
from dpc.compiler.ir.types import F64, I1, I64, INDEX, MemRefType, ScalarType, StackType

NAMES = ("", "", "total", "x", "i", "acc.sum", "größe", "0", "2n")
BUFFER = MemRefType((None,), F64)
FLOAT_OPS: tuple[type[Op], ...] = (
    arith.AddF, arith.SubF, arith.MulF, arith.DivF, arith.MaximumF, arith.MulZ, math.Hypot,
)  # fmt: skip
INT_OPS: tuple[type[Op], ...] = (arith.AddI, arith.SubI, arith.MulI, arith.MinSI, arith.XOrI)
Scope = dict[ScalarType, list[Value]]


class Generator:
    """Makes one function from a seed: `f(n, x, y, b) -> (f64, i64)`, b being written."""

    def __init__(self, seed: int, stacks: bool) -> None:
        self.choose = random.Random(seed)
        self.stacks = stacks
        self.n = Value(INDEX, None, "n")
        self.source = Value(BUFFER, None, "x")
        self.target = Value(BUFFER, None, "b")
        self.buffers = [self.target]
        self.left = 40  # statements still to make

    def function(self) -> Function:
        """The function."""
        real, whole = Value(F64, None, "y"), Value(I64, None, "k")
        builder = Builder()
        scope: Scope = {F64: [real], I64: [whole], I1: [], INDEX: []}
        builder.add(memref.Copy(self.source, self.target))
        for type_ in (I1, INDEX):
            scope[type_].append(builder.emit(self.constant(type_)))
        self.statements(builder, scope, depth=0, count=self.choose.randint(3, 12))
        results = (self.pick(scope, F64), self.pick(scope, I64))
        builder.add(Return(results))
        arguments = (self.n, self.source, real, whole, self.target)
        parameters = (
            Parameter("n", "dimension"),
            Parameter("x", "input", ("n",)),
            Parameter("y"),
            Parameter("k"),
            Parameter("b", "output", ("n",)),
        )
        return Function("f", parameters, (F64, I64), builder.block(arguments))

    def pick(self, scope: Scope, type_: ScalarType) -> Value:
        return self.choose.choice(scope[type_])

    def keep(self, scope: Scope, value: Value, type_: ScalarType) -> Value:
        scope[type_].append(named(value, self.choose.choice(NAMES)))
        return value

    def constant(self, type_: ScalarType) -> arith.Constant:
        if type_ == F64:
            values = (0.0, -0.0, 1.5, 1e-300, float("inf"), float("nan"), 0.1)
            return arith.Constant(self.choose.choice(values), F64)
        if type_ == I1:
            return arith.Constant(self.choose.random() < 0.5, I1)
        return arith.Constant(self.choose.randint(0, 3) if type_ == INDEX else -2, type_)

    def statements(self, builder: Builder, scope: Scope, depth: int, count: int) -> None:
        simple: list[Callable[[Builder, Scope], None]] = [
            self.real, self.real, self.whole, self.compare, self.choice, self.literal,
            self.access, self.fill, self.check, *([self.stack] if self.stacks else ()),
        ]  # fmt: skip
        nested = [self.loop, self.branch, self.repeat]
        for _ in range(count):
            if self.left <= 0:
                return
            self.left -= 1
            if depth < 3 and self.choose.random() < 0.3:
                self.choose.choice(nested)(builder, scope, depth + 1)
            else:
                self.choose.choice(simple)(builder, scope)

    def inner(self, builder: Builder, scope: Scope, depth: int) -> tuple[Builder, Scope]:
        """A block's own builder and scope, with some statements in it."""
        nested, known = builder.nested(), {t: list(v) for t, v in scope.items()}
        held = len(self.buffers)
        self.statements(nested, known, depth, self.choose.randint(1, 5))
        del self.buffers[held:]
        return nested, known

    def real(self, builder: Builder, scope: Scope) -> None:
        op = self.choose.choice(FLOAT_OPS)
        operands = (self.pick(scope, F64), self.pick(scope, F64))
        self.keep(scope, builder.emit(op(*operands)), F64)  # type: ignore[arg-type,call-arg]

    def whole(self, builder: Builder, scope: Scope) -> None:
        op = self.choose.choice(INT_OPS)
        operands = (self.pick(scope, I64), self.pick(scope, I64))
        self.keep(scope, builder.emit(op(*operands)), I64)  # type: ignore[arg-type,call-arg]

    def compare(self, builder: Builder, scope: Scope) -> None:
        predicate = self.choose.choice(("oeq", "ogt", "oge", "olt", "ole", "une"))
        op = arith.CmpF(predicate, self.pick(scope, F64), self.pick(scope, F64))
        self.keep(scope, builder.emit(op), I1)

    def choice(self, builder: Builder, scope: Scope) -> None:
        type_ = self.choose.choice((F64, I64, I1))
        values = (self.pick(scope, type_), self.pick(scope, type_))
        self.keep(scope, builder.emit(arith.Select(self.pick(scope, I1), *values)), type_)

    def literal(self, builder: Builder, scope: Scope) -> None:
        type_ = self.choose.choice((F64, I64, I1, INDEX))
        self.keep(scope, builder.emit(self.constant(type_)), type_)

    def access(self, builder: Builder, scope: Scope) -> None:
        zero = builder.emit(arith.Constant(0, INDEX))
        one = builder.emit(arith.Constant(1, INDEX))
        last = builder.emit(arith.SubI(self.n, one))
        low = builder.emit(arith.MaxSI(zero, self.pick(scope, INDEX)))
        place = builder.emit(arith.MinSI(low, last))
        source = self.choose.choice((self.source, *self.buffers))
        value = self.keep(scope, builder.emit(memref.Load(source, (place,))), F64)
        if self.choose.random() < 0.6:
            builder.add(memref.Store(value, self.choose.choice(self.buffers), (place,)))

    def fill(self, builder: Builder, scope: Scope) -> None:
        buffer = builder.emit(memref.Alloc((self.n,), BUFFER))
        builder.add(linalg.Fill(self.pick(scope, F64), buffer))
        self.buffers.append(buffer)

    def check(self, builder: Builder, scope: Scope) -> None:
        values = (self.pick(scope, F64), self.pick(scope, I64))[: self.choose.randint(0, 2)]
        message = 'a "quoted" \\ check\n' + "{} " * len(values)
        builder.add(cf.Assert(self.pick(scope, I1), values, "assert", message))

    def stack(self, builder: Builder, scope: Scope) -> None:
        stack = builder.emit(tape.Stack(StackType(F64)))
        for _ in range(2):
            builder.add(tape.Push(stack, self.pick(scope, F64)))
        self.keep(scope, builder.emit(tape.Pop(stack)), F64)

    def loop(self, builder: Builder, scope: Scope, depth: int) -> None:
        zero = builder.emit(arith.Constant(0, INDEX))
        step = builder.emit(arith.Constant(self.choose.randint(1, 2), INDEX))
        induction, carried = Value(INDEX, None, "i"), Value(F64, None, "acc")
        known = {**scope, INDEX: [*scope[INDEX], induction], F64: [*scope[F64], carried]}
        body, inside = self.inner(builder, known, depth)
        body.add(scf.Yield((self.pick(inside, F64),)))
        start = self.pick(scope, F64)
        block = body.block((induction, carried))
        lanes = self.choose.choice((1, 8))
        op = scf.For(zero, self.n, step, (start,), block, lanes)
        self.keep(scope, builder.emit(op), F64)

    def branch(self, builder: Builder, scope: Scope, depth: int) -> None:
        choices: tuple[tuple[ScalarType, ...], ...] = ((), (F64,), (F64, I64))
        types = self.choose.choice(choices)
        condition = self.pick(scope, I1)
        blocks = []
        for _ in range(2):
            body, inside = self.inner(builder, scope, depth)
            body.add(scf.Yield(tuple(self.pick(inside, t) for t in types)))
            blocks.append(body.block())
        for value, type_ in zip(builder.add(scf.If(condition, *blocks)), types, strict=True):
            self.keep(scope, value, type_)

    def repeat(self, builder: Builder, scope: Scope, depth: int) -> None:
        """A `while` that counts to 3 at most."""
        zero, one = (builder.emit(arith.Constant(k, INDEX)) for k in (0, 1))
        three = builder.emit(arith.Constant(3, INDEX))
        before = builder.nested()
        outer = (Value(INDEX), Value(F64))
        go_on = before.emit(arith.CmpI("slt", outer[0], three))
        before.add(scf.Condition(go_on, outer))
        count, value = Value(INDEX, None, "count"), Value(F64)
        known = {**scope, INDEX: [*scope[INDEX], count], F64: [*scope[F64], value]}
        body, inside = self.inner(builder, known, depth)
        following = body.emit(arith.AddI(count, one))
        body.add(scf.Yield((following, self.pick(inside, F64))))
        bound = three if self.choose.random() < 0.5 else None
        inits = (zero, self.pick(scope, F64))
        op = scf.While(inits, bound, before.block(outer), body.block((count, value)))
        steps, last = builder.add(op)
        self.keep(scope, steps, INDEX)
        self.keep(scope, last, F64)


def random_function(seed: int, stacks: bool = True) -> Function:
    """A valid function of the loops level; the same for the same seed.

    `stacks`: with tapes, which only code made by differentiation has.
    """
    return Generator(seed, stacks).function()
