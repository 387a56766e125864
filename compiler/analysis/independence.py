"""Loops whose iterations may run in any order."""

from collections.abc import Iterable, Mapping

from dpc.compiler.analysis.accumulation import accumulations
from dpc.compiler.analysis.index_forms import index_form
from dpc.compiler.analysis.inequalities import Linear
from dpc.compiler.dialects import ad, memref
from dpc.compiler.dialects.memory import writes
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.rewrite import defined_in

Access = tuple[Value, ...] | None  # the indices; None for a whole buffer


def disjoint(
    body: Block, induction: Value, buffers: Iterable[Value], uses: Mapping[Value, int]
) -> bool:
    """True if the reverses of the iterations may run in any order, for all these buffers: those
    that the iterations write.

    That is so for a buffer that is made within the iteration; when on one and the same axis every
    access has the index c i + e, i the induction variable, c a constant but 0 and e the same in
    all iterations, so that different iterations touch different elements; and when the iterations
    only add to elements, for the reverse of `b[j] = b[j] + x` only reads the shadow of b.
    """
    accesses: dict[Value, list[tuple[Op, Access]]] = {b: [] for b in buffers}
    if not accesses:
        return True
    made: set[Value] = set()
    for op in body.walk():
        if isinstance(op, memref.Alloc):
            made.add(op.result)
        for buffer in op.operands:
            if buffer in accesses:
                accesses[buffer].append((op, _indices(op)))
    pending = [seen for buffer, seen in accesses.items() if buffer not in made]
    forms = _Forms(induction, defined_in(body)) if pending else None
    return all(
        (forms is not None and forms.one_axis([indices for _, indices in seen]))
        or _only_added_to(seen, body, uses)
        for seen in pending
    )


def apart(body: Block, induction: Value, buffer: Value) -> bool:
    """True if different iterations touch different elements of a buffer: on one axis every access
    has the same index, c i + e, c a constant but 0 and e the same in all iterations.
    """
    found = [_indices(op) for op in body.walk() if buffer in op.operands]
    return _Forms(induction, defined_in(body)).one_axis(found)


def only_added_to(body: Block, buffer: Value, uses: Mapping[Value, int]) -> bool:
    """True if the iterations only add to elements of a buffer; `uses` counts those of values."""
    found = [(op, _indices(op)) for op in body.walk() if buffer in op.operands]
    return _only_added_to(found, body, uses)


def written(body: Block) -> set[Value]:
    """The buffers and stacks that anything inside writes."""
    return {buffer for op in body.walk() for buffer in writes(op)}


def _indices(op: Op) -> Access:
    return op.indices if isinstance(op, memref.Load | memref.Store | ad.Retain) else None


def _only_added_to(
    accesses: list[tuple[Op, Access]], body: Block, uses: Mapping[Value, int]
) -> bool:
    blocks = (body, *(b for op in body.walk() for b in op.blocks))
    found = [item for block in blocks for item in accumulations(block, uses).items()]
    adding = {op for store, sum_ in found for op in (store, sum_.load)}
    return all(op in adding for op, _ in accesses)


class _Forms:
    """Indices as linear forms, in a loop with this induction variable."""

    def __init__(self, induction: Value, inside: set[Value]) -> None:
        self.induction = induction
        self.inside = inside - {induction}

    def one_axis(self, accesses: list[Access]) -> bool:
        """True if on one axis every access has the same index, another in each iteration."""
        shared: dict[int, Linear] | None = None
        for indices in accesses:
            if indices is None:
                return False
            forms = {axis: index_form(index) for axis, index in enumerate(indices)}
            if shared is None:
                shared = {a: f for a, f in forms.items() if self._tells_apart(f)}
            else:
                shared = {a: f for a, f in shared.items() if forms[a] == f}
        return shared is None or bool(shared)

    def _tells_apart(self, form: Linear) -> bool:
        return self.induction in form.terms and not any(a in self.inside for a in form.terms)
