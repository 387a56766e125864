"""The short way from Python to native code: a C function of a `Function`'s own.

It is made once a function has been called often, because making it costs some milliseconds.
`call_text` says which calls it answers itself; the others come back to Python.
"""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

from dpc.compiler.signature import Signature
from dpc.runtime import engine, interrupt, python_layout
from dpc.runtime.call_text import SYMBOL, Traits, call_text, plain
from dpc.runtime.call_writer import UnusualError
from dpc.runtime.marshal import assembler
from dpc.runtime.native_function import MAIN_THREAD, NativeFunction

WORTH_IT = 64  # calls after which the C function is made, in about 7 ms
_FAST_WITH_KEYWORDS = 0x82  # METH_FASTCALL | METH_KEYWORDS
Slow = Callable[..., Any]
# The most native memory that one of these calls had, in bytes, since somebody set it to 0.
peak = ctypes.c_int64(0)


class _MethodDefinition(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    ]


def short_call(
    signature: Signature, native: NativeFunction, checks_nan: bool, limit: int, slow: Slow
) -> Slow | None:
    """A C function that Python calls like `slow`, to which it leaves what is unusual; None where
    every call of this function is. `limit`: the most bytes a call may take, or 0.
    """
    code = native.code
    known = python_layout.addresses()
    more = code.prints or code.externs or code.recurses or code.tasks or code.counts
    if known is None or more or MAIN_THREAD is None:
        return None
    try:
        traits = Traits(code.loops, code.polls, checks_nan, limit)
        text = call_text(signature, traits)
    except UnusualError:
        return None
    finish = _finish(signature)
    symbols = {
        **known,
        **interrupt.addresses(),
        "dpc.entry": native.address,
        "dpc.python.finish": id(finish),
        "dpc.main_thread": MAIN_THREAD,
        "dpc.call.peak": ctypes.addressof(peak),
    }
    loaded = engine.linked(text, SYMBOL, symbols)
    definition = _MethodDefinition(
        signature.name.encode(), loaded[SYMBOL], _FAST_WITH_KEYWORDS, None
    )
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = (
        ctypes.py_object,
        (ctypes.c_void_p, ctypes.py_object, ctypes.py_object),
    )
    # Kept by the C function as its module, for as long as it can be called.
    kept = (definition, loaded, native, finish)
    made: Slow = make(ctypes.addressof(definition), slow, kept)
    return made


def _finish(signature: Signature) -> Callable[[Sequence[Any]], Any] | None:
    """What makes the named tuples among the results."""
    if plain(signature.tree):
        return None
    assemble = assembler(signature.tree)
    return lambda leaves: assemble(list(leaves))
