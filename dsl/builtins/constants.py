"""Built-in constants; each adapts to the float type around it, like a literal."""

import math

from dpc.dsl.builtins.entry import Builtin

VALUES = {"pi": math.pi, "inf": math.inf, "nan": math.nan}

CONSTANTS = (
    Builtin("pi", "constants", "pi", "The circle's circumference over its diameter.", "constant"),
    Builtin("inf", "constants", "inf", "Positive infinity.", "constant"),
    Builtin("nan", "constants", "nan", "Not a number.", "constant"),
)
