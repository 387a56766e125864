"""Dimension variables of a call: solved from the extents given, then every extent verified."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dpc.compiler.signature import Signature, Slot
from dpc.dsl.shapes import Dimension, Poly, linear
from dpc.dsl.typed import Binding
from dpc.dsl.types import shape_of
from dpc.runtime import errors

Dimensions = dict[str, int]
Evaluate = Callable[[Dimensions], int]


def evaluator(poly: Poly) -> Evaluate:
    """A function that computes a polynomial from the dimensions by name."""
    value = poly.value
    if value is not None:
        return lambda dimensions: value
    if len(poly.terms) == 1 and poly.terms[0][1] == 1 and len(poly.terms[0][0]) == 1:
        (atom,) = poly.terms[0][0]
        if isinstance(atom, Dimension):
            name = atom.name
            return lambda dimensions: dimensions[name]
    return poly.evaluate


def label(slot: Slot, path: tuple[str | int, ...]) -> str:
    """A leaf as a user writes it: `x`, `m.w`, `ct[0]`."""
    return slot.name + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)


class ResultDimensions:
    """Dimensions that only the value returned tells: what to start a call with."""

    def __init__(self, signature: Signature) -> None:
        self.names = signature.result_dimensions
        solved = (linear(poly, self.names) for poly in signature.extents)
        self._rows = [(s[0], s[1], evaluator(s[2])) for s in solved if s is not None]

    def add(self, dimensions: Dimensions, thought: Mapping[str, int]) -> None:
        """Add them as they are thought to be (else 0), and so that no extent is negative."""
        for name in self.names:
            dimensions[name] = thought.get(name, 0)
        for name, coefficient, rest in self._rows:
            dimensions[name] = max(dimensions[name], -(rest(dimensions) // coefficient))


class Extents:
    """Solves and verifies the extents of one signature."""

    def __init__(self, signature: Signature) -> None:
        self.function = signature.name
        leaves = [(s.name, leaf.path) for s in signature.inputs for leaf in s.leaves]
        index = {place: i for i, place in enumerate(leaves)}
        self._labels = [label(s, leaf.path) for s in signature.inputs for leaf in s.leaves]
        self._solve = [self._solver(b, index) for b in signature.bindings]
        # A plain dimension needs no check where it was solved.
        solved = {
            (index[b.parameter, b.leaf], b.axis)
            for b in signature.bindings
            if b.parameter and b.coefficient == 1 and not b.rest.terms
        }
        self._verify = [
            (i, axis, evaluator(poly), poly)
            for i, leaf in enumerate(leaf for s in signature.inputs for leaf in s.leaves)
            for axis, poly in enumerate(shape_of(leaf.type))
            if (i, axis) not in solved
        ]
        self._origin = {b.name: b for b in signature.bindings}

    @staticmethod
    def _solver(
        binding: Binding, index: dict[tuple[str, tuple[str | int, ...]], int]
    ) -> tuple[str, int, int, int, Evaluate | None]:
        if not binding.parameter:
            return binding.name, index[binding.name, ()], -1, 1, None
        rest = evaluator(binding.rest) if binding.rest.terms else None
        place = index[binding.parameter, binding.leaf]
        return binding.name, place, binding.axis, binding.coefficient, rest

    def bind(self, leaves: Sequence[Any]) -> Dimensions:
        """The dimensions of a call; `dpc.ShapeError` when the extents given do not agree."""
        dimensions: Dimensions = {}
        for name, place, axis, coefficient, rest in self._solve:
            extent = leaves[place] if axis < 0 else leaves[place].shape[axis]
            if rest is None and coefficient == 1:
                dimensions[name] = extent
                continue
            value = extent - (rest(dimensions) if rest else 0)
            dimensions[name], remainder = divmod(value, coefficient)
            if remainder or dimensions[name] < 0:
                raise self._unsolvable(name, extent)
        for place, axis, evaluate, poly in self._verify:
            if leaves[place].shape[axis] != evaluate(dimensions):
                raise self._mismatch(place, axis, leaves[place].shape[axis], poly, dimensions)
        return dimensions

    def _unsolvable(self, name: str, extent: int) -> errors.ShapeError:
        binding = self._origin[name]
        expected = Poly.dimension(name) * Poly.constant(binding.coefficient) + binding.rest
        return errors.ShapeError(
            f"`{self._place(binding)}` of `{self.function}` has extent {extent} in axis"
            f" {binding.axis}, which is not {expected} for any {name} >= 0",
            kind="shape",
        )

    def _mismatch(
        self, place: int, axis: int, extent: int, poly: Poly, dimensions: Dimensions
    ) -> errors.ShapeError:
        expected = str(poly)
        if poly.value is None:
            expected += f" = {poly.evaluate(dimensions)}"
            expected += self._origins(poly)
        return errors.ShapeError(
            f"`{self._labels[place]}` of `{self.function}` has extent {extent} in axis {axis},"
            f" expected {expected}",
            kind="shape",
        )

    def _origins(self, poly: Poly) -> str:
        """Where the dimensions of a polynomial came from."""
        names = [a.name for a in sorted(poly.atoms(), key=str) if isinstance(a, Dimension)]
        plain = len(names) == 1 and poly == Poly.dimension(names[0])
        parts = []
        for name in names:
            binding = self._origin[name]
            subject = "" if plain else f"{name} "
            if binding.parameter:
                parts.append(f"{subject}from axis {binding.axis} of `{self._place(binding)}`")
            else:
                parts.append(f"{subject}from the argument `{name}`")
        return f" ({', '.join(parts)})" if parts else ""

    @staticmethod
    def _place(binding: Binding) -> str:
        return binding.parameter + "".join(
            f"[{p}]" if isinstance(p, int) else f".{p}" for p in binding.leaf
        )
