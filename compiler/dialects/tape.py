"""`tape`: growable stores for what a reverse pass needs of loops of unknown length, and what
checkpointing asks while it runs.

Loops whose trip counts are known where they start keep their tape in ordinary buffers. Of a loop
reversed from stored states, `slots` is an array of states: one row for each.
"""

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import INDEX, MemRefType, StackType, Type, element_of, shape_of
from dpc.compiler.ir.verify_error import require


@operation("tape.stack")
class Stack(Op):
    """An empty stack of `type`; lives until the function returns."""

    type: StackType

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)


@operation("tape.push")
class Push(Op):
    """Put a value on top; fails with an out-of-memory error."""

    stack: Value
    value: Value

    def verify(self) -> None:
        require(self, isinstance(self.stack.type, StackType), "the first operand is a stack")
        require(
            self, element_of(self.stack.type) == self.value.type, "the value has the element type"
        )


@operation("tape.pop")
class Pop(Op):
    """Take the value on top (there is one, by construction)."""

    stack: Value

    def infer(self) -> tuple[Type, ...]:
        assert isinstance(self.stack.type, StackType)
        return (self.stack.type.element,)


@operation("tape.budget")
class Budget(Op):
    """How many bytes the call may still allocate at this moment; none has a budget of 2^62."""

    def infer(self) -> tuple[Type, ...]:
        return (INDEX,)


@operation("tape.reserve")
class Reserve(Op):
    """Have `bytes` ready for what the call allocates in blocks' order, and see that `more` are left
    then; fails with an out-of-memory error. Nothing where the call has no budget.
    """

    bytes: Value
    more: Value

    def verify(self) -> None:
        require(self, all(v.type == INDEX for v in self.operands), "all operands are index")


@operation("tape.block")
class Block(Op):
    """An uninitialised buffer as `memref.alloc` makes it, apart from what is reserved; it lives
    until the function returns.
    """

    extents: tuple[Value, ...]
    type: MemRefType

    def infer(self) -> tuple[Type, ...]:
        return (self.type,)

    def verify(self) -> None:
        dynamic = sum(e is None for e in self.type.shape)
        require(self, dynamic == len(self.extents), "one extent for each dynamic axis")


@operation("tape.choose")
class Choose(Op):
    """How to reverse a loop of `steps` steps within `budget` bytes, where a state takes `state`
    bytes and the tape of one step `tape`: the number of slots and of steps whose tape is held at a
    time. If that is not enough for one step, 1 and 1.
    """

    steps: Value
    state: Value
    tape: Value
    budget: Value

    def infer(self) -> tuple[Type, ...]:
        return (INDEX, INDEX)

    def verify(self) -> None:
        require(self, all(v.type == INDEX for v in self.operands), "all operands are index")


@operation("tape.split")
class Split(Op):
    """How many steps to run before the next state is stored, where `steps`, more than `frames`, are
    to be reversed with `slots` slots, that of the first state among them.
    """

    steps: Value
    slots: Value
    frames: Value

    def infer(self) -> tuple[Type, ...]:
        return (INDEX,)

    def verify(self) -> None:
        require(self, all(v.type == INDEX for v in self.operands), "all operands are index")


@operation("tape.save")
class Save(Op):
    """Copy a buffer to row `position` of `slots`, which has one axis more."""

    buffer: Value
    slots: Value
    position: Value

    def verify(self) -> None:
        _require_row(self, self.buffer, self.slots, self.position)


@operation("tape.restore")
class Restore(Op):
    """Copy row `position` of `slots` to a buffer."""

    slots: Value
    position: Value
    buffer: Value

    def verify(self) -> None:
        _require_row(self, self.buffer, self.slots, self.position)


@operation("tape.count")
class Count(Op):
    """Note that something was done `amount` times; `kind` is "plain" or "taped" (executions of a
    loop's body), "stores" or "restores" (of states), "expected" (executions that are to come).
    """

    amount: Value
    kind: str

    def verify(self) -> None:
        require(self, self.amount.type == INDEX, "the amount is index")
        require(self, self.kind in COUNTED, f"kinds are {', '.join(COUNTED)}")


COUNTED = ("plain", "taped", "stores", "restores", "expected")


def _require_row(op: Op, buffer: Value, slots: Value, position: Value) -> None:
    both = isinstance(buffer.type, MemRefType) and isinstance(slots.type, MemRefType)
    require(op, both, "buffer and slots are memrefs")
    require(op, position.type == INDEX, "the position is index")
    require(op, element_of(buffer.type) == element_of(slots.type), "one element type")
    extra = len(shape_of(slots.type)) - len(shape_of(buffer.type))
    require(op, extra == 1, "slots have one axis more than the buffer")


@operation("tape.expect")
class Expect(Op):
    """Note how many executions of a loop's body are to come, plain and taped: `steps` steps are
    reversed with so many slots and frames.
    """

    steps: Value
    slots: Value
    frames: Value

    def verify(self) -> None:
        require(self, all(v.type == INDEX for v in self.operands), "all operands are index")


OPS: tuple[type[Op], ...] = (
    Stack, Push, Pop, Budget, Reserve, Block, Choose, Split, Save, Restore, Count, Expect,
)  # fmt: skip
