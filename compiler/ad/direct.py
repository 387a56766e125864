"""Sparse Jacobians without products: what stores an element of a result stores its derivatives.

Where every element is computed from a bounded set of input elements (`direct_sites`), the function
is written anew: in the place of an element, its derivatives by the K elements it depends on at most
are stored, K for each pair of a result and a parameter. A result of shape s has them in an array of
shape s x K, which is the data of a CSR matrix wherever all K are there and their columns ascend.
There is no colouring and no matrix of products, and the loops are as independent as they were.

    values:   inputs -> for each pair its derivatives
    columns:  inputs -> for each pair the columns of these, `ABSENT` where there is none
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from dpc.compiler.ad.compressed import parts_of
from dpc.compiler.ad.direct_branches import Element, before_branches, lowered
from dpc.compiler.ad.direct_local import Local
from dpc.compiler.ad.direct_sites import Site, Slot, sites_of
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.inlined import inlined
from dpc.compiler.ad.layout import Argument, arguments, distinct, extents_of
from dpc.compiler.ad.selection import Wrt
from dpc.compiler.ad.terms import Simplify
from dpc.compiler.analysis.callees import pruned
from dpc.compiler.analysis.float_decided import float_decided
from dpc.compiler.dialects import arith, cf, func, io, linalg, memref
from dpc.compiler.dialects.casts import ExtF, IndexCast, TruncF
from dpc.compiler.dialects.memory import writes
from dpc.compiler.ir import types
from dpc.compiler.ir.core import Block, Module, Op, Parameter, Value
from dpc.compiler.ir.rewrite import clone_block
from dpc.compiler.ir.types import FloatType, MemRefType, ScalarType
from dpc.compiler.signature import Entry, Group, Signature
from dpc.compiler.signature import Slot as Result
from dpc.dsl.shapes import Poly
from dpc.dsl.types import F64, I64, ArrayType, Leaf, element_of, shape_of
from dpc.dsl.types import ScalarType as LanguageType

ABSENT = -1  # the column of an element that is not there


@dataclass(frozen=True, slots=True)
class Pair:
    """A result's leaf and a parameter's, by number, and how many elements a row can have."""

    result: int
    parameter: int
    width: int


@dataclass(frozen=True, slots=True)
class Written:
    """A function with a result for each of the `pairs`, in order."""

    pairs: tuple[Pair, ...]
    entry: Entry


def values(entry: Entry, wrt: Wrt, simplify: Simplify, mode: str) -> Written:
    """The derivatives; `mode` of the local ones is "auto", "forward" or "reverse".

    Results are to be made in their outputs (`in_place`). Raises `NotDirect` where an element may
    depend on any number of others.
    """
    return _Values(entry, wrt, simplify, mode).written()


def columns(entry: Entry, wrt: Wrt, simplify: Simplify) -> Written:
    """The columns of the same."""
    return _Columns(entry, wrt, simplify).written()


class _Writer:
    """Writes a copy of the function without its results; `env`: what has become of values."""

    kind = ""

    def __init__(self, entry: Entry, wrt: Wrt, simplify: Simplify, mode: str = "auto") -> None:
        old, parts = entry.function, parts_of(entry, wrt)
        if old.callees:
            (old,) = simplify(Module((inlined(old),))).functions
        self._entry, self._parts = entry, parts
        self._simplify, self._mode = simplify, mode
        copy = replace(old, body=clone_block(old.body, {}))
        inputs = [v for _, v in arguments(copy, "input")]
        self._inputs = [inputs[p] for p in parts.positions]
        self._function = before_branches(copy, frozenset(self._inputs))
        outputs = arguments(self._function, "output")
        self._results = tuple(a for a in outputs if types.holds_float(a[1].type))
        self._number = {v: i for i, (_, v) in enumerate(self._results)}
        self._sites = sites_of(self._function, self._inputs)
        self.pairs = tuple(self._pairs())
        made = {(p.result, p.parameter): self._made(p) for p in self.pairs}
        self._given = tuple(made.values())
        self._buffers = {key: buffer for key, (_, buffer) in made.items()}
        self._env: dict[Value, Value] = {}

    def _pairs(self) -> Iterable[Pair]:
        widths: dict[tuple[int, int], int] = {}
        for site in self._sites:
            for store, depends in zip(site.stores, site.depends, strict=True):
                for leaf, slots in enumerate(depends):
                    key = self._number[store.buffer], leaf
                    widths[key] = max(widths.get(key, 0), len(slots))
        for (result, parameter), width in sorted(widths.items()):
            if width:
                yield Pair(result, parameter, width)

    def _made(self, pair: Pair) -> Argument:
        """The argument for a pair's elements."""
        parameter, output = self._results[pair.result]
        name = f"{parameter.name}.{pair.parameter}"
        shape = (*types.shape_of(output.type), pair.width)
        type_ = MemRefType(shape, self._element(types.element_of(output.type)))
        extents = (*parameter.extents, pair.width)
        return Parameter(name, "output", extents), Value(type_, None, name)

    def _element(self, of: ScalarType) -> ScalarType:
        raise NotImplementedError

    # --- the function ------------------------------------------------------------------------

    def written(self) -> Written:
        """The function, simplified, with its signature."""
        old, emit = self._function, Emit(self._function.span)
        for _, output in arguments(old, "output"):
            if output not in self._number:
                assert isinstance(output.type, MemRefType)
                self._env[output] = emit.alloc(output.type, extents_of(old, output))
        self._begin(emit)
        self._ops(old.body, emit)
        returned = self._returned(emit)
        emit.add(func.Return(returned))
        layout = (*arguments(old, "dimension"), *arguments(old, "input"), *self._given)
        function = replace(
            old,
            name=f"{self.kind}_{old.name}",
            parameters=tuple(p for p, _ in distinct(layout)),
            result_types=tuple(v.type for v in returned),
            body=emit.block(tuple(v for _, v in layout)),
        )
        (simple,) = self._simplify(Module((pruned(function),))).functions
        return Written(self.pairs, Entry(self._signature(), simple))

    def _signature(self) -> Signature:
        old = self._entry.signature
        results = tuple(
            Result(f"part{i}", type_, (Leaf((), type_),))
            for i, type_ in enumerate(map(self._type, self.pairs))
        )
        tree = Group(tuple(range(len(results))))
        return replace(old, name=f"{self.kind}({old.name})", results=results, tree=tree)

    def _returned(self, emit: Emit) -> tuple[Value, ...]:
        """Scalar results."""
        return ()

    def _type(self, pair: Pair) -> ArrayType:
        of = self._parts.results[pair.result].type
        return ArrayType(self._scalar(of), (*shape_of(of), Poly.constant(pair.width)))

    def _scalar(self, of: LanguageType | ArrayType) -> LanguageType:
        raise NotImplementedError

    def _ops(self, block: Block, emit: Emit) -> None:
        """Emit the ops of a block but its terminator."""
        for op in block.ops[:-1]:
            if any(buffer in self._number for buffer in writes(op)):
                self._stored(op, emit)
                continue
            if self._leaves_out(op):
                continue
            if isinstance(op, Element):
                moved = op.rebuild(self._env)
                assert isinstance(moved, Element)
                self._env[op.result] = lowered(moved, emit)
                continue
            new = op.rebuild(self._env, self._blocks(op))
            self._env.update(zip(op.results, new.results, strict=True))
            emit.add(new)

    def _blocks(self, op: Op) -> tuple[Block, ...] | None:
        if not op.blocks:
            return None
        made = []
        for block in op.blocks:
            inner = Emit(op.span)
            self._ops(block, inner)
            inner.add(block.terminator.rebuild(self._env))
            made.append(inner.block(block.arguments))
        return tuple(made)

    def _indices(self, store: memref.Store) -> tuple[Value, ...]:
        return tuple(self._env.get(v, v) for v in store.indices)

    def _begin(self, emit: Emit) -> None:
        """Emit what comes first."""

    def _leaves_out(self, op: Op) -> bool:
        """True for what is not written."""
        return False

    def _stored(self, op: Op, emit: Emit) -> None:
        """Emit what stands in the place of an op that writes a result."""
        raise NotImplementedError


class _Values(_Writer):
    """Stores derivatives, those of a site at its last store."""

    kind = "values"

    def _element(self, of: ScalarType) -> ScalarType:
        return of

    def _scalar(self, of: LanguageType | ArrayType) -> LanguageType:
        return element_of(of)

    def _begin(self, emit: Emit) -> None:
        """A sum that becomes NaN with the first derivative that is, or is infinite."""
        self._sum = emit.emit(memref.Alloc((), MemRefType((1,), types.F64)))
        emit.store(emit.constant(0.0, types.F64), self._sum, (emit.index(0),))

    def _returned(self, emit: Emit) -> tuple[Value, ...]:
        return (emit.load(self._sum, (emit.index(0),)),)

    def _signature(self) -> Signature:
        """With the sum as the last result."""
        made = super()._signature()
        results = (*made.results, Result("sum", F64, (Leaf((), F64),)))
        tree = Group(tuple(range(len(results))))
        return replace(made, results=results, tree=tree, told=True)

    @cached_property
    def _ends(self) -> dict[memref.Store, Site]:
        return {site.stores[-1]: site for site in self._sites}

    def _stored(self, op: Op, emit: Emit) -> None:
        site = self._ends.get(op) if isinstance(op, memref.Store) else None
        if site is None:
            return
        with emit.at(op.span):
            local = Local(self._function, site, self._simplify, self._mode)
            rows = local.emit(emit, self._env)
            zeros: list[Value] = []
            for store, depends, row in zip(site.stores, site.depends, rows, strict=True):
                for leaf, slots in enumerate(depends):
                    for place, slot in enumerate(slots):
                        made = self._store(emit, store, leaf, place, row.get(slot.value))
                        zeros.append(made)
            self._watch(emit, zeros)

    def _watch(self, emit: Emit, values: list[Value]) -> None:
        """Add 0 times the values to the sum."""
        nothing, at = emit.constant(0.0, types.F64), (emit.index(0),)
        total = nothing
        for value in dict.fromkeys(values):
            total = emit.addf(total, emit.mulf(_converted(emit, value, types.F64), nothing))
        emit.store(emit.addf(emit.load(self._sum, at), total), self._sum, at)

    def _store(
        self, emit: Emit, store: memref.Store, leaf: int, place: int, value: Value | None
    ) -> Value:
        type_ = store.value.type
        assert isinstance(type_, FloatType)
        made = emit.constant(0.0, type_) if value is None else _converted(emit, value, type_)
        buffer = self._buffers[self._number[store.buffer], leaf]
        emit.store(made, buffer, (*self._indices(store), emit.index(place)))
        return made


class _Columns(_Writer):
    """Stores columns. What was stored before at the same place is gone, whatever it was. Prints and
    the checks that floats decide are left to the function itself.
    """

    kind = "columns"

    def _element(self, of: ScalarType) -> ScalarType:
        return types.I64

    def _scalar(self, of: LanguageType | ArrayType) -> LanguageType:
        return I64

    @cached_property
    def _decided(self) -> frozenset[Value]:
        return float_decided(self._function)

    def _leaves_out(self, op: Op) -> bool:
        if isinstance(op, io.Print):
            return True
        decided = any(types.is_float(v.type) or v in self._decided for v in op.operands)
        return isinstance(op, cf.Assert) and decided

    def _begin(self, emit: Emit) -> None:
        for buffer in self._buffers.values():
            emit.add(linalg.Fill(_absent(emit), buffer))

    def _stored(self, op: Op, emit: Emit) -> None:
        (written,) = writes(op)
        for pair in self.pairs:
            if pair.result != self._number[written]:
                continue
            buffer = self._buffers[pair.result, pair.parameter]
            if isinstance(op, memref.Store):
                slots = self._depends.get(op, {}).get(pair.parameter, ())
                for place in range(pair.width):
                    column = self._column(emit, slots[place]) if place < len(slots) else None
                    at = (*self._indices(op), emit.index(place))
                    emit.store(column or _absent(emit), buffer, at)
            else:
                emit.add(linalg.Fill(_absent(emit), buffer))

    @cached_property
    def _depends(self) -> dict[memref.Store, dict[int, tuple[Slot, ...]]]:
        return {
            store: dict(enumerate(depends))
            for site in self._sites
            for store, depends in zip(site.stores, site.depends, strict=True)
        }

    def _column(self, emit: Emit, slot: Slot) -> Value:
        """The number of an element in C order."""
        extents = extents_of(self._function, self._inputs[slot.leaf]) if slot.indices else ()
        column = emit.index(0)
        for index, extent in zip(slot.indices, extents, strict=True):
            size = emit.index(extent) if isinstance(extent, int) else extent
            column = emit.addi(emit.muli(column, size), self._env.get(index, index))
        number = emit.emit(IndexCast(column, types.I64))
        if slot.there is None:
            return number
        return emit.select(self._env.get(slot.there, slot.there), number, _absent(emit))


def _absent(emit: Emit) -> Value:
    return emit.emit(arith.Constant(ABSENT, types.I64))


def _converted(emit: Emit, value: Value, to: FloatType) -> Value:
    """The value in a float type."""
    own = value.type
    assert isinstance(own, FloatType)
    if own == to:
        return value
    return emit.emit(TruncF(value, to) if own.width > to.width else ExtF(value, to))
