"""Where a function stores elements of its results that depend on a bounded set of input elements.

A site is a run of stores to outputs in one block. Seen from there, what is stored is computed from
looked-up elements of the inputs (`Slot`s) and scalar inputs by operations of this block and of
those around it alone: nothing comes out of an array the function makes, or from one iteration to
the next. So the local derivative has a shape known at compile time, however large the arrays are.

Which rows and columns its elements have is up to integers; floats may decide neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

from dpc.compiler.ad.direct_branches import Element
from dpc.compiler.ad.rules.table import carries
from dpc.compiler.analysis.activity import Activity
from dpc.compiler.analysis.float_decided import float_decided, uncertain
from dpc.compiler.analysis.flow import flow
from dpc.compiler.analysis.index_forms import index_form
from dpc.compiler.dialects import ad, arith, func, linalg, memref, scf
from dpc.compiler.dialects.memory import reads, writes
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.rewrite import free_values
from dpc.compiler.ir.types import MemRefType, holds_float, is_float
from dpc.dsl.source import Span

MOST_SLOTS = 64  # of one site
_WHOLE = "a whole array is computed at once"


class NotDirect(Exception):  # noqa: N818 - what is true of the program, not an error of ours
    """The function is not of this kind; `span` is where that shows."""

    def __init__(self, span: Span | None, why: str) -> None:
        self.span = span
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Slot:
    """An input element that a site looks at: the number of the parameter's leaf, and indices;
    `there`: an i1 that says if it is, None if it always is.
    """

    leaf: int
    value: Value
    indices: tuple[Value, ...]
    there: Value | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """`ops` compute what the stores store out of the slots; `depends`: for each store the slots it
    depends on, by leaf, in the order of their columns as far as that is known.
    """

    stores: tuple[memref.Store, ...]
    ops: tuple[Op, ...]
    slots: tuple[Slot, ...]
    depends: tuple[tuple[tuple[Slot, ...], ...], ...]


def sites_of(function: Function, inputs: Sequence[Value]) -> tuple[Site, ...]:
    """The sites of all float outputs, in order; `inputs`: the arguments of the parameters' leaves.

    Raises `NotDirect`.
    """
    roles = zip(function.parameters, function.arguments, strict=True)
    outputs = [v for p, v in roles if p.role == "output" and holds_float(v.type)]
    active = flow(function, inputs, carries).activity
    for value in function.body.terminator.operands:
        if is_float(value.type):
            raise NotDirect(function.span, "a result is a single number")
    return _Finder(function, active, inputs, outputs).run()


class _Finder:
    """`order`: where ops stand; `decided`: integers that floats may determine."""

    def __init__(
        self,
        function: Function,
        active: Activity,
        inputs: Sequence[Value],
        outputs: Sequence[Value],
    ) -> None:
        self._function = function
        self._active = active
        self._leaves = {v: i for i, v in enumerate(inputs)}
        self._outputs = frozenset(outputs)
        self._decided = float_decided(function)
        self._order = {id(op): i for i, op in enumerate(function.body.walk())}
        self._sites: list[Site] = []

    def run(self) -> tuple[Site, ...]:
        self._block(self._function.body, None)
        return tuple(self._sites)

    # --- stores ------------------------------------------------------------------------------

    def _block(self, block: Block, unsure: Op | None) -> None:
        """Find the sites of a block; `unsure`: what floats decide around it."""
        open_: list[memref.Store] = []
        for op in block.ops:
            if not self._outputs.isdisjoint(reads(op)):
                again = isinstance(op, memref.Load)
                why = "an element of a result is read again" if again else _WHOLE
                raise NotDirect(op.span, why)
            if self._touches(op):
                self._require_certain(op, unsure)
                if isinstance(op, memref.Store) and op.value in self._active:
                    open_.append(op)
                    continue
                self._close(open_)
                self._require_constant(op)
            elif op.blocks:
                if any(self._touches(each) for b in op.blocks for each in b.walk()):
                    self._close(open_)
                inside = op if uncertain(op, self._decided) else unsure
                for inner in op.blocks:
                    self._block(inner, inside)
        self._close(open_)

    def _touches(self, op: Op) -> bool:
        return not self._outputs.isdisjoint(writes(op))

    def _require_certain(self, op: Op, unsure: Op | None) -> None:
        if unsure is not None:
            raise NotDirect(unsure.span or op.span, "floats decide whether an element is stored")
        if isinstance(op, memref.Store) and not self._decided.isdisjoint(op.indices):
            raise NotDirect(op.span, "floats decide where an element is stored")

    def _require_constant(self, op: Op) -> None:
        """The op writes elements that depend on nothing."""
        known = isinstance(op, memref.Store | linalg.Fill) and op.value not in self._active
        if not known and not (isinstance(op, memref.Copy) and op.source not in self._active):
            raise NotDirect(op.span, _WHOLE)

    def _close(self, stores: list[memref.Store]) -> None:
        if stores:
            self._sites.append(self._site(tuple(stores)))
            stores.clear()

    # --- what a store depends on -------------------------------------------------------------

    def _site(self, stores: tuple[memref.Store, ...]) -> Site:
        slots: dict[Value, Slot] = {}
        ops = self._slice([s.value for s in stores], slots)
        parts = _Parts(slots)
        parts.run(ops)
        depends = []
        for store in stores:
            found = [s for s in slots.values() if s.value in parts.of(store.value)]
            depends.append(tuple(_sorted(found, leaf) for leaf in range(len(self._leaves))))
        if len(slots) > MOST_SLOTS:
            raise NotDirect(stores[0].span, f"an element depends on more than {MOST_SLOTS} others")
        return Site(stores, ops, tuple(slots.values()), tuple(depends))

    def _slice(self, values: Iterable[Value], slots: dict[Value, Slot]) -> tuple[Op, ...]:
        """The ops between slots and values, in order."""
        needed: dict[int, Op] = {}
        pending = list(values)
        while pending:
            value = pending.pop()
            op = value.op
            if value in slots or (op is not None and id(op) in needed):
                continue
            if value not in self._active:
                if isinstance(op, arith.Constant):
                    needed[id(op)] = op
                continue
            slot = self._slot(value, op)
            if slot is not None:
                slots[value] = slot
                continue
            assert op is not None
            self._require_local(op)
            needed[id(op)] = op
            pending += op.operands
            for block in op.blocks:
                pending += free_values(block)
        return tuple(sorted(needed.values(), key=lambda op: self._order[id(op)]))

    def _slot(self, value: Value, op: Op | None) -> Slot | None:
        """What an active value is, if it is an input's element, or an input."""
        if value in self._leaves:
            return Slot(self._leaves[value], value, ())
        if op is None:
            raise NotDirect(_span(value), "an iteration goes on from what the last one left")
        if not isinstance(op, memref.Load | Element):
            return None
        if op.buffer not in self._leaves:
            raise NotDirect(op.span, "an element of an array that the function makes is read")
        if not self._decided.isdisjoint(op.indices):
            raise NotDirect(op.span, "floats decide which element is read")
        there = op.there if isinstance(op, Element) else None
        return Slot(self._leaves[op.buffer], value, op.indices, there)

    def _require_local(self, op: Op) -> None:
        """The op can be differentiated apart from all else."""
        if isinstance(op, Scalar):
            return
        if isinstance(op, ad.Custom):
            if any(isinstance(v.type, MemRefType) for v in op.operands):
                raise NotDirect(op.span, _WHOLE)
            return
        if not isinstance(op, scf.If | scf.For | scf.While):
            raise NotDirect(op.span, f"{op.name} is not local")
        inside = [each for block in op.blocks for each in block.walk()]
        made = {each.result for each in inside if isinstance(each, memref.Alloc)}
        for each in inside:
            if isinstance(each, func.Invoke):
                raise NotDirect(each.span, "it calls a function that is not inlined")
            read = each.operands if isinstance(each, Element) else reads(each)
            if any(v in self._active for v in read if v not in made):
                raise NotDirect(
                    each.span,
                    "an element is read in an inner loop, or at an index that a branch finds",
                )
            if any(v not in made for v in writes(each)):
                raise NotDirect(each.span, "a branch or an inner loop changes an array")


class _Parts:
    """The slots' values that values depend on through their derivatives."""

    def __init__(self, slots: Iterable[Value]) -> None:
        self._known: dict[Value, frozenset[Value]] = {v: frozenset((v,)) for v in slots}

    def of(self, value: Value) -> frozenset[Value]:
        """What is known of a value."""
        return self._known.get(value, frozenset())

    def run(self, ops: Iterable[Op]) -> None:
        """Follow the ops in order."""
        for op in ops:
            if isinstance(op, scf.If):
                for block in op.blocks:
                    self.run(block.ops[:-1])
                    self._add(block.terminator.operands, op.results)
            elif op.blocks:
                whole = self._joined(
                    (*op.operands, *(v for b in op.blocks for v in free_values(b)))
                )
                self._known.update((r, whole) for r in op.results if is_float(r.type))
            elif op.results and is_float(op.results[0].type):
                through = (v for i, v in enumerate(op.operands) if carries(op, i))
                whole = self._joined(op.operands if isinstance(op, ad.Custom) else through)
                self._known.update((r, whole) for r in op.results)

    def _joined(self, values: Iterable[Value]) -> frozenset[Value]:
        return frozenset().union(*(self.of(v) for v in values))

    def _add(self, sources: tuple[Value, ...], targets: tuple[Value, ...]) -> None:
        for source, target in zip(sources, targets, strict=True):
            self._known[target] = self.of(target) | self.of(source)


def _sorted(slots: Iterable[Slot], leaf: int) -> tuple[Slot, ...]:
    """The slots of a leaf in the order of their indices, as far as it is known."""
    return tuple(sorted((s for s in slots if s.leaf == leaf), key=cmp_to_key(_compared)))


def _compared(left: Slot, right: Slot) -> int:
    for a, b in zip(left.indices, right.indices, strict=True):
        difference = index_form(a).minus(index_form(b))
        if difference.terms:
            return 0
        if difference.constant:
            return difference.constant
    return 0


def _span(value: Value) -> Span | None:
    """Where a block argument stands: its block's first operation with a place."""
    owner = value.owner
    ops = owner.ops if isinstance(owner, Block) else ()
    return next((op.span for op in ops if op.span is not None), None)
