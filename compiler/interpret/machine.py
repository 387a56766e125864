"""The interpreter's machine: environments, handlers of ops, calls of functions.

Scalars are Python numbers (integers for integer, index and i1). Arrays are NumPy arrays of any
dtype; those the machine makes hold Python objects, so every field of numbers fits. Elements of
`memref.alloc`ed buffers start as `UNINITIALISED`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from dpc.compiler.dialects.arith import Constant
from dpc.compiler.dialects.cf import TOO_DEEP, Assert, failure_text
from dpc.compiler.dialects.numbers import Numbers
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.types import I1, FloatType, IntType, MemRefType, StackType, TensorType, Type
from dpc.dsl.diagnostics import InternalError

Array = np.ndarray[Any, Any]
Results = tuple[Any, ...]
# Runs one op with its operands looked up; its results.
Handler = Callable[["Machine", Op, Results], Results]


class InterpreterError(InternalError):
    """The program did what correct IR never does: it read garbage or left an array's bounds."""


class CheckFailed(Exception):  # noqa: N818 - what happened to the program, not an error of ours
    """A `cf.assert` did not hold; `op` is the check, `values` what it reports."""

    def __init__(self, op: Assert, values: tuple[Any, ...]) -> None:
        self.op = op
        self.values = values
        super().__init__(failure_text(op.kind, op.message, values))


class StepsSpent(Exception):  # noqa: N818 - as `CheckFailed`
    """A run took more steps than it was given."""


@dataclass(slots=True)
class Steps:
    """How many more operations a run may make, elements of buffers counted too."""

    left: int

    def spend(self, count: int) -> None:
        """Note operations; `StepsSpent` when there were too many."""
        self.left -= count
        if self.left < 0:
            raise StepsSpent


class _Uninitialised:
    """The content of memory that nobody wrote."""

    def __repr__(self) -> str:
        return "UNINITIALISED"


UNINITIALISED: Final = _Uninitialised()


def uninitialised(shape: Sequence[int]) -> Array:
    """An array of objects none of which may be read before it is written."""
    array = np.empty(tuple(shape), dtype=object)
    array.fill(UNINITIALISED)
    return array


def element(array: Array, indices: tuple[int, ...], op: Op) -> Any:
    """An element as a Python number; InterpreterError out of bounds and for garbage."""
    check_bounds(array, indices, op)
    value = array[indices]
    if value is UNINITIALISED:
        raise InterpreterError(f"{op.name}: element {indices} is uninitialised (at {op.span})")
    return value.item() if isinstance(value, np.generic) else value


def check_bounds(array: Array, indices: tuple[int, ...], op: Op) -> None:
    """InterpreterError unless every index is within the array."""
    for index, extent in zip(indices, array.shape, strict=True):
        if not 0 <= index < extent:
            raise InterpreterError(
                f"{op.name}: index {indices} outside of extents {array.shape} (at {op.span})"
            )


@dataclass(frozen=True, slots=True)
class Plan:
    """A block looked up once: its ops with handlers, operands and results; what it yields."""

    steps: tuple[tuple[Handler, Op, tuple[Value, ...], tuple[Value, ...]], ...]
    yielded: tuple[Value, ...]


@dataclass(slots=True)
class Machine:
    """What running a module needs: its functions, a field of numbers, how to run each op."""

    module: Module
    numbers: Numbers
    handlers: Mapping[type[Op], Handler]
    environment: dict[Value, Any] = field(default_factory=dict)
    plans: dict[Block, Plan] = field(default_factory=dict)
    steps: Steps | None = None
    deepest: int = 0
    depth: int = 0

    def plan(self, block: Block) -> Plan:
        """The plan of a block, made when it is first run."""
        plan = self.plans.get(block)
        if plan is None:
            handlers = self.handlers
            steps = [(handlers[type(op)], op, op.operands, op.results) for op in block.ops[:-1]]
            plan = self.plans[block] = Plan(tuple(steps), block.terminator.operands)
        return plan

    def values(self, values: Sequence[Value]) -> Results:
        """What is known of some values."""
        return tuple([self.environment[v] for v in values])

    def yielded(self, block: Block, arguments: Sequence[Any]) -> Results:
        """Run a block to its end; the operands of its terminator."""
        environment = self.environment
        plan = self.plan(block)
        if self.steps is not None:
            self.steps.spend(len(plan.steps) + 1)
        environment.update(zip(block.arguments, arguments, strict=True))
        for handler, op, operands, results in plan.steps:
            values = handler(self, op, tuple([environment[v] for v in operands]))
            for result, value in zip(results, values, strict=True):
                environment[result] = value
        return self.values(plan.yielded)

    def call(self, function: Function, arguments: Sequence[Any]) -> Results:
        """Run a function of the module in this machine's environment."""
        check_arguments(function, arguments)
        return self.yielded(function.body, arguments)

    def inner(self, op: Op) -> "Machine":
        """A machine with an environment of its own for a call; CheckFailed when too many are open.

        How many may be is for Python's stack to say: `run` makes room.
        """
        if self.depth >= self.deepest:
            check = Assert(Constant(False, I1).result, (), "depth", TOO_DEEP, span=op.span)
            raise CheckFailed(check, (self.depth,))
        return replace(self, environment={}, depth=self.depth + 1)


def check_arguments(function: Function, arguments: Sequence[Any]) -> None:
    """InterpreterError unless arguments have the number and shapes that the function states."""
    expected = function.arguments
    if len(arguments) != len(expected):
        raise InterpreterError(
            f"{function.name} takes {len(expected)} arguments, {len(arguments)} given"
        )
    sizes = {
        p.name: a
        for p, a in zip(function.parameters, arguments, strict=True)
        if p.role == "dimension"
    }
    for parameter, value, argument in zip(function.parameters, expected, arguments, strict=True):
        if isinstance(value.type, StackType):
            continue
        shape = tuple(e if isinstance(e, int) else sizes[e] for e in parameter.extents)
        if np.shape(argument) != shape:
            raise InterpreterError(
                f"{function.name}: {parameter.name} has extents {np.shape(argument)}, not {shape}"
            )


def admitted(type_: Type, argument: Any, numbers: Numbers) -> Any:
    """An argument of the caller as the machine keeps it."""
    if isinstance(type_, FloatType):
        return numbers.round_to(numbers.lift(argument), type_.width)
    if isinstance(type_, TensorType | MemRefType):
        return argument if isinstance(argument, np.ndarray) else np.asarray(argument)
    return int(argument)


def released(type_: Type, value: Any) -> Any:
    """A result as the caller gets it: arrays of their element's dtype where it can hold them."""
    if type_ == IntType(1):
        return bool(value)
    if not isinstance(type_, TensorType) or value.dtype != object:
        return value
    if not isinstance(type_.element, FloatType):
        return value.astype(bool if type_.element == IntType(1) else np.int64)
    if all(isinstance(v, float) for v in value.flat):
        return value.astype(np.float32 if type_.element.width == 32 else np.float64)
    if all(isinstance(v, float | complex) for v in value.flat):
        return value.astype(np.complex128)
    return value
