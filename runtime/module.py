"""`dpc.Module`: a checked `.dp` module seen from Python; `load` and `compile` make one."""

import os
import warnings
from collections.abc import Collection
from difflib import get_close_matches
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Any
from weakref import WeakValueDictionary

from dpc.compiler.driver import Compiled, Options, checked, front
from dpc.dsl import typed
from dpc.dsl.diagnostics import Diagnostic, Error
from dpc.dsl.program import decode
from dpc.dsl.render import render_short
from dpc.dsl.source import Source
from dpc.dsl.types import SCALARS
from dpc.dsl.warning_levels import DEFAULT, Levels
from dpc.runtime import summary
from dpc.runtime.constants import constant_value
from dpc.runtime.errors import CompileWarning
from dpc.runtime.function import Function
from dpc.runtime.generic import Generic, GenericFunction
from dpc.runtime.options import merged, working_precision
from dpc.runtime.origin import Origin, Primal
from dpc.runtime.recipe import Recipe, recipe_of
from dpc.runtime.records import Classes, ClassKey, class_key, make_class, records_of
from dpc.runtime.summary import Deferred


class Module:
    """A module: its functions, record classes and constants are attributes.

    `diagnostics`: the warnings about its text.
    """

    def __init__(self, source: Source, options: dict[str, Any], levels: Levels = DEFAULT) -> None:
        given = dict(options)
        real = working_precision(options.pop("real", "f64"))
        chosen = merged(Options(), {"linear_algebra": "library", **options})
        self.diagnostics: tuple[Diagnostic, ...] = ()
        self.__name__ = Path(source.name).stem or source.name
        self.__file__ = source.name
        self._real = real
        self._generics: dict[str, GenericFunction] = {}
        self._classes: Classes = {}
        self._higher_order: Collection[str] = ()
        known = summary.find(source, given, levels)
        if known is not None:
            check = partial(front, source, SCALARS[real])
            self._compiled: Compiled = Deferred(check, known.signatures)
            self._recipe = recipe_of((source,), given, levels)
            self.__doc__ = known.doc
            imports, own = (
                {n: b.doc for n, b in p.items()} for p in (known.imports, known.functions)
            )
            self._members: dict[str, Any] = known.constants | self._made(imports | own, chosen)
            self._functions = {n: self._members[n] for n in own}
        else:
            tree, self.diagnostics = checked(source, levels, SCALARS[real])
            if not self.diagnostics:
                summary.keep(source, given, levels, tree)
            self._compiled = Compiled(tree)
            self._recipe = recipe_of(tree.sources, given, levels)
            self._see(tree, chosen)
        _MODULES.setdefault(self._recipe, self)

    def _see(self, tree: typed.Module, chosen: Options) -> None:
        """Make the members of a checked module."""
        recipe = self._recipe
        made = self._classes
        for record in records_of(tree):
            key = class_key(record)
            made[key] = make_class(record, self.__name__, partial(_reduced_record, recipe, key))
        self.__doc__ = tree.doc
        self._higher_order = tree.higher_order
        self._generics = {
            n: GenericFunction(Generic(g, tree, made, (_restored_generic, (recipe, n))), chosen)
            for n, g in tree.generics.items()
        }
        constants = {n: constant_value(c, made) for n, c in tree.constants.items()}
        classes = {n: made[class_key(r)] for n, r in tree.records.items()}
        docs = {n: f.doc for n, f in (*tree.imports.items(), *tree.functions.items())}
        functions = self._made(docs, chosen)
        self._members = {**constants, **classes, **functions, **self._generics}
        self._functions = {n: functions[n] for n in tree.functions}

    def _made(self, docs: dict[str, str | None], chosen: Options) -> dict[str, Function]:
        """A function for each name, which has this docstring."""
        recipe, compiled, classes = self._recipe, self._compiled, self._classes
        return {
            n: Function(Primal(compiled, n, classes, (_restored_primal, (recipe, n)), doc), chosen)
            for n, doc in docs.items()
        }

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._recipe,)

    @property
    def functions(self) -> dict[str, Function]:
        """The functions it defines by name, in the order of the source."""
        return dict(self._functions)

    def record_class(self, key: ClassKey) -> type[Any]:
        """The class of a record of the module, or of one that its functions take or return."""
        return self._classes[key]

    @property
    def generics(self) -> dict[str, GenericFunction]:
        """The functions with type variables by name, imported ones too."""
        return dict(self._generics)

    @property
    def content_key(self) -> str:
        """A digest of all its texts, imported modules too: another key, other code."""
        texts = "\0".join(part for s in self._compiled.module.sources for part in (s.name, s.text))
        return sha256(f"{self._real}\0{texts}".encode()).hexdigest()

    def __getattr__(self, name: str) -> Any:
        members = self.__dict__.get("_members", {})
        if name in members:
            return members[name]
        if name in self.__dict__.get("_higher_order", ()):
            raise AttributeError(
                f"`{name}` takes functions, so it can't be called from Python: call a function of"
                " the module that calls it"
            )
        near = get_close_matches(name, members, 1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise AttributeError(f"module `{self.__dict__.get('__name__', '')}` has no `{name}`{hint}")

    def __dir__(self) -> list[str]:
        return [
            *self._members,
            "__doc__",
            "__file__",
            "__name__",
            "content_key",
            "diagnostics",
            "functions",
            "generics",
            "record_class",
        ]

    def __repr__(self) -> str:
        return f"<dpc.Module {self.__name__!r} with {', '.join(self._functions) or 'no functions'}>"


# The modules of this process by what they are made of: what is unpickled belongs to one of them
# where it is there.
_MODULES: WeakValueDictionary[Recipe, Module] = WeakValueDictionary()
_LOCK = RLock()


def _restored(recipe: Recipe) -> Module:
    """The module of a recipe."""
    with _LOCK:
        found = _MODULES.get(recipe)
        return found or Module(recipe.source, dict(recipe.options), recipe.levels)


def _restored_primal(recipe: Recipe, name: str) -> Origin:
    """The origin of a function of a module."""
    function: Function = getattr(_restored(recipe), name)
    return function.origin


def _restored_generic(recipe: Recipe, name: str) -> Generic:
    """A function with type variables of a module."""
    function: GenericFunction = getattr(_restored(recipe), name)
    return function.generic


def _restored_record(recipe: Recipe, key: ClassKey, values: tuple[Any, ...]) -> Any:
    return _restored(recipe).record_class(key)(*values)


def _reduced_record(recipe: Recipe, key: ClassKey, record: Any) -> tuple[Any, ...]:
    values = tuple(getattr(record, name) for name in key[1])
    return _restored_record, (recipe, key, values)


def load(path: str | os.PathLike[str], **options: Any) -> Module:
    """Read, parse and check a `.dp` file and what it imports; its functions are compiled on their
    first call. Imports are looked for beside the file, then in the standard library.

    Raises `OSError` when the file can't be read, `dpc.CompileError` when it has errors; warns with
    `dpc.CompileWarning`.
    """
    return _with_warnings(Module(read_source(path), options))


def compile(source: str, name: str = "inline", **options: Any) -> Module:
    """The same from the text of a module; `name` stands for the file in messages. It can import
    the standard library.
    """
    if not isinstance(source, str):
        raise Error(f"dpc.compile takes the text of a module, not {type(source).__name__}")
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    return _with_warnings(Module(Source(name, text), options))


def _with_warnings(module: Module) -> Module:
    """The module; its warnings are given to Python's, at the line that loads it."""
    for diagnostic in module.diagnostics:
        text = f"{render_short(diagnostic)} ({diagnostic.switch})"
        warnings.warn(text, CompileWarning, stacklevel=3)
    return module


def read_source(path: str | os.PathLike[str]) -> Source:
    """A file as a source; `OSError` or `dpc.Error` when it can't be read as UTF-8 text."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundError(error.errno, _missing(Path(path)), os.fspath(path)) from None
    text = decoded(data, os.fspath(path))
    return Source(os.fspath(path), text, Path(path).parent)


def _missing(path: Path) -> str:
    """What to say about a file that is not there."""
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    near = get_close_matches(path.name, [p.name for p in path.parent.glob("*.dp")], 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no such file in {path.parent.resolve()}{hint}"


def decoded(data: bytes, name: str) -> str:
    """UTF-8 bytes as text with newlines as in Python."""
    try:
        return decode(data)
    except UnicodeDecodeError as error:
        raise Error(f"{name} is not UTF-8 text: {error.reason} at byte {error.start}") from None
