"""Small local arrays in registers: each element an SSA value.

A buffer qualifies when it has at most 16 elements, and every access is a load or store at constant
indices or a fill. What a loop or branch writes it carries or yields. An element read before it was
written is 0.
"""

from dataclasses import replace
from math import prod
from typing import Any

from dpc.compiler.analysis.constants import constant_of, literal
from dpc.compiler.dialects.linalg import Fill
from dpc.compiler.dialects.memref import Alloc, Load, Store
from dpc.compiler.dialects.scf import Condition, For, If, While, Yield
from dpc.compiler.ir.core import Block, Function, Module, Op, Value

LARGEST_ARRAY = 16  # elements
LARGE = LARGEST_ARRAY + 1  # stands for an extent that is not known

Element = tuple[Value, tuple[int, ...]]


def scalarize(module: Module) -> Module:
    """Keep small arrays with constant indices in registers."""
    return module.map(_function)


def _function(function: Function) -> Function:
    arrays = _candidates(function.body)
    if not arrays:
        return function
    return function.with_body(_Scalarize(arrays).block(function.body, ()))


def _candidates(body: Block) -> set[Value]:
    """Local buffers that can live in registers."""
    found: set[Value] = set()
    refused: set[Value] = set()
    for op in body.walk():
        if isinstance(op, Alloc) and prod(e or LARGE for e in op.type.shape) <= LARGEST_ARRAY:
            found.add(op.result)
        if isinstance(op, Load | Store):
            if _element(op) is None:
                refused.add(op.buffer)
        elif not isinstance(op, Fill):
            refused.update(op.operands)
    return found - refused


def _element(op: Load | Store) -> Element | None:
    """The buffer and constant indices of an access; None when one varies or is out of range."""
    shape = op.buffer.type.shape  # type: ignore[union-attr]
    place = tuple(constant_of(i) for i in op.indices)
    for index, extent in zip(place, shape, strict=True):
        if index is None or extent is None or not 0 <= index < extent:
            return None
    return op.buffer, place


class _Scalarize:
    """One traversal; `current` maps elements to their values at this point."""

    def __init__(self, arrays: set[Value]) -> None:
        self.arrays = arrays
        self.current: dict[Element, Value] = {}
        self.env: dict[Value, Value] = {}

    def block(self, block: Block, passed: tuple[Element, ...]) -> Block:
        """The block; its terminator also yields the values of the passed elements."""
        ops: list[Op] = []
        for op in block.ops:
            ops += self._op(op)
        last: Any = ops[-1]
        if passed:
            values = (*last.operands, *(self.current[e] for e in passed))
            ops[-1] = Yield(values, span=last.span)
        return Block(block.arguments, tuple(ops))

    def _op(self, op: Op) -> list[Op]:
        if isinstance(op, Alloc) and op.result in self.arrays:
            return self._fill(op.result, None)
        if isinstance(op, Fill) and op.buffer in self.arrays:
            return self._fill(op.buffer, self.env.get(op.value, op.value))
        if isinstance(op, Load | Store) and op.buffer in self.arrays:
            element = _element(op)
            assert element is not None
            if isinstance(op, Load):
                self.env[op.result] = self.current[element]
            else:
                self.current[element] = self.env.get(op.value, op.value)
            return []
        passed = self._written(op) if isinstance(op, For | If | While) else ()
        if passed:
            new = REBUILD[type(op)](self, op, passed)
            self.env.update(zip(op.results, new.results, strict=False))
            own = len(op.results)
            self.current.update(zip(passed, new.results[own:], strict=True))
            return [new]
        blocks = tuple(self.block(b, ()) for b in op.blocks) if op.kinds.blocks else None
        new = op.rebuild(self.env, blocks)
        self.env.update(zip(op.results, new.results, strict=True))
        return [new]

    def _fill(self, buffer: Value, value: Value | None) -> list[Op]:
        """Every element becomes the value, or 0 where it was just allocated."""
        made: list[Op] = []
        type_: Any = buffer.type
        if value is None:
            made = [literal(0, type_.element)]
            value = made[0].result
        for element in _elements(buffer):
            self.current[element] = value
        return made

    def _written(self, op: Op) -> tuple[Element, ...]:
        """Elements of arrays alive outside that the op's blocks write."""
        found: dict[Element, None] = {}
        for block in op.blocks:
            for inner in block.walk():
                if isinstance(inner, Store) and inner.buffer in self.arrays:
                    element = _element(inner)
                    assert element is not None
                    found[element] = None
                elif isinstance(inner, Fill) and inner.buffer in self.arrays:
                    found.update(dict.fromkeys(_elements(inner.buffer)))
        return tuple(e for e in found if e in self.current)


def _elements(buffer: Value) -> list[Element]:
    places: list[tuple[int, ...]] = [()]
    for extent in buffer.type.shape:  # type: ignore[union-attr]
        assert extent is not None
        places = [(*place, index) for place in places for index in range(extent)]
    return [(buffer, place) for place in places]


def _carry(walk: _Scalarize, passed: tuple[Element, ...]) -> tuple[Value, ...]:
    """New block arguments for the elements, which are their values from here."""
    arguments = tuple(Value(walk.current[e].type) for e in passed)
    walk.current.update(zip(passed, arguments, strict=True))
    return arguments


def _for(walk: _Scalarize, op: For, passed: tuple[Element, ...]) -> Op:
    inits = (*(walk.env.get(v, v) for v in op.inits), *(walk.current[e] for e in passed))
    lower, upper, step = (walk.env.get(v, v) for v in (op.lower, op.upper, op.step))
    arguments = (*op.body.arguments, *_carry(walk, passed))
    body = walk.block(Block(arguments, op.body.ops), passed)
    return replace(op, lower=lower, upper=upper, step=step, inits=inits, body=body)


def _if(walk: _Scalarize, op: If, passed: tuple[Element, ...]) -> Op:
    condition = walk.env.get(op.condition, op.condition)
    before = dict(walk.current)
    then = walk.block(op.then, passed)
    walk.current = before
    return If(condition, then, walk.block(op.otherwise, passed), span=op.span)


def _while(walk: _Scalarize, op: While, passed: tuple[Element, ...]) -> Op:
    inits = (*(walk.env.get(v, v) for v in op.inits), *(walk.current[e] for e in passed))
    bound = None if op.bound is None else walk.env.get(op.bound, op.bound)
    outer = (*op.before.arguments, *_carry(walk, passed))
    ops: list[Op] = []
    for inner in op.before.ops:
        ops += walk._op(inner)
    last: Any = ops[-1]
    ops[-1] = Condition(last.condition, outer, span=last.span)
    inside = (*op.body.arguments, *_carry(walk, passed))
    body = walk.block(Block(inside, op.body.ops), passed)
    return replace(op, inits=inits, bound=bound, before=Block(outer, tuple(ops)), body=body)


REBUILD: dict[type[Op], Any] = {For: _for, If: _if, While: _while}
