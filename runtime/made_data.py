"""Arguments for a function of which a user said sizes: the rest is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from dpc.compiler.signature import Signature
from dpc.dsl.typed import Binding
from dpc.dsl.types import RecordType, ScalarType, Type
from dpc.runtime import errors
from dpc.runtime.sampling import value_of

EXTENT = 100  # of a dimension that nobody gave
KINDS = {"uniform": "unit", "normal": "normal", "zeros": "zeros"}


@dataclass(frozen=True)
class Made:
    """Arguments by name, and the dimensions they have."""

    arguments: dict[str, Any]
    dimensions: dict[str, int]


def made(signature: Signature, given: Mapping[str, Any], kind: str, seed: int = 0) -> Made:
    """All arguments: those given, by name, and for the rest floats of a kind, integers and bools 0.

    `given` also holds extents: the name of a dimension with an integer. Those that follow from no
    argument and are not given are `EXTENT`. `kind`: "uniform" (between 0.1 and 0.9), "normal" or
    "zeros". `dpc.TypeError` for unknown names and integers that have to be given.
    """
    own = {slot.name for slot in signature.inputs}
    _require_known(signature, given, own)
    dimensions: dict[str, int] = {}
    for binding in signature.bindings:
        dimensions[binding.name] = _extent(binding, given, dimensions)
    random = np.random.default_rng(seed)
    arguments: dict[str, Any] = {}
    sized = {b.name for b in signature.bindings if not b.parameter}
    for slot in signature.inputs:
        if slot.name in sized:
            arguments[slot.name] = dimensions[slot.name]
        elif slot.name in given or slot.default is None:
            value = given.get(slot.name)
            _require_integers(signature, slot.name, slot.type, value)
            arguments[slot.name] = _filled(slot.type, value, KINDS[kind], dimensions, random)
    return Made(arguments, dimensions)


def _plain(name: str) -> str:
    """A record's own dimension `m.d` is called `d`."""
    return name.rpartition(".")[2]


def _require_known(signature: Signature, given: Mapping[str, Any], own: set[str]) -> None:
    dimensions = {_plain(binding.name) for binding in signature.bindings}
    for name, value in given.items():
        if name in own:
            continue
        if name not in dimensions:
            near = get_close_matches(name, [*own, *dimensions], 1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise errors.TypeError(
                f"`{signature.name}` has no parameter or dimension `{name}`{hint}"
            )
        if type(value) is not int or value < 0:
            raise errors.TypeError(f"{name}={value!r}: an extent is an integer, 0 or more")


def _extent(binding: Binding, given: Mapping[str, Any], known: dict[str, int]) -> int:
    """The value of a dimension: by an argument, by its name, else `EXTENT`."""
    value: Any = given.get(binding.parameter) if binding.parameter else given.get(binding.name)
    for part in binding.leaf:
        value = value.get(part) if isinstance(value, dict) else getattr(value, str(part), None)
    if not binding.parameter:
        return EXTENT if value is None else int(value)
    shape = np.shape(value) if value is not None else ()
    if binding.axis < len(shape):  # else the call will say what is wrong
        return int(shape[binding.axis] - binding.rest.evaluate(known)) // binding.coefficient
    return int(given.get(_plain(binding.name), EXTENT))


def _require_integers(signature: Signature, name: str, type_: Type, value: Any) -> None:
    """A number of steps or the like can't be made up."""
    if value is None and isinstance(type_, ScalarType) and type_.is_integer:
        raise errors.TypeError(f"`{signature.name}` needs the integer `{name}`: give {name}=...")


def _filled(
    type_: Type, value: Any, kind: str, dimensions: dict[str, int], random: np.random.Generator
) -> Any:
    """A value, its missing parts made."""
    if isinstance(type_, RecordType) and (value is None or isinstance(value, dict)):
        parts = value or {}
        return {
            **parts,
            **{
                name: _filled(field, parts.get(name), kind, dimensions, random)
                for name, field in type_.fields
            },
        }
    return value if value is not None else value_of(type_, kind, dimensions, random, 0)
