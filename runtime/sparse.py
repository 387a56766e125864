"""Sparse Jacobians and Hessians: functions whose results are `scipy.sparse` arrays.

The first call with given extents and integer arguments finds the pattern and how the elements are
computed; this plan is kept. Where every element of a result depends on a bounded set of elements of
the parameters, the function itself stores its derivatives (`local_plan`); else products with the
Jacobian are computed, as many as there are colours (`sparsity`).
"""

import inspect
from collections.abc import Sequence
from functools import cached_property
from math import prod
from threading import RLock
from typing import Any

import numpy as np

from dpc.compiler.ad.compressed import Parts, parts_of
from dpc.compiler.ad.direct_sites import NotDirect
from dpc.compiler.ad.record_log import NotRecorded
from dpc.compiler.interpret.pattern import NoPattern
from dpc.compiler.signature import Signature
from dpc.dsl.types import element_of
from dpc.runtime import errors
from dpc.runtime.arguments import DTYPES
from dpc.runtime.binding import Arguments, inspectable
from dpc.runtime.colouring import Pattern
from dpc.runtime.csr import scipy_sparse
from dpc.runtime.function import Function
from dpc.runtime.interpreted_pattern import interpreted_pattern
from dpc.runtime.local_plan import LocalPlan, local_plan
from dpc.runtime.marshal import Frame, Marshaller
from dpc.runtime.origin import Local, Products, Recorded
from dpc.runtime.recorded_pattern import recorded_pattern
from dpc.runtime.sparse_plans import Kept, SparsePlan, line_of
from dpc.runtime.sparse_results import Results
from dpc.runtime.sparsity import Plan, lanes_for, plan_of, shape


class SparseDerivative:
    """A Jacobian with `scipy.sparse.csr_array` results: one row for each element of the result, one
    column for each of the parameter, both in C order.

    Called like the function it belongs to. `out=` takes an earlier result with the same pattern and
    writes its elements. Not a `Function`: other transforms don't take it.
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
        self._plans: Kept[Plan | LocalPlan] = Kept()
        self._products: dict[tuple[str, int], Function] = {}
        self._lock = RLock()
        self.__name__ = self.__qualname__ = name
        self.__doc__ = f"`{name}` as a sparse matrix."
        scipy_sparse()

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
        blocks = self._plan(self._arguments.bind(args, kwargs)).blocks
        return self._results.assembled([b.matrix(np.ones(len(b.indices))) for b in blocks])

    def colours(self, *args: Any, **kwargs: Any) -> int:
        """How many products a call takes; 0 where elements are not computed by products."""
        plan = self._plan(self._arguments.bind(args, kwargs))
        return plan.colouring.count if isinstance(plan, Plan) else 0

    def plan(self, *args: Any, **kwargs: Any) -> SparsePlan:
        """How the elements are computed, and why so; with arguments, in numbers too."""
        made = self._plan(self._arguments.bind(args, kwargs)) if args or kwargs else None
        elements = None if made is None else sum(len(b.indices) for b in made.blocks)
        if isinstance(self._local, NotDirect):
            obstacle, line = self._local.why, line_of(self._local.span)
            mode, colours = self._mode, None
            if isinstance(made, Plan):
                mode, colours = made.mode, made.colouring.count
            return SparsePlan(
                self.__name__, "products", mode, obstacle, line, None, colours, elements,
                not isinstance(self._recorder, NotRecorded),
            )  # fmt: skip
        widths: dict[int, int] = {}
        for pair in self._local.pairs(self._of.given):
            widths[pair.result] = widths.get(pair.result, 0) + pair.width
        widest = max(widths.values(), default=0)
        return SparsePlan(self.__name__, "local", self._mode, widest=widest, elements=elements)

    def __call__(self, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        values = self._arguments.bind(args, kwargs)
        plan = self._plan(values)
        if out is None:
            arrays = self._arrays(plan, values, None)
            pairs = zip(plan.blocks, arrays, strict=True)
            return self._results.assembled([block.matrix(data) for block, data in pairs])
        matrices = self._results.taken_apart(out, self.__name__)
        for block, matrix in zip(plan.blocks, matrices, strict=True):
            block.require(matrix, self.__name__)
        self._arrays(plan, values, [matrix.data for matrix in matrices])
        return out

    def _arrays(
        self, plan: Plan | LocalPlan, values: Sequence[Any], targets: list[Any] | None
    ) -> list[Any]:
        """The data of all matrices, written to the targets if there are any."""
        if isinstance(plan, LocalPlan):
            return plan.arrays(lambda out: self._values(*values, out=out), targets)
        products = self._products_of(plan.mode, lanes_for(plan.colouring))
        arrays = plan.arrays(lambda *seeds: products(*values, *seeds))
        for target, data in zip(targets or (), arrays, strict=False):
            target[:] = data
        return arrays

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
    def _results(self) -> Results:
        return Results(self._of.entry, self._wrt, self._of.origin.classes)

    @cached_property
    def _nothing(self) -> list[Any]:
        outputs = (leaf for slot in self._signature.results for leaf in slot.leaves)
        return [np.empty(0) for leaf in outputs if hasattr(leaf.type, "shape")]

    def _plan(self, values: Sequence[Any]) -> Plan | LocalPlan:
        """The plan for arguments, which are validated."""
        frame = self._marshaller.pack(values, allocate=lambda dimensions, read: self._nothing)
        with self._lock:
            return self._plans.find(frame) or self._plans.keep(frame, self._made(frame, values))

    def _made(self, frame: Frame, values: Sequence[Any]) -> Plan | LocalPlan:
        if isinstance(self._local, NotDirect):
            pattern = self._pattern(frame, values)
            return plan_of(pattern, self._parts, frame.dimensions, self._mode)
        parts, sizes = self._parts, frame.dimensions
        return local_plan(
            self._local.pairs(self._of.given),
            self._columns(*values),
            [shape(leaf, sizes) for leaf in parts.results],
            [prod(shape(leaf, sizes)) for leaf in parts.parameters],
            [DTYPES[element_of(leaf.type).name] for leaf in parts.results],
        )

    def _pattern(self, frame: Frame, values: Sequence[Any]) -> Pattern:
        """By native code where it can be recorded."""
        if not isinstance(self._recorder, NotRecorded):
            sizes = [prod(shape(leaf, frame.dimensions)) for leaf in self._parts.parameters]
            return recorded_pattern(self._recorder, values, sum(sizes))
        try:
            return interpreted_pattern(self._of.entry, self._parts, frame.leaves, frame.dimensions)
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

    # --- what runs ---------------------------------------------------------------------------

    @cached_property
    def _local(self) -> Local | NotDirect:
        """Local derivatives, or why there are none."""
        if self._mode == "symmetric":
            return NotDirect(None, "an element of a Hessian is the same as its mirror image")
        if self._mode == "reverse" and self._of.given.trap:
            return NotDirect(None, "a trap watches the reverse pass")
        found = Local(self._of.origin, self._wrt, self._mode, columns=False)
        try:
            found.pairs(self._of.given)
        except NotDirect as reason:
            return reason
        return found

    @cached_property
    def _values(self) -> Function:
        assert isinstance(self._local, Local)
        return self._of.derived(self._local, {})

    @cached_property
    def _columns(self) -> Function:
        return self._of.derived(Local(self._of.origin, self._wrt, self._mode, columns=True), {})

    @cached_property
    def _recorder(self) -> Function | NotRecorded:
        """What finds the pattern, or why it can't."""
        origin = Recorded(self._of.origin, self._wrt)
        try:
            origin.entry(self._of.given)
        except NotRecorded as reason:
            return reason
        return self._of.derived(origin, {})

    def _products_of(self, mode: str, lanes: int) -> Function:
        with self._lock:
            if (mode, lanes) not in self._products:
                origin = Products(self._of.origin, self._wrt, mode, lanes)
                self._products[mode, lanes] = self._of.derived(origin, {})
            return self._products[mode, lanes]
