"""Arguments of a function from the command line and from files, results to the screen and files."""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dpc.cli import UsageError

if TYPE_CHECKING:
    from dpc.runtime.function import Function
    from dpc.runtime.module import Module


def function_of(module: "Module", name: str) -> "Function":
    """A function of a module by name; `UsageError` with a near name."""
    functions = {**module.generics, **module.functions}
    if name in functions:
        return functions[name]
    raise no_function(module.__file__, name, list(functions))


def no_function(file: str, name: str, known: list[str]) -> UsageError:
    """The error that a file has no such function, with a near name."""
    near = get_close_matches(name, known, 1)
    hint = f"; did you mean `{near[0]}`?" if near else f"; it has: {', '.join(known) or 'none'}"
    return UsageError(f"{file} has no function `{name}`{hint}")


def arguments_of(assignments: list[str], file: str | None) -> dict[str, Any]:
    """Keyword arguments from `name=value` words and a .npz or .json file (the words win)."""
    words: dict[str, Any] = {}
    for word in assignments:
        name, equals, text = word.partition("=")
        if not equals or not name:
            raise UsageError(f"{word!r} is not name=value")
        if name in words:
            raise UsageError(f"{name} is given twice")
        words[name] = _value(name, text)
    return _nested({**(_from_file(file) if file else {}), **words})


def _value(name: str, text: str) -> Any:
    if text.startswith("@"):
        return _array(text[1:])
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        pass
    try:
        return float(text)  # nan, inf and -inf are no literals
    except ValueError:
        raise UsageError(
            f"{name}: {text!r} is no literal; write a number, a list, a dict, or @file.npy"
        ) from None


def _array(path: str) -> Any:
    try:
        loaded = np.load(path, allow_pickle=False)
    except (ValueError, EOFError):
        raise UsageError(f"{path} is no .npy file of numbers") from None
    if not isinstance(loaded, np.ndarray):
        raise UsageError(f"{path} holds several arrays; pass it as --args {path}")
    return loaded


def _from_file(path: str) -> dict[str, Any]:
    try:
        if path.endswith(".json"):
            loaded = json.loads(Path(path).read_text(encoding="utf-8"))
        else:
            with np.load(path, allow_pickle=False) as archive:
                if not isinstance(archive, np.lib.npyio.NpzFile):
                    raise UsageError(f"{path} is no .npz or .json file of named values")
                loaded = {name: archive[name] for name in archive.files}
    except (ValueError, EOFError, TypeError, AttributeError):
        raise UsageError(f"{path} is no .npz or .json file of named values") from None
    if not isinstance(loaded, dict):
        raise UsageError(f"{path} holds no named values: expected an object at the top")
    return loaded


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """`{"m.w": 1}` as `{"m": {"w": 1}}`."""
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        inner = nested
        for part in path:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise UsageError(f"{name}: `{part}` is given twice")
        inner[last] = value
    return nested


def leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Scalars and arrays of a result with their names: `value`, `gradient.m.w`, `value.0`."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from leaves(f"{name}.{field.name}", getattr(value, field.name))
    elif isinstance(value, tuple):
        parts = getattr(value, "_fields", range(len(value)))
        for part, item in zip(parts, value, strict=True):
            yield from leaves(f"{name}.{part}", item)
    elif value is not None:
        yield name, value


def shown(value: Any) -> str:
    """A scalar or array for people."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, threshold=64, edgeitems=3, max_line_width=96)
        dtype = f"{value.dtype}[{', '.join(map(str, value.shape))}]"
        return f"{dtype}\n{text}"
    return repr(value.item()) if isinstance(value, np.generic) else repr(value)
