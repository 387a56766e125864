"""The Python classes of a module's records: dataclasses that compare and print arrays sensibly."""

from collections.abc import Callable
from dataclasses import field, make_dataclass
from typing import Any

import numpy as np

from dpc.dsl import typed
from dpc.dsl.types import ArrayType, RecordType, ScalarType, TupleType, Type


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return bool(np.array_equal(np.asarray(left), np.asarray(right)))
    return bool(left == right)


def _record_equal(self: Any, other: Any) -> bool:
    if type(other) is not type(self):
        return False
    names = self.__dataclass_fields__
    return all(_equal(getattr(self, n), getattr(other, n)) for n in names)


def _record_repr(self: Any) -> str:
    parts = (f"{n}={getattr(self, n)!r}" for n in self.__dataclass_fields__)
    return f"{type(self).__name__}({', '.join(parts)})"


Reduce = Callable[[Any], tuple[Any, ...]]


def make_class(record: RecordType, module: str, reduce: Reduce | None = None) -> type[Any]:
    """The dataclass of a record type: fields in order, the types of dp as documentation.

    `reduce`: how pickle makes a record again.
    """
    methods = {} if reduce is None else {"__reduce__": lambda self: reduce(self)}
    made = make_dataclass(
        record.name,
        [(name, Any, field()) for name, _ in record.fields],
        namespace={"__eq__": _record_equal, "__repr__": _record_repr, "__hash__": None, **methods},
        eq=False,
        repr=False,
    )
    lines = "\n".join(f"    {name}: {type_}" for name, type_ in record.fields)
    made.__doc__ = f"Record `{record}` of {module}:\n\n{lines}"
    made.__module__ = f"dpc.module.{module}"
    return made


# What tells a class from others: modules may have records of one name.
ClassKey = tuple[str, tuple[str, ...]]
Classes = dict[ClassKey, type[Any]]
Builder = Callable[[dict[tuple[str | int, ...], Any]], Any]


def class_key(record: RecordType) -> ClassKey:
    """Equal for records that Python sees alike."""
    return record.name, tuple(name for name, _ in record.fields)


def records_of(module: typed.Module) -> tuple[RecordType, ...]:
    """The records that a module defines, imports, or meets in what it imports."""
    pending: list[Type] = list(module.records.values())
    pending += [constant.type for constant in module.constants.values()]
    for function in (*module.imports.values(), *module.functions.values()):
        pending += [p.type for p in function.parameters]
        pending += [] if function.result is None else [function.result]
    found: dict[ClassKey, RecordType] = {}
    while pending:
        match pending.pop(0):
            case RecordType() as record:
                found.setdefault(class_key(record), record)
                pending += [type_ for _, type_ in record.fields]
            case TupleType(items=items):
                pending += items
            case _:
                pass
    return tuple(found.values())


def builder(type_: Type, classes: Classes, path: tuple[str | int, ...] = ()) -> Builder:
    """A function from leaves by path to the value of that type as Python sees it."""
    if isinstance(type_, ScalarType | ArrayType):
        return lambda leaves: leaves[path]
    if isinstance(type_, TupleType):
        parts = [builder(t, classes, (*path, i)) for i, t in enumerate(type_.items)]
        return lambda leaves: tuple(part(leaves) for part in parts)
    made = classes[class_key(type_)]
    parts = [builder(t, classes, (*path, name)) for name, t in type_.fields]
    return lambda leaves: made(*[part(leaves) for part in parts])
