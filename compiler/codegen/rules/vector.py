"""`vector` in LLVM, and scalar operations on vectors.

Most rules of `arith` and `math` write the same instruction for `<8 x double>`, and elementary
functions have kernels for it; what has neither is written lane by lane. Either way a lane holds the
very bits of scalar code.
"""

from collections.abc import Mapping
from typing import Any

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.literals import literal, overload
from dpc.compiler.codegen.rules.math import kernel
from dpc.compiler.codegen.rules.memref import address, element_type
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import ad, arith, math, vector
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import I1, MemRefType, VectorType, lane_type

# Ops whose rules write one instruction, or a few, for vectors too.
WIDE: frozenset[type[Op]] = frozenset(
    {
        *(arith.AddF, arith.SubF, arith.MulF, arith.DivF, arith.MaximumF, arith.MinimumF),
        *(arith.MulZ, arith.NegF, arith.AddI, arith.SubI, arith.MulI, arith.MaxSI, arith.MinSI),
        *(arith.AndI, arith.OrI, arith.XOrI, arith.CmpF, arith.CmpI, arith.Select),
        *(arith.SIToFP, arith.UIToFP, arith.ExtF, arith.TruncF, arith.ExtSI, arith.ExtUI),
        *(arith.TruncI, ad.StopGradient, math.Fma, math.CopySign),
        *(math.IsNan, math.IsInf, math.IsFinite),
        *(math.UNARY[n] for n in ("sqrt", "absf", "floor", "ceil", "trunc", "roundeven")),
    }
)


def for_vectors(rules: Mapping[type[Op], Rule]) -> dict[type[Op], Rule]:
    """The rules of scalar operations, which now write vectors as well."""
    return {op: rule if op in WIDE else _either(op, rule) for op, rule in rules.items()}


def _either(op_class: type[Op], rule: Rule) -> Rule:
    if not issubclass(op_class, Scalar) or op_class is arith.Constant:
        return rule

    def either(w: Writer, op: Any) -> None:
        type_ = op.results[0].type
        if not isinstance(type_, VectorType):
            rule(w, op)
        elif not (kernel(w, op) or _shifted(w, op)):
            _lane_by_lane(w, op, rule, type_)

    return either


def _shifted(w: Writer, op: Op) -> bool:
    """Write a division by 2^k as a shift or a mask, and a cast between equal types as nothing."""
    if isinstance(op, arith.IndexCast) and w.type(op.operand) == w.type(op.result):
        w.names[op.result] = w.value(op.operand)
        return True
    if not isinstance(op, arith.FloorDivSI | arith.FloorModSI):
        return False
    divisor = _same_in_all(op.rhs)
    power = int(divisor.op.value) if divisor and isinstance(divisor.op, arith.Constant) else 0
    if power <= 0 or power & (power - 1):
        return False
    if isinstance(op, arith.FloorDivSI):
        shift = literal(power.bit_length() - 1, op.rhs.type)
        w.result(op, f"ashr {w.typed(op.lhs)}, {shift}")
    else:
        w.result(op, f"and {w.typed(op.lhs)}, {literal(power - 1, op.rhs.type)}")
    return True


def _same_in_all(value: Value) -> Value | None:
    """The scalar that all lanes hold, where that is plain to see."""
    return value.op.operand if isinstance(value.op, vector.Broadcast) else None


def _lane_by_lane(w: Writer, op: Op, rule: Rule, type_: VectorType) -> None:
    total = "poison"
    spelled = abi.register_type(type_)
    changes = {"to": type_.element} if "to" in op.kinds.attributes else {}
    for lane in range(type_.lanes):
        lanes = {v: _lane(w, v, lane) for v in op.operands}
        one = op.rebuild(lanes).with_attributes(**changes)
        rule(w, one)
        total = w.emit(f"insertelement {spelled} {total}, {w.typed(one.result)}, i64 {lane}")
    w.names[op.result] = total


def _lane(w: Writer, value: Value, lane: int) -> Value:
    """A scalar value that holds a lane."""
    same = _same_in_all(value)
    if same is not None:
        return same
    scalar = Value(lane_type(value.type), None, value.name)
    w.names[scalar] = w.emit(f"extractelement {w.typed(value)}, i64 {lane}")
    return scalar


def _broadcast(w: Writer, op: vector.Broadcast) -> None:
    if isinstance(op.operand.op, arith.Constant):
        w.names[op.result] = literal(op.operand.op.value, op.result.type)
        return
    spelled = w.type(op.result)
    assert isinstance(op.result.type, VectorType)
    first = w.emit(f"insertelement {spelled} poison, {w.typed(op.operand)}, i64 0")
    zeros = f"<{op.result.type.lanes} x i32> zeroinitializer"
    w.result(op, f"shufflevector {spelled} {first}, {spelled} poison, {zeros}")


def _step(w: Writer, op: vector.Step) -> None:
    w.names[op.result] = f"<{', '.join(f'i64 {lane}' for lane in range(op.type.lanes))}>"


def _extract(w: Writer, op: vector.Extract) -> None:
    w.result(op, f"extractelement {w.typed(op.operand)}, i64 {op.position}")


def _insert(w: Writer, op: vector.Insert) -> None:
    w.result(op, f"insertelement {w.typed(op.operand)}, {w.typed(op.value)}, i64 {op.position}")


_BITS = {vector.ANY: "or", vector.ALL: "and"}


def _reduction(w: Writer, op: vector.Reduction) -> None:
    type_, spelled, name = op.operand.type, w.type(op.operand), w.value(op.operand)
    assert isinstance(type_, VectorType)
    if op.kind in _BITS:
        intrinsic = f"llvm.vector.reduce.{_BITS[op.kind]}.{overload(spelled)}"
        w.names[op.result] = w.intrinsic(intrinsic, "i1", (spelled,), name)
        return
    lanes, element = type_.lanes, abi.register_type(type_.element)
    while lanes > 1:
        halves = [_alternate(w, spelled, name, lanes, first) for first in (0, 1)]
        lanes //= 2
        spelled = f"<{lanes} x {element}>"
        name = _combined(w, op.kind, spelled, *halves)
    w.result(op, f"extractelement {spelled} {name}, i64 0")


def _alternate(w: Writer, spelled: str, name: str, lanes: int, first: int) -> str:
    """Every second lane."""
    chosen = ", ".join(f"i32 {lane}" for lane in range(first, lanes, 2))
    mask = f"<{lanes // 2} x i32> <{chosen}>"
    return w.emit(f"shufflevector {spelled} {name}, {spelled} poison, {mask}")


def _combined(w: Writer, kind: str, spelled: str, left: str, right: str) -> str:
    if kind == vector.SUM:
        add = "fadd" if spelled.endswith(("double>", "float>")) else "add"
        return w.emit(f"{add} {spelled} {left}, {right}")
    name = f"llvm.{kind.removesuffix('f')}.{overload(spelled)}"
    return w.intrinsic(name, spelled, (spelled, spelled), left, right)


def _in_memory(type_: VectorType) -> str:
    return f"<{type_.lanes} x {abi.memory_type(type_.element)}>"


def _alignment(buffer: Value, indices: tuple[Value, ...], type_: VectorType) -> int:
    """Rows of as many elements as the vector has lanes, in a buffer of ours, are aligned."""
    assert isinstance(buffer.type, MemRefType)
    size = abi.element_bytes(type_.element)
    whole = type_.lanes * size
    first = indices[-1].op if indices else None
    starts = isinstance(first, arith.Constant) and first.value == 0
    aligned = starts and buffer.op is not None and buffer.type.shape[-1] == type_.lanes
    return min(whole, abi.ALIGNMENT) if aligned and whole & (whole - 1) == 0 else size


def _loaded(w: Writer, op: Op, type_: VectorType, text: str) -> None:
    """Bind the vector read by an instruction; truth values are bytes in memory."""
    if type_.element == I1:
        w.result(op, f"trunc {_in_memory(type_)} {w.emit(text)} to {abi.register_type(type_)}")
    else:
        w.result(op, text)


def _stored(w: Writer, value: Value) -> str:
    """A vector as it lies in memory, typed."""
    assert isinstance(value.type, VectorType)
    if value.type.element == I1:
        memory = _in_memory(value.type)
        return f"{memory} {w.emit(f'zext {w.typed(value)} to {memory}')}"
    return w.typed(value)


def _load(w: Writer, op: vector.Load) -> None:
    place = address(w, op.buffer, op.indices)
    align = _alignment(op.buffer, op.indices, op.type)
    _loaded(w, op, op.type, f"load {_in_memory(op.type)}, ptr {place}, align {align}")


def _store(w: Writer, op: vector.Store) -> None:
    assert isinstance(op.value.type, VectorType)
    place = address(w, op.buffer, op.indices)
    align = _alignment(op.buffer, op.indices, op.value.type)
    w.line(f"store {_stored(w, op.value)}, ptr {place}, align {align}")


def _masked_load(w: Writer, op: vector.MaskedLoad) -> None:
    _read(w, op, op.otherwise, "load", "ptr", address(w, op.buffer, op.indices, masked=True))


def _gather(w: Writer, op: vector.Gather) -> None:
    _read(w, op, op.otherwise, "gather", *_places(w, op))


def _read(w: Writer, op: Any, otherwise: Value, kind: str, pointer: str, place: str) -> None:
    type_ = otherwise.type
    assert isinstance(type_, VectorType)
    memory, mask = _in_memory(type_), w.type(op.mask)
    size = abi.element_bytes(type_.element)
    name = f"llvm.masked.{kind}.{overload(memory)}.{_pointers(pointer)}"
    w.module.declare(name, f"declare {memory} @{name}({pointer}, {mask}, {memory})")
    operands = f"{pointer} align {size} {place}, {w.typed(op.mask)}, {_stored(w, otherwise)}"
    _loaded(w, op, type_, f"call {memory} @{name}({operands})")


def _masked_store(w: Writer, op: vector.MaskedStore) -> None:
    _write(w, op, "store", "ptr", address(w, op.buffer, op.indices, masked=True))


def _scatter(w: Writer, op: vector.Scatter) -> None:
    _write(w, op, "scatter", *_places(w, op))


def _write(w: Writer, op: Any, kind: str, pointer: str, place: str) -> None:
    type_ = op.value.type
    memory, mask = _in_memory(type_), w.type(op.mask)
    size = abi.element_bytes(type_.element)
    name = f"llvm.masked.{kind}.{overload(memory)}.{_pointers(pointer)}"
    w.module.declare(name, f"declare void @{name}({memory}, {pointer}, {mask})")
    operands = f"{_stored(w, op.value)}, {pointer} align {size} {place}, {w.typed(op.mask)}"
    w.line(f"call void @{name}({operands})")


def _pointers(pointer: str) -> str:
    """How an intrinsic's name shows a pointer or a vector of them."""
    return "p0" if pointer == "ptr" else f"v{pointer[1:].split(' ')[0]}p0"


def _places(w: Writer, op: Any) -> tuple[str, str]:
    """The addresses of a gather's or scatter's lanes: type and operand."""
    base = address(w, op.buffer, op.indices, masked=True)
    element, lanes = element_type(op.buffer), op.offsets.type.lanes
    text = f"getelementptr {element}, ptr {base}, {w.typed(op.offsets)}"
    return f"<{lanes} x ptr>", w.emit(text, "places")


RULES: dict[type[Op], Rule] = {
    vector.Broadcast: _broadcast,
    vector.Step: _step,
    vector.Extract: _extract,
    vector.Insert: _insert,
    vector.Reduction: _reduction,
    vector.Load: _load,
    vector.MaskedLoad: _masked_load,
    vector.Gather: _gather,
    vector.Store: _store,
    vector.MaskedStore: _masked_store,
    vector.Scatter: _scatter,
}
