"""Records and arrays of records as Python values: arithmetic field by field, value semantics."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


def _keeps(value: Any) -> bool:
    """Integer and bool fields keep the value of the leftmost record."""
    return not isinstance(value, Record) and np.asarray(value).dtype.kind in "biu"


class Record(np.lib.mixins.NDArrayOperatorsMixin):
    """A record: fields in order, each a scalar, an array or a record."""

    fields: tuple[str, ...] = ()

    def __init__(self, **values: Any) -> None:
        assert tuple(sorted(values)) == tuple(sorted(self.fields)), values
        for name in self.fields:
            value = values[name]
            setattr(self, name, np.copy(value) if isinstance(value, np.ndarray) else value)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        assert method == "__call__", method
        assert not keywords, keywords
        first = next(value for value in inputs if isinstance(value, Record))
        found = {}
        for name in self.fields:
            own = getattr(first, name)
            parts = [getattr(v, name) if isinstance(v, Record) else v for v in inputs]
            found[name] = own if _keeps(own) else ufunc(*parts)
        return type(self)(**found)

    def __deepcopy__(self, memo: Any) -> "Record":
        return type(self)(**{n: value_of(getattr(self, n)) for n in self.fields})


def record_type(name: str, fields: tuple[str, ...]) -> type[Record]:
    """The class of records with these fields."""
    return type(name, (Record,), {"fields": fields})


class Records:
    """An array of records, stored field by field."""

    def __init__(self, type_: type[Record], columns: Mapping[str, Any]) -> None:
        self.__dict__["type"] = type_
        self.__dict__["columns"] = {name: columns[name] for name in type_.fields}

    def __len__(self) -> int:
        column = next(iter(self.columns.values()))
        return len(column)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self.__dict__["columns"]:
            raise AttributeError(name)
        return self.__dict__["columns"][name]

    def __setattr__(self, name: str, value: Any) -> None:
        self.columns[name][...] = value

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice | np.ndarray):
            return Records(self.type, {n: c[at] for n, c in self.columns.items()})
        return Element(self, at)

    def __setitem__(self, at: Any, value: Any) -> None:
        for name, column in self.columns.items():
            column[at] = getattr(value, name)

    def __iter__(self) -> Iterator[Record]:
        return (value_of(self[i]) for i in range(len(self)))

    def __deepcopy__(self, memo: Any) -> "Records":
        return Records(self.type, {n: value_of(c) for n, c in self.columns.items()})


class Element:
    """A place in an array of records: reads its fields there and stores them there."""

    def __init__(self, whole: Records, at: Any) -> None:
        self.__dict__.update(whole=whole, at=at)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__dict__["whole"].columns[name][self.__dict__["at"]]

    def __setattr__(self, name: str, value: Any) -> None:
        self.whole.columns[name][self.at] = value

    def __deepcopy__(self, memo: Any) -> Record:
        values = {n: value_of(getattr(self, n)) for n in self.whole.type.fields}
        made: Record = self.whole.type(**values)
        return made


def value_of(value: Any) -> Any:
    """The value, sharing nothing with what it was read from."""
    if isinstance(value, Record | Records | Element):
        return value.__deepcopy__(None)
    if isinstance(value, np.ndarray):
        return np.copy(value)
    if isinstance(value, tuple):
        return tuple(value_of(item) for item in value)
    return value


def array_of(values: list[Any]) -> Any:
    """An array of numbers, arrays or records."""
    values = [value_of(v) for v in values]
    if values and isinstance(values[0], Record):
        type_ = type(values[0])
        columns = {n: array_of([getattr(v, n) for v in values]) for n in type_.fields}
        return Records(type_, columns)
    return np.array(values)


def plain(value: Any) -> Any:
    """Records, of the oracle and of dpc, as dictionaries, all the way down."""
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, Records):
        return {name: plain(column) for name, column in value.columns.items()}
    if isinstance(value, Record | Element):
        names = value.fields if isinstance(value, Record) else value.whole.type.fields
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value
