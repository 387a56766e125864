"""Modules that were checked before: what Python sees of one, from the cache.

Only of modules that are functions and scalar constants, without warnings, and that import from the
standard library alone. Their text is parsed when more is asked than to call what the cache has.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from threading import RLock
from typing import Any

from dpc.compiler.driver import Compiled
from dpc.compiler.signature import Signature
from dpc.dsl import typed
from dpc.dsl.source import Source
from dpc.dsl.warning_levels import Levels
from dpc.runtime import cache
from dpc.runtime.cache_key import compiler, key_of
from dpc.runtime.constants import constant_value
from dpc.runtime.plain import NotPlainError, from_plain, to_plain


@dataclass(frozen=True, slots=True)
class Brief:
    """A function: its docstring and signature."""

    doc: str | None
    signature: Signature


@dataclass(frozen=True, slots=True)
class Summary:
    """A module: its docstring, its constants, the functions it imports and those it defines."""

    doc: str | None
    constants: dict[str, bool | int | float]
    imports: dict[str, Brief]
    functions: dict[str, Brief]

    @property
    def signatures(self) -> dict[str, Signature]:
        """Of all functions."""
        return {n: b.signature for n, b in (*self.imports.items(), *self.functions.items())}


class Deferred(Compiled):
    """A module that is checked when more is asked than a function's signature."""

    def __init__(self, check: Callable[[], typed.Module], signatures: dict[str, Signature]) -> None:
        self._check = check
        self._signatures = signatures
        self._once = RLock()

    def signature(self, name: str) -> Signature:
        return self._signatures[name]

    def __getattr__(self, name: str) -> Any:
        """What the constructor of `Compiled` sets, which has not run yet."""
        with self._once:
            if name.startswith("__") or "module" in self.__dict__:
                raise AttributeError(name)
            super().__init__(self._check())
        return getattr(self, name)


def find(source: Source, options: dict[str, Any], levels: Levels) -> Summary | None:
    """The summary of a module, if the cache has it and its imports are still where they were."""
    if cache.folder() is None:
        return None
    entry = cache.read(_key(source, options, levels))
    try:
        if entry is None:
            return None
        doc, constants, imports, functions, library = from_plain(entry.head["summary"])
        if any(_hidden(source, name) for name in library):
            return None
        return Summary(doc, dict(constants), _briefs(imports), _briefs(functions))
    except (NotPlainError, KeyError, ValueError, TypeError):
        return None


def keep(source: Source, options: dict[str, Any], levels: Levels, module: typed.Module) -> None:
    """Put what Python sees of a checked module without warnings into the cache, if it can be."""
    imported = [s.name for s in module.sources[1:]]
    more = module.records or module.generics or module.higher_order
    if cache.folder() is None or more or any(not n.startswith("std/") for n in imported):
        return
    constants = tuple((n, constant_value(c, {})) for n, c in module.constants.items())
    if any(type(value) not in (bool, int, float) for _, value in constants):
        return
    compiled = Compiled(module)
    parts = (
        tuple((n, f.doc, compiled.signature(n)) for n, f in functions.items())
        for functions in (module.imports, module.functions)
    )
    try:
        plain = to_plain((module.doc, constants, *parts, tuple(imported)))
    except NotPlainError:
        return
    cache.write(_key(source, options, levels), cache.Entry({"summary": plain}, b""))


def _key(source: Source, options: dict[str, Any], levels: Levels) -> str:
    """Tells by all that a module's summary depends on but for where its imports are."""
    parts = {
        "summary of": source.name,
        "folder": None if source.folder is None else str(source.folder),
        "text": sha256(source.text.encode()).hexdigest(),
        "options": repr(sorted(options.items())),
        "warnings": repr(sorted(levels.chosen.items())),
        "compiler": compiler(),
    }
    return cache.MODULE + key_of(parts)


def _hidden(source: Source, library: str) -> bool:
    """Whether a file beside the module now stands for one of the standard library."""
    folder = source.folder
    return folder is not None and (folder / PurePath(library).name).is_file()


def _briefs(plain: tuple[tuple[str, str | None, Signature], ...]) -> dict[str, Brief]:
    return {name: Brief(doc, signature) for name, doc, signature in plain}
