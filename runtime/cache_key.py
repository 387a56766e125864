"""What the machine code of a function depends on: a cached one is used only if all is the same."""

import json
import os
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from hashlib import sha256
from importlib import import_module
from typing import Any

from dpc.compiler.driver import Options
from dpc.dsl import types
from dpc.runtime import blas, engine
from dpc.runtime.origin import Derivative, Origin
from dpc.runtime.recipe import Recipe

Parts = dict[str, Any]
_PACKAGES = ("dpc", "dpc.dsl", "dpc.compiler", "dpc.runtime")
_PLAIN = (str, int, type(None))
_TYPES = (types.ScalarType, types.ArrayType, types.RecordType, types.TupleType)


class NotKeptError(Exception):
    """Nothing says what the function is made from but the object itself."""


def parts_of(origin: Origin, options: Options, strong: bool) -> Parts:
    """Everything that matters, by what it is called; raises `NotKeptError`."""
    recipe = _recipe(origin.primal)
    texts = {recipe.name: recipe.text, **dict(recipe.files)}
    library = blas.library()
    return {
        "function": _described(origin),
        "module": recipe.name,
        "texts": {name: sha256(text.encode()).hexdigest() for name, text in texts.items()},
        "folder": recipe.folder,
        "module options": _described(recipe.options),
        "options": {f.name: getattr(options, f.name) for f in fields(options) if f.compare},
        "strong zeros": strong,
        "linear algebra": library and library.integer_bits,
        "compiler": compiler(),
        "machine": engine.target(),
    }


def key_of(parts: Parts) -> str:
    """The digest of the parts."""
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def compiler() -> str:
    """A digest of names, sizes and times of the compiler's own files."""
    places = {place for package in _PACKAGES for place in import_module(package).__path__}
    found = sorted({line for place in places for line in _files(place)})
    return sha256("\n".join(found).encode()).hexdigest()


def _files(folder: str) -> Iterator[str]:
    """A line for each source file below a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            elif entry.name.endswith((".py", ".dp", ".lark")):
                stat = entry.stat()
                yield f"{entry.path} {stat.st_size} {stat.st_mtime_ns}"


def _recipe(value: Any) -> Recipe:
    """The recipe of a module's function, or of one with type variables."""
    while not isinstance(value, Recipe):
        value = _reduced(value)[1][0]
    return value


def _reduced(value: Any) -> tuple[Any, ...]:
    if not any("__reduce__" in made.__dict__ for made in type(value).__mro__[:-1]):
        raise NotKeptError(type(value).__name__)
    reduced: tuple[Any, ...] = value.__reduce__()
    return reduced


def _described(value: Any) -> str:
    """A text that tells origins apart; modules are told apart by the other parts."""
    if isinstance(value, Recipe):
        return value.name
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, _TYPES):
        return str(value)
    if isinstance(value, tuple):
        return f"({', '.join(_described(item) for item in value)})"
    if isinstance(value, Derivative):
        how = (f", {name}={given!r}" for name, given in value.choices.items() if given)
        return f"{value.transform}({_described(value.of)}{''.join(how)})"
    made, arguments = _reduced(value)[:2]
    if isinstance(arguments[0], Recipe):
        return str(arguments[1])
    return f"{made.__name__.strip('_').lower()}{_described(arguments)}"
