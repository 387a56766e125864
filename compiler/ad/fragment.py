"""Consecutive ops of a block as a function of their own, to be differentiated and run alone.

    [dimensions][live-in scalars and buffers][buffers written] -> float scalars that live on

A buffer from outside that the ops write is an input and an output: the function copies the one to
the other first. A buffer that they allocate and that lives on is an output alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from dpc.compiler.ad.layout import Argument
from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.dialects import func, memref
from dpc.compiler.ir.core import Block, Function, Op, Parameter, Value
from dpc.compiler.ir.rewrite import clone_ops, free_values
from dpc.compiler.ir.types import INDEX, MemRefType, is_float


@dataclass(frozen=True, slots=True)
class Fragment:
    """`function` and where its arguments come from, values of the function it was taken from.

    dimensions: for each dimension argument a buffer and an axis.
    """

    function: Function
    dimensions: tuple[tuple[Value, int], ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]


def fragment(
    ops: Sequence[Op], lives_on: Collection[Value], callees: tuple[Function, ...] = ()
) -> Fragment:
    """The ops as a function; `lives_on` are values defined by them that are used later."""
    made = {op.result for op in ops if isinstance(op, memref.Alloc) and op.result in lives_on}
    kept = [op for op in ops if not (isinstance(op, memref.Alloc) and op.result in made)]
    body = Block((), tuple(kept))
    written = EffectsOf().ops(kept).writes
    inputs = tuple(v for v in free_values(body) if v not in made)
    outputs = (*(v for v in inputs if v in written), *made)
    layout = _Layout()
    ins = [layout.argument(v, f"x{i}", "input") for i, v in enumerate(inputs)]
    outs = [layout.argument(v, f"y{i}", "output") for i, v in enumerate(outputs)]
    env = {v: argument for v, (_, argument) in zip((*inputs, *outputs), (*ins, *outs), strict=True)}
    copies: list[Op] = [
        memref.Copy(argument, env[v])
        for v, (_, argument) in zip(inputs, ins, strict=True)
        if v in written
    ]
    cloned = clone_ops(kept, env)
    results = tuple(env[v] for op in kept for v in op.results if v in lives_on and is_float(v.type))
    arguments = (*layout.dimensions, *ins, *outs)
    ending = func.Return(results)
    return Fragment(
        Function(
            "fragment",
            tuple(p for p, _ in arguments),
            tuple(v.type for v in results),
            Block(tuple(v for _, v in arguments), (*copies, *cloned, ending)),
            ops[0].span,
            callees,
        ),
        tuple(layout.sources),
        inputs,
        outputs,
    )


@dataclass(slots=True)
class _Layout:
    """Arguments made so far: an own dimension for each axis whose extent is not constant."""

    dimensions: list[Argument] = field(default_factory=list)
    sources: list[tuple[Value, int]] = field(default_factory=list)

    def argument(self, value: Value, name: str, role: str) -> Argument:
        """The argument that stands for a value."""
        type_ = value.type
        extents: list[int | str] = []
        for axis, known in enumerate(type_.shape if isinstance(type_, MemRefType) else ()):
            extents.append(known if known is not None else self._dimension(value, axis))
        return Parameter(name, role, tuple(extents)), Value(type_, None, name)

    def _dimension(self, buffer: Value, axis: int) -> str:
        name = f"n{len(self.sources)}"
        self.dimensions.append((Parameter(name, "dimension"), Value(INDEX, None, name)))
        self.sources.append((buffer, axis))
        return name
