"""The built-in functions: name, signature, documentation. `BUILTINS` is the one list of them."""

from dpc.dsl.builtins.advanced import ADVANCED
from dpc.dsl.builtins.arrays import ARRAYS
from dpc.dsl.builtins.constants import CONSTANTS
from dpc.dsl.builtins.elementwise import ELEMENTWISE
from dpc.dsl.builtins.entry import Builtin
from dpc.dsl.builtins.language import LANGUAGE
from dpc.dsl.builtins.linear_algebra import LINEAR_ALGEBRA
from dpc.dsl.builtins.reductions import REDUCTIONS

BUILTINS: dict[str, Builtin] = {
    builtin.name: builtin
    for group in (LANGUAGE, CONSTANTS, ELEMENTWISE, REDUCTIONS, ARRAYS, LINEAR_ALGEBRA, ADVANCED)
    for builtin in group
}

__all__ = ["BUILTINS", "Builtin"]
