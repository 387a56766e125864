"""The inspector: runs what a function does with integers, with sets of inputs for floats.

What comes out is which results can depend on which inputs, whatever the values of the floats: of
branches that floats decide both sides are run, and what they leave is the union; an integer that
floats determine is not known, and an element at such an index may be any. Checks and prints are
passed over: the program itself shows them.

A `while` whose condition floats decide is run as often as its bound allows, every number of
iterations being possible; without a bound there is no pattern (`NoPattern`), nor where floats
determine how long a counted loop is, or an extent.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from dpc.compiler.analysis.callees import circular
from dpc.compiler.analysis.reduced import Join, Undecided, reduced
from dpc.compiler.dialects import ALL_OPS, ad, arith, cf, io, linalg, memref, scf, tape
from dpc.compiler.dialects.memory import READS, WRITES
from dpc.compiler.dialects.numbers import REAL
from dpc.compiler.dialects.scalar import Scalar, evaluate
from dpc.compiler.interpret.dependence import joined
from dpc.compiler.interpret.func import HANDLERS as CALLS
from dpc.compiler.interpret.machine import Array, Handler, Machine, Results
from dpc.compiler.interpret.tape import HANDLERS as STACKS
from dpc.compiler.ir.core import Block, Function, Module, Op
from dpc.compiler.ir.types import FloatType, MemRefType, StackType, is_float
from dpc.dsl.source import Span

Carries = Callable[[Op, int], bool]
DEEPEST = 50  # callees and functions with rules inside each other


class NoPattern(Exception):  # noqa: N818 - what is true of the program, not an error of ours
    """Floats decide what the pattern would need to know; `span` is where."""

    def __init__(self, span: Span | None, what: str) -> None:
        self.span = span
        self.what = what
        super().__init__(what)


class _Unknown:
    """An integer that floats determine."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


def inspect(module: Module, name: str, arguments: Sequence[Any], carries: Carries) -> list[Any]:
    """The scalar results of a function for dimensions, inputs and outputs; floats are dependences.

    Arrays of floats are arrays of objects, outputs are written in place. `carries(op, i)`: whether
    the i-th operand of a scalar op can carry a derivative. Raises `NoPattern`, and `IndexError`
    where the program leaves an array's bounds for sure.
    """
    inspector = _Inspector(carries)
    machine = Machine(module, REAL, inspector.handlers(), deepest=DEEPEST)
    return list(machine.call(reduced(module.function(name), carries), arguments))


@dataclass
class _Inspector:
    """`unsure`: how many branches that may not be taken, or go on, surround what runs. `callees`:
    those met, reduced.
    """

    carries: Carries
    unsure: int = 0
    callees: dict[Function, Function] = field(default_factory=dict)
    carried: dict[int, tuple[tuple[int, ...], bool]] = field(default_factory=dict)

    def handlers(self) -> dict[type[Op], Handler]:
        scalars: dict[type[Op], Handler] = {
            c: self._scalar for c in ALL_OPS if issubclass(c, Scalar)
        }
        whole: dict[type[Op], Handler] = dict.fromkeys(WRITES, self._whole)
        return {
            **whole,
            **scalars,
            **STACKS,
            **dict.fromkeys(CALLS, self._call),
            ad.Custom: self._custom,
            Join: lambda machine, op, operands: (joined(operands),),
            Undecided: lambda machine, op, operands: (UNKNOWN,),
            arith.Select: self._select,
            arith.AndI: self._absorbing,
            arith.OrI: self._absorbing,
            scf.For: self._for,
            scf.If: self._if,
            scf.While: self._while,
            memref.Alloc: self._alloc,
            memref.Constant: self._constant,
            memref.Load: self._load,
            memref.Store: self._store,
            memref.Copy: self._copy,
            linalg.Fill: self._fill,
            linalg.Matmul: self._matmul,
            tape.Pop: self._pop,
            cf.Assert: lambda machine, op, operands: (),
            io.Print: lambda machine, op, operands: (),
        }

    # --- scalars -----------------------------------------------------------------------------

    def _scalar(self, machine: Machine, op: Op, operands: Results) -> Results:
        positions, gives_float = self.carried.get(id(op)) or self._carried(op)
        if gives_float:
            if len(positions) == 1:
                return (operands[positions[0]],)
            return (joined([operands[i] for i in positions]),) if positions else (None,)
        if UNKNOWN in operands or any(is_float(v.type) for v in op.operands):
            return (UNKNOWN,)
        assert isinstance(op, Scalar)
        return (evaluate(op, machine.numbers, operands),)

    def _carried(self, op: Op) -> tuple[tuple[int, ...], bool]:
        """Positions of the operands that carry a derivative; whether the result is a float."""
        floats = [i for i, v in enumerate(op.operands) if is_float(v.type)]
        made = tuple(i for i in floats if self.carries(op, i)), is_float(op.results[0].type)
        self.carried[id(op)] = made
        return made

    def _select(self, machine: Machine, op: Op, operands: Results) -> Results:
        condition, yes, no = operands
        if condition is UNKNOWN:
            return (_either(is_float(op.results[0].type), (yes, no)),)
        return (yes if condition else no,)

    def _absorbing(self, machine: Machine, op: Op, operands: Results) -> Results:
        """0 and anything is 0; 1 or anything is 1."""
        if UNKNOWN not in operands:
            return self._scalar(machine, op, operands)
        decided = 0 if isinstance(op, arith.AndI) else 1
        return (decided if decided in operands else UNKNOWN,)

    # --- control -----------------------------------------------------------------------------

    def _for(self, machine: Machine, op: Any, operands: Results) -> Results:
        lower, upper, step, *carried = operands
        if UNKNOWN in (lower, upper, step):
            raise NoPattern(op.span, "the length of a loop depends on floats")
        state: Results = tuple(carried)
        for i in range(lower, upper, step):
            state = machine.yielded(op.body, (i, *state))
        return state

    def _if(self, machine: Machine, op: Any, operands: Results) -> Results:
        if operands[0] is not UNKNOWN:
            return machine.yielded(op.then if operands[0] else op.otherwise, ())
        both = [self._unsurely(machine, block, ()) for block in (op.then, op.otherwise)]
        return self._union(op, both)

    def _unsurely(self, machine: Machine, block: Block, arguments: Results) -> Results:
        self.unsure += 1
        try:
            return machine.yielded(block, arguments)
        finally:
            self.unsure -= 1

    def _union(self, op: Op, rows: Sequence[Results]) -> Results:
        columns = zip(*rows, strict=True)
        return tuple(_either(is_float(v.type), c) for v, c in zip(op.results, columns, strict=True))

    def _while(self, machine: Machine, op: Any, operands: Results) -> Results:
        bound: Any = None if op.bound is None else machine.environment[op.bound]
        state = machine.values(op.inits)
        possible = [state]
        trips = 0
        while True:
            go_on, *forwarded = machine.yielded(op.before, state)
            state = tuple(forwarded)
            if go_on is UNKNOWN and (bound is None or bound is UNKNOWN):
                raise NoPattern(op.span, "the length of a loop depends on floats")
            ends = trips >= bound if go_on is UNKNOWN else not go_on
            if ends:
                # Each state at which the loop may have ended.
                return self._union(op, [*possible[1:], state]) if len(possible) > 1 else state
            trips += 1
            if go_on is UNKNOWN or len(possible) > 1:
                possible.append(state)
                state = self._unsurely(machine, op.body, state)
            else:
                state = machine.yielded(op.body, state)

    # --- memory ------------------------------------------------------------------------------

    def _alloc(self, machine: Machine, op: Any, operands: Results) -> Results:
        if UNKNOWN in operands:
            raise NoPattern(op.span, "the extent of an array depends on floats")
        dynamic = iter(operands)
        shape = [next(dynamic) if e is None else e for e in op.type.shape]
        buffer = np.empty(shape, object)
        buffer.fill(None if isinstance(op.type.element, FloatType) else UNKNOWN)
        return (buffer,)

    def _constant(self, machine: Machine, op: Any, operands: Results) -> Results:
        buffer = np.empty([e or 0 for e in op.type.shape], object)
        if not isinstance(op.type.element, FloatType):
            buffer[...] = np.array([int(e) for e in op.elements]).reshape(buffer.shape)
        return (buffer,)

    def _load(self, machine: Machine, op: Any, operands: Results) -> Results:
        buffer, *indices = operands
        at = tuple(indices)
        gives_float = is_float(op.results[0].type)
        if UNKNOWN in at:
            part = buffer[tuple(slice(None) if i is UNKNOWN else i for i in at)]
            return (_either(gives_float, part.flat),)
        if not self._inside(buffer, at):
            return (None if gives_float else UNKNOWN,)
        value = buffer[at]
        return (value.item() if isinstance(value, np.generic) else value,)

    def _store(self, machine: Machine, op: Any, operands: Results) -> Results:
        value, buffer, *indices = operands
        at = tuple(indices)
        floats = is_float(op.value.type)
        if UNKNOWN in at:
            part = buffer[tuple(slice(None) if i is UNKNOWN else slice(i, i + 1) for i in at)]
            for place in np.ndindex(part.shape):
                part[place] = _either(floats, (part[place], value))
        elif self._inside(buffer, at):
            buffer[at] = _either(floats, (buffer[at], value)) if self.unsure else value
        return ()

    def _inside(self, buffer: Array, at: tuple[int, ...]) -> bool:
        """True within the bounds; `IndexError` if the program is sure to leave them."""
        for index, extent in zip(at, buffer.shape, strict=True):
            if not 0 <= index < extent:
                if not self.unsure:
                    raise IndexError(f"{at} is not within {buffer.shape}")
                return False
        return True

    def _copy(self, machine: Machine, op: Op, operands: Results) -> Results:
        source, target = operands
        if not self.unsure:
            target[...] = source
            return ()
        floats = isinstance(_element(op.operands[0]), FloatType)
        for place in np.ndindex(target.shape):
            target[place] = _either(floats, (target[place], source[place]))
        return ()

    def _fill(self, machine: Machine, op: Any, operands: Results) -> Results:
        value, buffer = operands
        if self.unsure:
            floats = is_float(op.value.type)
            for place in np.ndindex(buffer.shape):
                buffer[place] = _either(floats, (buffer[place], value))
        else:
            buffer.fill(value)
        return ()

    def _matmul(self, machine: Machine, op: Any, operands: Results) -> Results:
        """Each element of c gets its row of a and its column of b."""
        a, b, c = operands
        rows = [joined(row) for row in (a.T if op.kind[0] == "t" else a)]
        columns = [joined(column) for column in (b if op.kind[1] == "t" else b.T)]
        if not a.size or not b.size:
            return ()
        for i, j in np.ndindex(*c.shape):
            c[i, j] = joined((c[i, j], rows[i], columns[j]))
        return ()

    def _whole(self, machine: Machine, op: Op, operands: Results) -> Results:
        """Everything written depends on everything read."""
        read = joined(
            part
            for name in READS.get(type(op), ())
            if isinstance(_element(getattr(op, name)), FloatType)
            for part in machine.environment[getattr(op, name)].flat
        )
        for name in WRITES[type(op)]:
            floats = isinstance(_element(getattr(op, name)), FloatType)
            buffer: Array = machine.environment[getattr(op, name)]
            for place in np.ndindex(buffer.shape):
                old = buffer[place] if self.unsure else None
                buffer[place] = joined((old, read)) if floats else UNKNOWN
        return tuple(read if is_float(v.type) else UNKNOWN for v in op.results)

    def _call(self, machine: Machine, op: Any, operands: Results) -> Results:
        """A callee is run, unless it calls itself, as deep as floats say."""
        function = machine.module.function(op.callee)
        if function not in self.callees:
            if op.callee in circular(machine.module.functions[0].callees):
                raise NoPattern(op.span, "it calls a function that calls itself")
            self.callees[function] = reduced(function, self.carries)
        return machine.inner(op).call(self.callees[function], operands)

    def _custom(self, machine: Machine, op: Any, operands: Results) -> Results:
        """Derivatives are those of a rule, which may use every float of the arguments."""
        results = CALLS[ad.Custom](machine, op, operands)
        given = zip(op.inputs, operands, strict=False)
        floats = [x for v, x in given if isinstance(_element(v), FloatType)]
        read = joined(
            part for x in floats for part in (x.flat if isinstance(x, np.ndarray) else (x,))
        )
        for output, buffer in zip(op.outputs, operands[len(op.inputs) :], strict=True):
            if isinstance(_element(output), FloatType):
                for place in np.ndindex(buffer.shape):
                    buffer[place] = joined((buffer[place], read))
        pairs = zip(op.results, results, strict=True)
        return tuple(joined((x, read)) if is_float(v.type) else x for v, x in pairs)

    def _pop(self, machine: Machine, op: Any, operands: Results) -> Results:
        """Where a branch that may not be taken pushed nothing, nothing is known."""
        (stack,) = operands
        if stack:
            return (stack.pop(),)
        return (None if is_float(op.results[0].type) else UNKNOWN,)


def _either(floats: bool, values: Iterable[Any]) -> Any:
    """What is known of a value that is one of several."""
    if floats:
        return joined(values)
    possible = list(values)
    same = all(v is not UNKNOWN and v == possible[0] for v in possible)
    return possible[0] if possible and same else UNKNOWN


def _element(value: Any) -> Any:
    type_ = value.type
    return type_.element if isinstance(type_, MemRefType | StackType) else type_
