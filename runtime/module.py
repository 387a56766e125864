"""`dpc.Module`: a checked `.dp` module seen from Python; `load` and `compile` make one."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dpc.compiler.driver import Compiled, Options, front
from dpc.dsl.diagnostics import Error
from dpc.dsl.source import Source
from dpc.runtime.function import Function
from dpc.runtime.options import merged
from dpc.runtime.origin import Primal
from dpc.runtime.records import make_class


class Module:
    """A module: its functions, record classes and constants are attributes."""

    def __init__(self, source: Source, options: dict[str, Any]) -> None:
        chosen = merged(Options(), options)
        tree = front(source)
        compiled = Compiled(tree)
        name = Path(source.name).stem or source.name
        self.__name__ = name
        self.__doc__ = tree.doc
        self.__file__ = source.name
        self._source = source
        classes = {n: make_class(r, name) for n, r in tree.records.items()}
        functions = {n: Function(Primal(compiled, n, classes), chosen) for n in tree.functions}
        constants = {n: c.value for n, c in tree.constants.items()}
        self._members: dict[str, Any] = {**constants, **classes, **functions}
        self._functions = functions

    @property
    def functions(self) -> dict[str, Function]:
        """The functions by name, in the order of the source."""
        return dict(self._functions)

    def __getattr__(self, name: str) -> Any:
        members = self.__dict__.get("_members", {})
        if name in members:
            return members[name]
        near = get_close_matches(name, members, 1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise AttributeError(f"module `{self.__dict__.get('__name__', '')}` has no `{name}`{hint}")

    def __dir__(self) -> list[str]:
        return [*self._members, "__doc__", "__file__", "__name__", "functions"]

    def __repr__(self) -> str:
        return f"<dpc.Module {self.__name__!r} with {', '.join(self._functions) or 'no functions'}>"


def load(path: str | os.PathLike[str], **options: Any) -> Module:
    """Read, parse and check a `.dp` file; its functions are compiled on their first call.

    Raises `OSError` when the file can't be read, `dpc.CompileError` when it has errors.
    """
    return Module(read_source(path), options)


def compile(source: str, name: str = "inline", **options: Any) -> Module:
    """The same from the text of a module; `name` stands for the file in messages."""
    if not isinstance(source, str):
        raise Error(f"dpc.compile takes the text of a module, not {type(source).__name__}")
    return Module(Source(name, source.replace("\r\n", "\n").replace("\r", "\n")), options)


def read_source(path: str | os.PathLike[str]) -> Source:
    """A file as a source; `OSError` or `dpc.Error` when it can't be read as UTF-8 text."""
    text = decoded(Path(path).read_bytes(), os.fspath(path))
    return Source(os.fspath(path), text)


def decoded(data: bytes, name: str) -> str:
    """UTF-8 bytes as text with newlines as in Python."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Error(f"{name} is not UTF-8 text: {error.reason} at byte {error.start}") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
