"""Arguments that name axes: constants, negative ones counted from the end, given by keyword."""

from dpc.dsl import ast, typed
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.context import Body
from dpc.dsl.errors.shapes import BadAxis
from dpc.dsl.errors.types import NotConstant, WrongArguments


def keyword_only(body: Body, builtin: Builtin, node: ast.Call, positional: int) -> None:
    """Refuse more than so many positional arguments where what follows is given by keyword."""
    if len(node.arguments) > positional:
        raise body.error(
            WrongArguments(
                span=node.arguments[positional].span,
                problem=f"`axis` of `{builtin.name}` is given by keyword",
                signature=builtin.signature,
            )
        )


def constant_axes(body: Body, node: ast.Expr, rank: int, found: str) -> tuple[int, ...]:
    """One axis or a tuple of different ones, as numbers from 0, in the order given."""
    nodes = node.items if isinstance(node, ast.TupleDisplay) else (node,)
    axes: list[int] = []
    for item in nodes:
        expr = body.operand(item).expr
        if not isinstance(expr, typed.Constant) or type(expr.value) is not int:
            raise body.error(NotConstant(span=item.span, what="`axis`"))
        axis = expr.value
        if not -rank <= axis < rank or axis % rank in axes:
            raise body.error(
                BadAxis(span=item.span, axis=axis, found=found, lowest=-rank, highest=rank - 1)
            )
        axes.append(axis % rank)
    return tuple(axes)


def constant_axis(body: Body, node: ast.Expr, rank: int, found: str) -> int:
    """One axis."""
    if isinstance(node, ast.TupleDisplay):
        raise body.error(NotConstant(span=node.span, what="`axis`, one integer,"))
    return constant_axes(body, node, rank, found)[0]


def constant_flag(body: Body, node: ast.Expr, name: str) -> bool:
    """`True` or `False`, known at compile time."""
    expr = body.operand(node).expr
    if not isinstance(expr, typed.Constant) or not isinstance(expr.value, bool):
        raise body.error(NotConstant(span=expr.span, what=f"`{name}`"))
    return expr.value
