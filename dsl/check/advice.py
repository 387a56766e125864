"""What to do about a value that does not fit, in words, from how it is written."""

from dpc.dsl import typed
from dpc.dsl.check.context import Operand
from dpc.dsl.types import ArrayType, ScalarType


def as_integer(operand: Operand) -> str:
    """How to make an integer of a float."""
    expr, text = operand.expr, operand.text
    if not isinstance(operand.type, ScalarType) or not operand.type.is_float:
        return ""
    if isinstance(expr, typed.Constant):
        whole = float(expr.value).is_integer()
        return f"write `{int(expr.value)}`" if whole else ""
    divides = isinstance(expr, typed.Elementwise) and expr.name == "div"
    if divides and text.count("/") == 1:
        return f"`//` divides integers: `{text.replace('/', '//')}`"
    return f"`i64({text})` truncates"


def as_condition(operand: Operand) -> str:
    """How to make a bool."""
    if isinstance(operand.type, ArrayType):
        return "`any(...)` or `all(...)` makes one bool of an array; `where` chooses by element"
    if not isinstance(operand.type, ScalarType):
        return ""
    if isinstance(operand.expr, typed.Constant):
        return f"write `{bool(operand.expr.value)}`"
    return f"compare it: `{operand.text} != {'0.0' if operand.type.is_float else '0'}`"


def as_bits(operand: Operand, operator: str) -> str:
    """What was meant by `&`, `|` or `^` of a float."""
    if operator == "^":
        return "the power is `**`"
    if operator not in ("&", "|"):
        return ""
    word = {"&": "and", "|": "or"}[operator]
    return (
        f"`{operator}` binds more tightly than comparisons: write `{word}`, or for arrays "
        f"`(a < b) {operator} (b < c)`"
    )
