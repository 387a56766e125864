"""Random and special arguments for a signature: the points at which gradients are tested."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dpc.compiler.signature import Signature
from dpc.dsl.types import ArrayType, RecordType, ScalarType, TupleType, Type
from dpc.runtime.arguments import DTYPES
from dpc.runtime.extents import ResultDimensions

Dimensions = dict[str, int]
# How floats are drawn. At the special kinds a function may have kinks.
RANDOM = ("normal", "positive", "unit", "large")
SPECIAL = ("zeros", "ones", "equal", "negative", "ties")


@dataclass(frozen=True, slots=True)
class Point:
    """Arguments in order, how they were drawn and the dimensions they have."""

    kind: str
    dimensions: Dimensions
    arguments: tuple[Any, ...]

    @property
    def is_special(self) -> bool:
        """Kinks are likely here."""
        return self.kind in SPECIAL


def draw(
    signature: Signature, kind: str, sizes: tuple[int, ...], random: np.random.Generator
) -> Point | None:
    """A point of a kind with dimensions among `sizes`; None when no shape has such extents."""
    dimensions = {b.name: int(random.choice(sizes)) for b in signature.bindings}
    for name in dimensions:
        # A bare record's own dimension most often has to be the one that it is called like.
        plain = name.rpartition(".")[2]
        if plain != name and plain in dimensions and random.random() < 0.9:
            dimensions[name] = dimensions[plain]
    known = dict(dimensions)
    ResultDimensions(signature).add(known, {})
    if any(e.evaluate(known) < 0 for e in signature.extents):
        return None
    fixed = {b.name for b in signature.bindings if not b.parameter}
    arguments = []
    for slot in signature.inputs:
        if slot.name in fixed:
            arguments.append(dimensions[slot.name])
        else:
            arguments.append(value_of(slot.type, kind, dimensions, random))
    return Point(kind, dimensions, tuple(arguments))


def value_of(
    type_: Type,
    kind: str,
    dimensions: Dimensions,
    random: np.random.Generator,
    integers: int | None = None,
) -> Any:
    """A value of a type; integers and bools are drawn, or all `integers` where that is given."""
    rest = (kind, dimensions, random, integers)
    if isinstance(type_, RecordType):
        return {n: value_of(t, *rest) for n, t in type_.fields}
    if isinstance(type_, TupleType):
        return tuple(value_of(t, *rest) for t in type_.items)
    if isinstance(type_, ArrayType):
        shape = tuple(e.evaluate(dimensions) for e in type_.shape)
        return _numbers(type_.element, kind, shape, random, integers)
    return _numbers(type_, kind, (), random, integers).item()


def _numbers(
    element: ScalarType,
    kind: str,
    shape: tuple[int, ...],
    random: np.random.Generator,
    integers: int | None,
) -> Any:
    dtype = DTYPES[element.name]
    if integers is not None and not element.is_float:
        return np.full(shape, integers, dtype)
    if element.name == "bool":
        return np.asarray(random.integers(0, 2, shape), dtype)
    if element.is_integer:
        return np.asarray(random.integers(1, 4, shape), dtype)
    draws: dict[str, Callable[[], Any]] = {
        "normal": lambda: random.standard_normal(shape),
        "positive": lambda: random.uniform(0.5, 2.0, shape),
        "unit": lambda: random.uniform(0.1, 0.9, shape),
        "large": lambda: 10.0 * random.standard_normal(shape),
        "zeros": lambda: np.zeros(shape),
        "ones": lambda: np.ones(shape),
        "equal": lambda: np.full(shape, 0.5),
        "negative": lambda: -random.uniform(0.5, 2.0, shape),
        "ties": lambda: random.integers(-1, 2, shape),
    }
    return np.asarray(draws[kind](), dtype)
