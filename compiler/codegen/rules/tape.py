"""`tape` in LLVM: a stack is a record of three variables (data, count, capacity), which become
registers unless it is passed on.

The data is a block of the C library, linked into the context, so that whoever ends the call frees
it; it grows by doubling. A stack op that runs again starts with what it has grown to.
"""

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.rules.memref import ALLOCATION, as_stored
from dpc.compiler.codegen.text import UNLIKELY
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import tape
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import I1, StackType

FIRST_CAPACITY = 1024
RECORD = "{ ptr, i64, i64 }"


def _element(stack: Value) -> tuple[str, int]:
    """Type in memory and size of a stack's elements."""
    assert isinstance(stack.type, StackType)
    return abi.memory_type(stack.type.element), abi.element_bytes(stack.type.element)


def _stack(w: Writer, op: tape.Stack) -> None:
    record = w.name("stack")
    w.frame.append(f"{record} = alloca {RECORD}")
    w.frame.append(f"store {RECORD} zeroinitializer, ptr {record}")
    bind(w, op.result, record)
    _, count, _ = w.stacks[op.result]
    w.line(f"store i64 0, ptr {count}")


def bind(w: Writer, stack: Value, record: str) -> None:
    """Learn where a stack's record is; its members are addressed at the start of the function."""
    count, capacity = w.name("count"), w.name("capacity")
    w.frame.append(f"{count} = getelementptr inbounds {RECORD}, ptr {record}, i64 0, i32 1")
    w.frame.append(f"{capacity} = getelementptr inbounds {RECORD}, ptr {record}, i64 0, i32 2")
    w.names[stack] = record
    w.stacks[stack] = (record, count, capacity)


def _push(w: Writer, op: tape.Push) -> None:
    data, count, capacity = w.stacks[op.stack]
    element, _ = _element(op.stack)
    size = w.emit(f"load i64, ptr {count}", "count")
    room = w.emit(f"load i64, ptr {capacity}", "capacity")
    grow, store = w.label("grow"), w.label("push")
    w.branch(w.emit(f"icmp eq i64 {size}, {room}"), grow, store, UNLIKELY)
    w.start(grow)
    _grow(w, op, size)
    w.jump(store)
    w.start(store)
    base = w.emit(f"load ptr, ptr {data}", "data")
    address = w.emit(f"getelementptr inbounds {element}, ptr {base}, i64 {size}")
    w.line(f"store {as_stored(w, op.value)}, ptr {address}")
    w.line(f"store i64 {w.emit(f'add nuw nsw i64 {size}, 1')}, ptr {count}")


def _grow(w: Writer, op: tape.Push, size: str) -> None:
    """Double the capacity, or leave with an out-of-memory error."""
    data, _, capacity = w.stacks[op.stack]
    _, bytes_each = _element(op.stack)
    w.module.need("dp.stack_grow")
    doubled = w.emit(f"shl i64 {size}, 1")
    first = str(FIRST_CAPACITY)
    room = w.intrinsic("llvm.smax.i64", "i64", ("i64", "i64"), doubled, first)
    used = w.emit(f"mul i64 {size}, {bytes_each}", "used")
    wanted = w.emit(f"mul i64 {room}, {bytes_each}", "wanted")
    old = w.emit(f"load ptr, ptr {data}")
    operands = f"ptr %context, ptr {old}, i64 {used}, i64 {wanted}"
    new = w.call("ptr", "dp.stack_grow", operands)
    number = w.check("memory", ALLOCATION, op.span, ("i64",))
    failed = w.emit(f"icmp eq ptr {new}, null")
    w.fail_if(failed, number, (f"i64 {wanted}",), abi.MEMORY)
    w.line(f"store ptr {new}, ptr {data}")
    w.line(f"store i64 {room}, ptr {capacity}")
    w.allocates = True


def _pop(w: Writer, op: tape.Pop) -> None:
    data, count, _ = w.stacks[op.stack]
    element, _ = _element(op.stack)
    size = w.emit(f"load i64, ptr {count}", "count")
    top = w.emit(f"sub nuw nsw i64 {size}, 1")
    w.line(f"store i64 {top}, ptr {count}")
    base = w.emit(f"load ptr, ptr {data}", "data")
    address = w.emit(f"getelementptr inbounds {element}, ptr {base}, i64 {top}")
    stored = f"load {element}, ptr {address}"
    if op.result.type == I1:
        w.result(op, f"trunc i8 {w.emit(stored)} to i1")
    else:
        w.result(op, stored)


__all__ = ["RULES", "bind"]
RULES: dict[type[Op], Rule] = {tape.Stack: _stack, tape.Push: _push, tape.Pop: _pop}
