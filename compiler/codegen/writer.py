"""Writes the LLVM text of one function.

Blocks are written in order; a phi node is a hole, filled once the values and the label of the back
edge are known. Cold code (failing checks, polls) is kept apart and comes after the body.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.text import UNLIKELY, Check, ModuleText
from dpc.compiler.ir.core import Block, Op, Value
from dpc.dsl.diagnostics import InternalError
from dpc.dsl.source import Span

Rule = Callable[["Writer", Any], None]
NOT_IDENTIFIER = re.compile(r"[^A-Za-z0-9_]")


class Writer:
    """Writes a function body; `rules` say how each op is written."""

    def __init__(
        self,
        module: ModuleText,
        rules: Mapping[type[Op], Rule],
        frame_limit: int = abi.FRAME_BYTES,
        callees: Mapping[str, str] | None = None,
    ) -> None:
        self.module = module
        self.frame_limit = frame_limit  # of the buffers in a frame, in bytes
        self.callees = callees or {}  # symbols by name
        self.rules = rules
        self.lines: list[str] = []
        self.frame: list[str] = []  # what comes first in the entry block
        self.cold: list[str] = []
        self.names: dict[Value, str] = {}
        self.extents: dict[Value, tuple[str, ...]] = {}
        self.stacks: dict[Value, tuple[str, str, str]] = {}
        self.arena: list[list[str]] = [[]]  # arena buffers of each open scope, outermost first
        self.current = "entry"
        self.counter = 0
        self.loops = 0  # how many loops are open
        self.frame_bytes = 0
        self.polls = False
        self.counts = False
        self.allocates = False
        self.invokes = False

    # Values

    def value(self, value: Value) -> str:
        """The operand text of a value."""
        return self.names[value]

    def typed(self, value: Value) -> str:
        """Type and operand text."""
        return f"{abi.register_type(value.type)} {self.names[value]}"

    def type(self, value: Value) -> str:
        """The LLVM type of a value."""
        return abi.register_type(value.type)

    def name(self, hint: str = "v") -> str:
        """A fresh local name."""
        self.counter += 1
        return f"%{NOT_IDENTIFIER.sub('_', hint).lstrip('0123456789') or 'v'}.{self.counter}"

    def emit(self, text: str, hint: str = "v") -> str:
        """Append an instruction with a result; the result's name."""
        name = self.name(hint)
        self.lines.append(f"  {name} = {text}")
        return name

    def result(self, op: Op, text: str) -> None:
        """Append the instruction that computes the only result of an op."""
        (value,) = op.results
        self.names[value] = self.emit(text, value.name)

    def call(self, result: str, name: str, operands: str) -> str:
        """Append a call with a result."""
        return self.emit(f"call {result} @{name}({operands})")

    def intrinsic(self, name: str, result: str, types: tuple[str, ...], *operands: str) -> str:
        """Append a call of an LLVM intrinsic, declared on the way."""
        self.module.declare(name, f"declare {result} @{name}({', '.join(types)})")
        return self.call(result, name, ", ".join(f"{t} {o}" for t, o in zip(types, operands)))

    # Control flow

    def line(self, text: str) -> None:
        """Append an instruction without a result."""
        self.lines.append(f"  {text}")

    def label(self, hint: str) -> str:
        """A fresh block label."""
        self.counter += 1
        return f"{hint}.{self.counter}"

    def start(self, label: str) -> None:
        """Begin a block."""
        self.lines.append(f"{label}:")
        self.current = label

    def jump(self, label: str, suffix: str = "") -> None:
        """End the block with a jump."""
        self.line(f"br label %{label}{suffix}")

    def branch(self, condition: str, then: str, otherwise: str, suffix: str = "") -> None:
        """End the block with a conditional branch."""
        self.line(f"br i1 {condition}, label %{then}, label %{otherwise}{suffix}")

    def hole(self) -> int:
        """Leave room for lines that are known later."""
        self.lines.append("")
        return len(self.lines) - 1

    def fill(self, hole: int, lines: list[str]) -> None:
        """Put the lines where the room was left."""
        self.lines[hole] = "\n".join(f"  {line}" for line in lines)

    def block(self, block: Block) -> None:
        """Write the ops of a block but for its terminator."""
        for op in block.ops[:-1]:
            self.op(op)

    def op(self, op: Op) -> None:
        """Write one op by its rule."""
        rule = self.rules.get(type(op))
        if rule is None:
            raise InternalError(f"{op.name} cannot be written in LLVM (at {op.span})")
        rule(self, op)

    # Failure

    def check(self, kind: str, message: str, span: Span | None, types: tuple[str, ...]) -> int:
        """A new entry of the table of checks; its number."""
        if len(types) > abi.REPORTED_VALUES:
            raise InternalError(f"a check reports at most {abi.REPORTED_VALUES} values (at {span})")
        file, line, column = (span.source.name, span.line, span.column) if span else ("", 0, 0)
        self.module.checks.append(Check(kind, message, file, line, column, types))
        return len(self.module.checks) - 1

    def fail_if(
        self, failed: str, number: int, values: tuple[str, ...], status: int = abi.CHECK
    ) -> None:
        """Leave with `status` when the i1 `failed` holds, reporting typed operands `values`."""
        fail, go_on = self.label("fail"), self.label("ok")
        self.branch(failed, fail, go_on, UNLIKELY)
        self.cold.append(f"{fail}:")
        self._cold_store("check", 0, f"i64 {number}")
        for position, value in enumerate(values):
            self._cold_store("values", 8 * position, value)
        self.cold.append(f"  ret i32 {status}")
        self.start(go_on)

    def _cold_store(self, member: str, offset: int, typed: str) -> None:
        """Store a typed operand in the context, as 64 bits, in the cold part."""
        type_, value = typed.split(" ", 1)
        if type_ == "i1":
            wide = self.name()
            self.cold.append(f"  {wide} = zext i1 {value} to i64")
            typed = f"i64 {wide}"
        address = self.name()
        place = abi.OFFSETS[member] + offset
        self.cold.append(f"  {address} = getelementptr i8, ptr %context, i64 {place}")
        self.cold.append(f"  store {typed}, ptr {address}")

    def poll(self) -> None:
        """Leave with INTERRUPTED when the caller asked for it: `abi` says how.

        The load is volatile rather than atomic, which would order other memory accesses.
        """
        if not self.polls:
            place = abi.OFFSETS["interrupt"]
            self.frame.append(f"%interrupt.at = getelementptr i8, ptr %context, i64 {place}")
            self.frame.append("%interrupt = load ptr, ptr %interrupt.at")
        self.polls = True
        self.module.need("dp.attend")
        attend, stop, go_on = self.label("attend"), self.label("stop"), self.label("on")
        word = self.emit("load volatile i32, ptr %interrupt", "word")
        self.branch(self.emit(f"icmp ne i32 {word}, 0"), attend, go_on, UNLIKELY)
        answer, stops = self.name(), self.name()
        self.cold += [
            f"{attend}:",
            f"  {answer} = call i32 @dp.attend(ptr %context)",
            f"  {stops} = icmp ne i32 {answer}, 0",
            f"  br i1 {stops}, label %{stop}, label %{go_on}",
            f"{stop}:",
            f"  ret i32 {abi.INTERRUPTED}",
        ]
        self.start(go_on)

    # Memory

    def variable(self, type_: str, initial: str, hint: str) -> str:
        """A variable in the frame, set to `initial` at entry."""
        name = self.name(hint)
        self.frame.append(f"{name} = alloca {type_}")
        self.frame.append(f"store {type_} {initial}, ptr {name}")
        return name

    def scope(self, block: Block) -> None:
        """Write a block; what it allocates in the arena is released at its end.

        The released buffers are operands, so that LLVM moves no access past their end.
        """
        mark = self.hole()
        self.arena.append([])
        self.block(block)
        buffers = self.arena.pop()
        if not buffers:
            return
        self.module.need("dp.release")
        chunk, top, chunk_at, top_at = (self.name(n) for n in ("chunk", "top", "at", "at"))
        self.fill(
            mark,
            [
                f"{chunk_at} = getelementptr i8, ptr %context, i64 {abi.OFFSETS['chunk']}",
                f"{chunk} = load ptr, ptr {chunk_at}",
                f"{top_at} = getelementptr i8, ptr %context, i64 {abi.OFFSETS['top']}",
                f"{top} = load ptr, ptr {top_at}",
            ],
        )
        operands = ", ".join(f"ptr {b}" for b in ("%context", chunk, top, *buffers))
        self.line(f"call void (ptr, ptr, ptr, ...) @dp.release({operands})")
