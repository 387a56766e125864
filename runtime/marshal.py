"""The border between Python values and native slots, precomputed for one signature.

A native function reads one 8-byte slot for each dimension, input leaf and output buffer, and writes
one for each scalar result behind them. Everything is validated before native code sees it.
"""

import ctypes
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from struct import Struct
from typing import Any

import numpy as np

from dpc.compiler.signature import ResultTree, Signature, Slot
from dpc.dsl.types import I32, I64, ArrayType, Leaf, RecordType, TupleType, Type, leaves, shape_of
from dpc.runtime import errors
from dpc.runtime.arguments import DTYPES, Array, Place, converter, describe
from dpc.runtime.extents import Dimensions, Evaluate, Extents, ResultDimensions, evaluator, label
from dpc.runtime.records import Classes, builder
from dpc.runtime.values import is_list

Path = tuple[str | int, ...]
Reader = Callable[[Any, list[Any]], None]
POINTER = "q"
Allocate = Callable[[Dimensions, list[Any]], list[Array]]
THREADED = 1 << 13  # elements for which BLAS may start threads
NO_EXTENTS: Mapping[str, int] = {}
CODES = {"f64": "d", "f32": "f4x", "i64": "q", "i32": "q", "bool": "?7x"}


@dataclass(slots=True)
class Frame:
    """One call: its slots, what they point to, and the arrays the results go to."""

    slots: Any
    leaves: list[Any]
    dimensions: Dimensions
    outputs: list[Array]


class Marshaller:
    """Packs arguments into slots and unpacks results, for one signature."""

    def __init__(self, signature: Signature, classes: Classes) -> None:
        self.signature = signature
        self.result_dimensions = signature.result_dimensions
        self._extents = Extents(signature)
        self._learnt = ResultDimensions(signature)
        self._dimensions = [evaluator(p) for p in signature.extents]
        self._readers = [reader(s, signature.name) for s in signature.inputs]
        input_leaves = [leaf for s in signature.inputs for leaf in s.leaves]
        self._arrays = [isinstance(leaf.type, ArrayType) for leaf in input_leaves]
        result_leaves = [(s, leaf) for s in signature.results for leaf in s.leaves]
        self._outputs = [_Output(s, leaf) for s, leaf in result_leaves if shape_of(leaf.type)]
        scalars = [str(leaf.type) for _, leaf in result_leaves if not shape_of(leaf.type)]
        codes = [POINTER] * len(self._dimensions)
        codes += [POINTER if shape_of(e.type) else CODES[str(e.type)] for e in input_leaves]
        codes += [POINTER] * len(self._outputs)
        self._pack = Struct("=" + "".join(codes)).pack_into
        self._scalars = Struct("=" + "".join(CODES[name] for name in scalars))
        self._scalars_at = 8 * len(codes)
        self._buffer = ctypes.c_int64 * (len(codes) + len(scalars))
        self._f32 = tuple(i for i, name in enumerate(scalars) if name == "f32")
        self._results = [_Result(s, classes) for s in signature.results]
        self._assemble = assembler(signature.tree)
        # One scalar or one array is returned as it comes.
        self._single = len(result_leaves) == 1 and signature.tree == 0
        self._single = self._single and not result_leaves[0][1].path

    def pack(
        self,
        values: Sequence[Any],
        extents: Mapping[str, int] = NO_EXTENTS,
        allocate: Allocate | None = None,
    ) -> Frame:
        """Validate and convert the arguments (one for each input slot) and lay out the slots.

        `extents`: what is thought of the dimensions that the value returned determines (else 0);
        `allocate`: makes the arrays of the results, from the dimensions and the arguments' leaves.
        """
        read: list[Any] = []
        for reader_, value in zip(self._readers, values, strict=True):
            reader_(value, read)
        dimensions = self._extents.bind(read)
        self._learnt.add(dimensions, extents)
        if allocate is None:
            outputs = [output.allocate(dimensions, self.signature.name) for output in self._outputs]
        else:
            outputs = allocate(dimensions, read)
        slots: list[Any] = [evaluate(dimensions) for evaluate in self._dimensions]
        for is_array, value in zip(self._arrays, read, strict=True):
            slots.append(address(value) if is_array else value)
        slots.extend(map(address, outputs))
        buffer = self._buffer()
        self._pack(buffer, 0, *slots)
        return Frame(buffer, read, dimensions, outputs)

    def sizes(self, values: Sequence[Any]) -> dict[str, int]:
        """Dimension variables and integer parameters of a call, by name."""
        read: list[Any] = []
        for reader_, value in zip(self._readers, values, strict=True):
            reader_(value, read)
        leaves = [(s, leaf) for s in self.signature.inputs for leaf in s.leaves]
        whole = {
            label(slot, leaf.path): int(value)
            for (slot, leaf), value in zip(leaves, read, strict=True)
            if leaf.type in (I64, I32)
        }
        return {**whole, **self._extents.bind(read)}

    def unpack(self, frame: Frame) -> Any:
        """The results of a finished call as the caller sees them."""
        scalars: Sequence[Any] = self._scalars.unpack_from(frame.slots, self._scalars_at)
        if self._f32:
            scalars = [np.float32(v) if i in self._f32 else v for i, v in enumerate(scalars)]
        if self._single:
            return scalars[0] if scalars else frame.outputs[0]
        scalar, array = iter(scalars), iter(frame.outputs)
        results = [r.build(scalar, array, frame.dimensions) for r in self._results]
        return self._assemble(results)

    def holds_nan(self, frame: Frame) -> bool:
        """True when any float result is NaN."""
        for value in self._scalars.unpack_from(frame.slots, self._scalars_at):
            if value != value:
                return True
        for output in () if self.signature.told else frame.outputs:
            if output.dtype.kind == "f":
                flat = output.reshape(-1)
                # One pass without a temporary: a square sum is NaN only if an element is. That of
                # a large array the library takes with threads, which wait for each other.
                most = np.vdot(flat, flat) if flat.size < THREADED else flat.max()
                if most != most:
                    return True
        return False


def address(array: Array) -> int:
    """Where an array's first element is (the quick way, if its buffer can be written)."""
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array.data))
    except (TypeError, ValueError):
        return int(array.ctypes.data)


# --- arguments -------------------------------------------------------------------------------


def reader(slot: Slot, function: str) -> Reader:
    """A function that converts a value for a slot and appends its leaves to a list."""
    return _reader(slot, slot.type, (), {leaf.path: leaf for leaf in slot.leaves}, function)


def _reader(slot: Slot, type_: Type, path: Path, wanted: dict[Path, Leaf], function: str) -> Reader:
    if path in wanted:
        convert = converter(Place(function, label(slot, path), wanted[path].type))
        return lambda value, out: out.append(convert(value))
    name = label(slot, path)
    below = {p[len(path)] for p in wanted if p[: len(path)] == path}
    if isinstance(type_, TupleType):
        parts = [
            (i, _reader(slot, t, (*path, i), wanted, function) if i in below else None)
            for i, t in enumerate(type_.items)
        ]
        return _tuple_reader(parts, type_, name, function)
    assert isinstance(type_, RecordType)
    fields = [
        (n, _reader(slot, t, (*path, n), wanted, function)) for n, t in type_.fields if n in below
    ]
    return _record_reader(fields, type_, name, function)


def _tuple_reader(
    parts: list[tuple[int, Reader | None]], type_: TupleType, name: str, function: str
) -> Reader:
    def read(value: Any, out: list[Any]) -> None:
        if not isinstance(value, tuple | list) or len(value) != len(parts):
            raise errors.TypeError(
                f"`{name}` of `{function}`: expected a tuple {type_}, given {describe(value)}"
            )
        for i, part in parts:
            if part is not None:
                part(value[i], out)

    return read


def _record_reader(
    fields: list[tuple[str, Reader]], type_: RecordType, name: str, function: str
) -> Reader:
    known = [n for n, _ in type_.fields]

    def refuse(text: str) -> errors.TypeError:
        return errors.TypeError(f"`{name}` of `{function}`: {text}")

    def get(value: Any, field: str) -> Any:
        if isinstance(value, _Stacked):
            return value.field(field)
        try:
            return value[field] if isinstance(value, Mapping) else getattr(value, field)
        except (KeyError, AttributeError):
            if isinstance(value, Mapping) or any(hasattr(value, n) for n in known):
                raise refuse(f"the field `{field}` of {type_.name} is missing") from None
            raise refuse(
                f"expected {type_.name} (fields {', '.join(known)}), given {describe(value)}"
            ) from None

    def read(value: Any, out: list[Any]) -> None:
        if type_.shape and is_list(value):
            value = _Stacked(value, get)
        elif isinstance(value, Mapping):
            extra = [str(k) for k in value if k not in known]
            if extra:
                fields_ = f"its fields are {', '.join(known)}"
                raise refuse(f"{type_.name} has no field `{'`, `'.join(extra)}`; {fields_}")
        for field, part in fields:
            part(get(value, field), out)

    return read


@dataclass(frozen=True, slots=True)
class _Stacked:
    """A list of records (of lists, for more axes) seen as a record of lists."""

    records: Sequence[Any]
    get: Callable[[Any, str], Any]

    def field(self, name: str) -> list[Any]:
        """The field of each record."""

        def of(value: Any) -> Any:
            return [of(v) for v in value] if is_list(value) else self.get(value, name)

        return [of(record) for record in self.records]


# --- results ---------------------------------------------------------------------------------


class _Output:
    """Allocates the buffer of one array leaf of the results."""

    def __init__(self, slot: Slot, leaf: Leaf) -> None:
        assert isinstance(leaf.type, ArrayType)
        self._dtype = DTYPES[leaf.type.element.name]
        self._shape = leaf.type.shape
        self._evaluate = [evaluator(e) for e in leaf.type.shape]
        self._name = label(slot, leaf.path)

    def allocate(self, dimensions: Dimensions, function: str) -> Array:
        shape = [evaluate(dimensions) for evaluate in self._evaluate]
        try:
            return np.empty(shape, self._dtype)
        except (ValueError, MemoryError):
            raise self._refuse(shape, function) from None

    def _refuse(self, shape: list[int], function: str) -> errors.RuntimeError:
        for axis, (extent, poly) in enumerate(zip(shape, self._shape, strict=True)):
            if extent < 0:
                return errors.ShapeError(
                    f"`{self._name}` of `{function}` would have extent {poly} = {extent} in axis"
                    f" {axis}",
                    kind="shape",
                )
        return errors.OutOfMemoryError(
            f"no memory for `{self._name}` of `{function}` with shape {tuple(shape)}", kind="memory"
        )


class _Result:
    """Builds one result from its leaves; leaves that do not cross the border are zero."""

    def __init__(self, slot: Slot, classes: Classes) -> None:
        self._present = [(leaf.path, bool(shape_of(leaf.type))) for leaf in slot.leaves]
        present = {leaf.path for leaf in slot.leaves}
        absent = [leaf for leaf in leaves(slot.type) if leaf.path not in present]
        self._zeros = [(leaf.path, _zero(leaf)) for leaf in absent]
        self._build = builder(slot.type, classes)

    def build(self, scalars: Any, arrays: Any, dimensions: Dimensions) -> Any:
        values = {path: next(arrays if array else scalars) for path, array in self._present}
        for path, zero in self._zeros:
            values[path] = zero(dimensions)
        return self._build(values)


def _zero(leaf: Leaf) -> Callable[[Dimensions], Any]:
    if isinstance(leaf.type, ArrayType):
        dtype = DTYPES[leaf.type.element.name]
        extents: list[Evaluate] = [evaluator(e) for e in leaf.type.shape]
        return lambda dimensions: np.zeros([e(dimensions) for e in extents], dtype)
    if leaf.type.name == "f32":
        return lambda dimensions: np.float32(0)
    zero = {"f64": 0.0, "bool": False}.get(leaf.type.name, 0)
    return lambda dimensions: zero


def assembler(tree: ResultTree | None) -> Callable[[list[Any]], Any]:
    """A function that puts the results together as the tree says."""
    if tree is None:
        return lambda results: None
    if isinstance(tree, int):
        return lambda results: results[tree]
    parts = [assembler(item) for item in tree.items]
    if tree.names is None:
        return lambda results: tuple(part(results) for part in parts)
    names = [name.replace(".", "_") for name in tree.names]
    made = _named(tuple(names))
    return lambda results: made(*[part(results) for part in parts])


@cache
def _named(names: tuple[str, ...]) -> Any:
    """The named tuple of these fields, one class for each; pickle knows it by them."""
    base = namedtuple("Gradient", names, rename=True)  # type: ignore[misc]

    def reduce(self: Any) -> tuple[Any, ...]:
        return _named_tuple, (names, tuple(self))

    return type("Gradient", (base,), {"__slots__": (), "__reduce__": reduce})


def _named_tuple(names: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    return _named(names)(*values)
