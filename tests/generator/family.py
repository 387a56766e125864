"""A family of forms: the expressions and statements that one part of the language adds.

A form writes one expression or statement by the choices of the writer, and returns None (writes
nothing) where the scope lacks what it needs. What forms promise: floats stay below about 100 in
magnitude for inputs in [-2, 2], indices are in bounds where every dimension is at least 1, loops
end soon.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.generator.scope import Scope, Shape

if TYPE_CHECKING:
    from tests.generator.statements import Writer

FloatForm = Callable[["Writer", Scope, int], str | None]
ArrayForm = Callable[["Writer", Scope, Shape, int], str | None]
Statement = Callable[["Writer", Scope, int], None]


@dataclass(frozen=True)
class Family:
    """Forms, and the definitions that they need.

    `kinks`: derivatives may jump. `python`: Python can run the text. `cut`: derivatives are not
    those of the value. `exact`: the interpreter's bits are those of native code. `modules`: names
    and texts of what the definitions import; with any, the program itself is in two files.
    """

    name: str
    prelude: str = ""
    floats: tuple[FloatForm, ...] = ()
    arrays: tuple[ArrayForm, ...] = ()
    statements: tuple[Statement, ...] = ()
    kinks: bool = False
    python: bool = True
    cut: bool = False
    exact: bool = True
    modules: tuple[tuple[str, str], ...] = ()
    tolerance: float = 1e-9
