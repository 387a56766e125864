"""Functions that another process compiled: their code and what a call needs, from the cache."""

from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from dpc.compiler.driver import Options
from dpc.compiler.signature import Signature
from dpc.runtime import cache, engine
from dpc.runtime.cache_key import NotKeptError, key_of, parts_of
from dpc.runtime.native_function import NativeFunction
from dpc.runtime.origin import Origin
from dpc.runtime.plain import NotPlainError, from_plain, to_plain


@dataclass(frozen=True, slots=True)
class Recalled:
    """A function ready to be called; `differentiates`: a result with a NaN is answered again by the
    build with strong zeros; `reverses`: it is a reverse pass.
    """

    signature: Signature
    native: NativeFunction
    differentiates: bool
    reverses: bool


# By key: functions made from the same parts share their code.
_LOADED: WeakValueDictionary[str, NativeFunction] = WeakValueDictionary()


def recall(origin: Origin, options: Options, strong: bool = False) -> Recalled | None:
    """The function as the cache has it, if it does."""
    if cache.folder() is None:
        return None
    try:
        key = key_of(parts_of(origin, options, strong))
        entry = cache.read(key)
        if entry is None:
            return None
        signature, code, differentiates, reverses = from_plain(entry.head["function"])
    except (NotKeptError, NotPlainError, KeyError, ValueError):
        return None
    native = _LOADED.get(key)
    if native is None:
        native = _LOADED[key] = engine.loaded(code, entry.body)
    return Recalled(signature, native, differentiates, reverses)


def keep(
    origin: Origin,
    options: Options,
    made: Recalled,
    strong: bool = False,
) -> None:
    """Put a function that was compiled into the cache."""
    if cache.folder() is None or not made.native.image:
        return
    try:
        parts = parts_of(origin, options, strong)
        code = replace(made.native.code, text="")
        plain = to_plain((made.signature, code, made.differentiates, made.reverses))
    except (NotKeptError, NotPlainError):
        return
    cache.write(key_of(parts), cache.Entry({"parts": parts, "function": plain}, made.native.image))
