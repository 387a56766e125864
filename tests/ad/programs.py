"""From a source text to the loops-level entry of one of its functions."""

from functools import cache

from dpc.compiler.driver import Compiled, Options, front
from dpc.compiler.ir.core import Function
from dpc.compiler.signature import Entry
from dpc.dsl.source import Source


@cache
def compiled(text: str) -> Compiled:
    """The checked module of a text."""
    return Compiled(front(Source("test.dp", text)))


def entry_of(text: str, name: str = "f", math: str = "strict") -> Entry:
    """A function of the text, optimised, ready for differentiation."""
    return compiled(text).entry(name, Options(math="fast" if math == "fast" else "strict"))


def loops_of(text: str, name: str = "f") -> Function:
    """Its loops-level IR."""
    return entry_of(text, name).function
