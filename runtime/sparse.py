"""Sparse Jacobians and Hessians: functions whose results are `scipy.sparse` arrays.

The first call with given extents and integer arguments inspects the program for the pattern and
colours it; the plan is kept, so that later calls compute as many products as there are colours.
"""

import inspect
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from threading import RLock
from typing import Any

import numpy as np

from dpc.compiler.ad.compressed import Parts, parts_of
from dpc.compiler.ad.jacobians import by_parts, derivative_slot
from dpc.compiler.ad.selection import is_float_leaf, select
from dpc.compiler.interpret.pattern import NoPattern
from dpc.compiler.signature import Signature
from dpc.dsl.types import leaves
from dpc.runtime import errors
from dpc.runtime.arguments import describe
from dpc.runtime.binding import Arguments, inspectable
from dpc.runtime.function import Function
from dpc.runtime.marshal import Frame, Marshaller, assembler
from dpc.runtime.origin import Products
from dpc.runtime.records import builder
from dpc.runtime.sparsity import Block, Plan, lanes_for, plan_of

PLANS = 8  # kept for each function, the last used


class SparseDerivative:
    """A Jacobian with `scipy.sparse.csr_array` results: one row for each element of the result, one
    column for each of the parameter, both in C order.

    Called like the function it belongs to. `out=` takes an earlier result with the same pattern and
    writes into it. Not a `Function`: other transforms don't take it.
    """

    def __init__(
        self, of: Function, name: str, wrt: str | tuple[str, ...] | None, mode: str
    ) -> None:
        """`of` is what is differentiated in forward mode or reverse; `mode` "symmetric": it is a
        gradient.
        """
        self._of = of
        self._wrt = wrt
        self._mode = mode
        self._plans: OrderedDict[Any, Plan] = OrderedDict()
        self._products: dict[tuple[str, int], Function] = {}
        self._lock = RLock()
        self.__name__ = self.__qualname__ = name
        self.__doc__ = f"`{name}` as a sparse matrix."
        _scipy_sparse()

    def __reduce__(self) -> tuple[Any, ...]:
        return SparseDerivative, (self._of, self.__name__, self._wrt, self._mode)

    @property
    def __signature__(self) -> inspect.Signature:
        return inspectable(self._of.signature).replace(return_annotation="scipy.sparse.csr_array")

    def __repr__(self) -> str:
        inputs = ", ".join(f"{s.name}: {s.type}" for s in self._of.signature.inputs)
        return f"<dpc.SparseDerivative {self.__name__}({inputs})>"

    def options(self, **changes: Any) -> "SparseDerivative":
        """The same with other options, for example `math="strict"`."""
        return SparseDerivative(self._of.options(**changes), self.__name__, self._wrt, self._mode)

    def pattern(self, *args: Any, **kwargs: Any) -> Any:
        """The result's structure at these arguments: ones where an element may differ from 0."""
        plan = self._plan(self._arguments.bind(args, kwargs))
        matrices = [_matrix(block, np.ones(plan.size)) for block in plan.blocks]
        return self._assembled(matrices)

    def colours(self, *args: Any, **kwargs: Any) -> int:
        """How many products a call takes."""
        return self._plan(self._arguments.bind(args, kwargs)).colouring.count

    def __call__(self, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        values = self._arguments.bind(args, kwargs)
        plan = self._plan(values)
        products = self._products_of(plan.mode, lanes_for(plan.colouring))
        data = plan.elements(lambda *seeds: products(*values, *seeds))
        if out is not None:
            return self._written(plan, data, out)
        return self._assembled([_matrix(block, data) for block in plan.blocks])

    # --- plans -------------------------------------------------------------------------------

    @cached_property
    def _signature(self) -> Signature:
        return self._of.signature

    @cached_property
    def _arguments(self) -> Arguments:
        return Arguments(self._signature)

    @cached_property
    def _marshaller(self) -> Marshaller:
        return Marshaller(self._signature, self._of.origin.classes)

    @cached_property
    def _parts(self) -> Parts:
        return parts_of(self._of.entry, self._wrt)

    @cached_property
    def _nothing(self) -> list[Any]:
        outputs = (leaf for slot in self._signature.results for leaf in slot.leaves)
        return [np.empty(0) for leaf in outputs if hasattr(leaf.type, "shape")]

    def _plan(self, values: Sequence[Any]) -> Plan:
        """The plan for arguments, which are validated."""
        frame = self._marshaller.pack(values, allocate=lambda dimensions, read: self._nothing)
        key = (tuple(frame.dimensions.items()), *_integers(self._signature, frame))
        with self._lock:
            plan = self._plans.get(key)
            if plan is None:
                plan = self._plans[key] = self._make_plan(frame, values)
                if len(self._plans) > PLANS:
                    self._plans.popitem(last=False)
            self._plans.move_to_end(key)
        return plan

    def _make_plan(self, frame: Frame, values: Sequence[Any]) -> Plan:
        try:
            return plan_of(self._of.entry, self._parts, frame.leaves, frame.dimensions, self._mode)
        except IndexError:
            self._of(*values)  # shows which check of the program fails
            raise
        except NoPattern as error:
            span = error.span
            place = (span.source.name, span.line) if span is not None else ("", 0)
            raise errors.RuntimeError(
                f"`{self.__name__}` has no pattern that holds for all floats: {error.what};"
                " use sparse=False",
                *place,
                kind="pattern",
            ) from None

    def _products_of(self, mode: str, lanes: int) -> Function:
        with self._lock:
            if (mode, lanes) not in self._products:
                origin = Products(self._of.origin, self._wrt, mode, lanes)
                self._products[mode, lanes] = self._of.derived(origin, {})
            return self._products[mode, lanes]

    # --- results -----------------------------------------------------------------------------

    @cached_property
    def _layout(self) -> tuple[Any, Any]:
        """Builders of the structure for each result and parameter, and what puts them together."""
        entry = self._of.entry
        selected, several = select(entry, self._wrt, first=True)
        names = tuple(s.name.replace(".", "_") for s in selected) if several else None
        assert entry.signature.tree is not None
        tree = by_parts(entry.signature.tree, len(selected), names)
        slots = [
            (result, part, derivative_slot(result, part, True))
            for result in entry.signature.results
            for part in selected
        ]
        classes = self._of.origin.classes
        return [(r, p, s, builder(s.type, classes)) for r, p, s in slots], assembler(tree)

    def _assembled(self, matrices: list[Any]) -> Any:
        """The matrices in the structure of the result."""
        slots, together = self._layout
        by_row = iter(matrices)
        width = len(self._parts.parameters)
        found: dict[int, list[list[Any]]] = {}
        values = []
        for result, part, slot, build in slots:
            if id(result) not in found:
                count = sum(map(is_float_leaf, result.leaves))
                found[id(result)] = [list(islice(by_row, width)) for _ in range(count)]
            rows = found[id(result)]
            own = [row.pop(0) for row in rows for _ in part.leaves]
            by_path = dict(zip((leaf.path for leaf in slot.leaves), own, strict=True))
            for leaf in leaves(slot.type):
                by_path.setdefault(leaf.path, None)
            values.append(build(by_path))
        return together(values)

    def _written(self, plan: Plan, data: Any, out: Any) -> Any:
        """`out` with new elements; it has to be one CSR array with this pattern."""
        if len(plan.blocks) != 1:
            raise errors.TypeError(f"out= of `{self.__name__}` is there for a single matrix")
        (block,) = plan.blocks
        if getattr(out, "format", "") != "csr":
            raise errors.TypeError(
                f"out= of `{self.__name__}`: expected a CSR matrix, given {describe(out)}"
            )
        same = out.shape == block.shape and out.dtype == block.dtype
        same = same and np.array_equal(out.indptr, block.pointers)
        if not same or not np.array_equal(out.indices, block.indices):
            raise errors.ShapeError(
                f"out= of `{self.__name__}` has another pattern: pass a result of the same"
                " extents and integers",
                kind="shape",
            )
        out.data[:] = data
        return out


def _integers(signature: Signature, frame: Frame) -> list[Any]:
    """What of the arguments decides the pattern, besides their extents."""
    found: list[Any] = []
    for value in frame.leaves:
        if isinstance(value, np.ndarray):
            if value.dtype.kind != "f":
                found.append(value.tobytes())
        elif not isinstance(value, float):
            found.append(value)
    return found


def _matrix(block: Block, data: Any) -> Any:
    whole = len(block.positions) == len(data)
    values = data if whole and data.dtype == block.dtype else data[block.positions]
    return _scipy_sparse().csr_array(
        (values.astype(block.dtype, copy=False), block.indices.copy(), block.pointers.copy()),
        shape=block.shape,
    )


def _scipy_sparse() -> Any:
    """SciPy's sparse matrices: an optional dependency, loaded on first use."""
    try:
        import scipy.sparse
    except ImportError:
        raise errors.Error("sparse=True needs SciPy: pip install 'dp-compiler[sparse]'") from None
    return scipy.sparse
