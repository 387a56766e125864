"""`cf`: run-time checks."""

from collections.abc import Sequence
from string import Formatter

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import F64, I1, I64, INDEX
from dpc.compiler.ir.verify_error import require

# "result": an extent that the value returned determines is not what the caller gave.
KINDS = (
    "bounds",
    "shape",
    "assert",
    "convert",
    "divide",
    "power",
    "empty",
    "extent",
    "budget",
    "singular",
    "result",
    "depth",
    "nonfinite",
)
TOO_DEEP = "the recursion is too deep: {} calls are open and there is no room for another"
_RESULT = "the extent `{}` of the result is {{}}, not {{}}"


def result_message(name: str) -> str:
    """The message of a check of kind "result"; it reports the extent and what was given."""
    return _RESULT.format(name)


def result_name(message: str) -> str:
    """The dimension that such a message is about."""
    return message.split("`")[1]


def failure_text(kind: str, message: str, values: Sequence[object]) -> str:
    """What a failed check says, with the values that it reports."""
    text = message.format(*values)
    if kind == "bounds" and any(isinstance(v, int) and v < 0 for v in values):
        return f"{text}; only negative constants count from the end"
    return text


@operation("cf.assert")
class Assert(Op):
    """Leave the function with an error unless `condition` holds.

    `message` is a `str.format` template with one `{}` for each of `values` (i64, index, i1 or f64).
    `kind` (see KINDS) chooses the exception; the span names the line. A side effect: checks keep
    their order among themselves and with respect to stores visible outside.
    """

    condition: Value
    values: tuple[Value, ...]
    kind: str
    message: str

    def verify(self) -> None:
        require(self, self.condition.type == I1, "the condition is i1")
        require(self, self.kind in KINDS, "a known kind")
        places = sum(name is not None for _, name, _, _ in Formatter().parse(self.message))
        require(self, places == len(self.values), "the message has one place for each value")
        reported = (I64, INDEX, I1, F64)
        require(self, all(v.type in reported for v in self.values), "reported values are scalars")


OPS: tuple[type[Op], ...] = (Assert,)
