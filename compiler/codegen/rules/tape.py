"""`tape` in LLVM: a stack is a record of three variables (data, count, capacity), which become
registers unless it is passed on.

The data is a block of the C library, linked into the context, so that whoever ends the call frees
it; it grows by doubling. A stack op that runs again starts with what it has grown to.
"""

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.rules.memref import ALLOCATION, as_stored, checked_bytes, product
from dpc.compiler.codegen.support_memory import LARGEST_REQUEST
from dpc.compiler.codegen.text import UNLIKELY
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import tape
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import I1, MemRefType, StackType

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


def _row(w: Writer, slots: Value, position: Value) -> tuple[str, str]:
    """Address and size in bytes of a row of states."""
    _, bytes_each = _slot_element(slots)
    size = product(w, (*w.extents[slots][1:], str(bytes_each)))
    offset = w.emit(f"mul nuw nsw i64 {w.value(position)}, {size}", "row")
    return w.emit(f"getelementptr inbounds i8, ptr {w.value(slots)}, i64 {offset}", "at"), size


def _slot_element(slots: Value) -> tuple[str, int]:
    assert isinstance(slots.type, MemRefType)
    return abi.memory_type(slots.type.element), abi.element_bytes(slots.type.element)


def _move(w: Writer, target: str, source: str, size: str) -> None:
    name = "llvm.memcpy.p0.p0.i64"
    w.module.declare(name, f"declare void @{name}(ptr, ptr, i64, i1)")
    w.line(f"call void @{name}(ptr {target}, ptr {source}, i64 {size}, i1 false)")


def _save(w: Writer, op: tape.Save) -> None:
    row, size = _row(w, op.slots, op.position)
    _move(w, row, w.value(op.buffer), size)


def _restore(w: Writer, op: tape.Restore) -> None:
    row, size = _row(w, op.slots, op.position)
    _move(w, w.value(op.buffer), row, size)


def _member(w: Writer, name: str, number: int = 0) -> str:
    """The address of a member of the context."""
    place = abi.OFFSETS[name] + 8 * number
    return w.emit(f"getelementptr i8, ptr %context, i64 {place}", "at")


def _count(w: Writer, op: tape.Count) -> None:
    w.counts = True
    place = _member(w, "counts", tape.COUNTED.index(op.kind))
    before = w.emit(f"load i64, ptr {place}", "count")
    after = w.emit(f"add i64 {before}, {w.value(op.amount)}", "count")
    w.line(f"store i64 {after}, ptr {place}")


def _budget(w: Writer, op: tape.Budget) -> None:
    """The limit less what is held; a limit of 0 is none."""
    limit = w.emit(f"load i64, ptr {_member(w, 'limit')}", "limit")
    held = w.emit(f"load i64, ptr {_member(w, 'held')}", "held")
    none = w.emit(f"icmp eq i64 {limit}, 0", "none")
    left = w.emit(f"sub i64 {limit}, {held}", "left")
    w.result(op, f"select i1 {none}, i64 {1 << 62}, i64 {left}")


def _reserve(w: Writer, op: tape.Reserve) -> None:
    """Only where there is a limit: a chunk of the arena, and a look at the rest."""
    w.module.need("dp.set_aside")
    operands = f"ptr %context, i64 {w.value(op.bytes)}, i64 {w.value(op.more)}"
    reserved = w.call("i1", "dp.set_aside", operands)
    number = w.check("memory", ALLOCATION, op.span, ("i64",))
    failed = w.emit(f"xor i1 {reserved}, true")
    w.fail_if(failed, number, (f"i64 {w.value(op.bytes)}",), abi.MEMORY)
    w.allocates = True


def _block(w: Writer, op: tape.Block) -> None:
    """Memory of its own, linked into the context."""
    dynamic = iter(op.extents)
    extents = tuple(w.value(next(dynamic)) if e is None else str(e) for e in op.type.shape)
    w.extents[op.result] = extents
    size = checked_bytes(w, extents, abi.element_bytes(op.type.element))
    w.module.need("dp.stack_grow")
    number = w.check("memory", ALLOCATION, op.span, ("i64",))
    huge = w.emit(f"icmp ugt i64 {size}, {LARGEST_REQUEST}")
    w.fail_if(huge, number, (f"i64 {size}",), abi.MEMORY)
    name = w.call("ptr", "dp.stack_grow", f"ptr %context, ptr null, i64 0, i64 {size}")
    w.fail_if(w.emit(f"icmp eq ptr {name}, null"), number, (f"i64 {size}",), abi.MEMORY)
    w.names[op.result] = name
    w.allocates = True


__all__ = ["EXPANDED_BEFORE", "RULES", "bind"]
# What the arithmetic of schedules replaces before code is written.
EXPANDED_BEFORE: frozenset[type[Op]] = frozenset({tape.Choose, tape.Expect, tape.Split})
RULES: dict[type[Op], Rule] = {
    tape.Stack: _stack,
    tape.Push: _push,
    tape.Pop: _pop,
    tape.Save: _save,
    tape.Restore: _restore,
    tape.Count: _count,
    tape.Budget: _budget,
    tape.Reserve: _reserve,
    tape.Block: _block,
}
