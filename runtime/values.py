"""Float leaves of nested Python values as vectors, and back: what gradient checks compute with."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dpc.compiler.signature import ResultTree, Signature, Slot
from dpc.dsl.types import Leaf, RecordType, TupleType, Type, element_of, leaves

Vector = NDArray[np.float64]
Path = tuple[str | int, ...]


def float_leaves(type_: Type) -> tuple[Leaf, ...]:
    """The differentiable leaves of a type, in order."""
    return tuple(leaf for leaf in leaves(type_) if element_of(leaf.type).is_float)


def is_list(value: Any) -> bool:
    """True for what may hold the records of an array of records one after another."""
    if isinstance(value, np.ndarray):
        return bool(value.dtype == object)
    # A named tuple is a record of arrays.
    return isinstance(value, list | tuple) and not hasattr(value, "_fields")


def at(value: Any, path: Path) -> Any:
    """The leaf of a nested value: dicts and objects by name, tuples by position."""
    for position, part in enumerate(path):
        if isinstance(part, str) and is_list(value):
            return np.asarray([at(record, path[position:]) for record in value])
        if isinstance(part, int) or isinstance(value, Mapping):
            value = value[part]
        else:
            value = getattr(value, part)
    return value


def flatten(type_: Type, value: Any) -> Vector:
    """All float leaves of a value, one after another, as f64."""
    parts = [np.asarray(at(value, leaf.path), np.float64).ravel() for leaf in float_leaves(type_)]
    return np.concatenate(parts) if parts else np.zeros(0)


def unflatten(type_: Type, like: Any, vector: Vector) -> Any:
    """A value of a type with these float leaves, everything else and all shapes as in `like`."""
    position = 0

    def build(type_: Type, path: Path) -> Any:
        nonlocal position
        if isinstance(type_, RecordType):
            return {name: build(t, (*path, name)) for name, t in type_.fields}
        if isinstance(type_, TupleType):
            return tuple(build(t, (*path, i)) for i, t in enumerate(type_.items))
        old = at(like, path)
        element = element_of(type_)
        if not element.is_float:
            return old
        shape = np.shape(old)
        size = int(np.prod(shape))
        part = vector[position : position + size].reshape(shape)
        position += size
        part = part.astype(np.float32) if element.name == "f32" else part
        return part if isinstance(old, np.ndarray | list | tuple) else part[()]

    return build(type_, ())


def single_precision(types: Sequence[Type]) -> bool:
    """True when any leaf of the types is f32."""
    return any(element_of(leaf.type).name == "f32" for t in types for leaf in leaves(t))


def is_differentiable(slot: Slot) -> bool:
    """True when a slot holds floats."""
    return bool(float_leaves(slot.type))


class Results:
    """The results of a signature as one vector: float leaves of all slots, in slot order."""

    def __init__(self, signature: Signature) -> None:
        self._slots = signature.results
        self._tree = signature.tree
        self.types = [slot.type for slot in signature.results]

    def _parts(self, value: Any) -> list[Any]:
        found: list[Any] = [None] * len(self._slots)

        def walk(tree: ResultTree | None, value: Any) -> None:
            if isinstance(tree, int):
                found[tree] = value
            elif tree is not None:
                for item, part in zip(tree.items, value, strict=True):
                    walk(item, part)

        walk(self._tree, value)
        return found

    def flatten(self, value: Any) -> Vector:
        """The float leaves of a result."""
        parts = [flatten(t, v) for t, v in zip(self.types, self._parts(value), strict=True)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def unflatten(self, like: Any, vector: Vector) -> Any:
        """A cotangent with the structure of the result `like`."""
        parts = []
        start = 0
        for type_, value in zip(self.types, self._parts(like), strict=True):
            size = flatten(type_, value).size
            parts.append(unflatten(type_, value, vector[start : start + size]))
            start += size
        return _assembled(self._tree, parts)


def _assembled(tree: ResultTree | None, parts: Sequence[Any]) -> Any:
    if tree is None:
        return None
    if isinstance(tree, int):
        return parts[tree]
    return tuple(_assembled(item, parts) for item in tree.items)
