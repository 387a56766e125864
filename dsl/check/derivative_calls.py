"""Calls of `jvp` and `vjp`; the other operators yield functions (`closures`)."""

from collections.abc import Callable, Sequence

from dpc.dsl import ast
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.closures import apply, call_closure, function_value
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.derivatives import (
    Differentiated,
    Part,
    against,
    along,
    differentiated,
    float_parts,
    tuple_of,
)
from dpc.dsl.check.derived_templates import bound, takes_functions
from dpc.dsl.errors.functions import NotAFunction
from dpc.dsl.errors.names import NotAValue


def _arguments(
    body: Body, builtin: Builtin, node: ast.Call
) -> tuple[Differentiated, list[Part], ast.Expr, bool]:
    """The call that `jvp` or `vjp` differentiates, by what, and the seed; whether the arguments
    stand in a tuple.
    """
    given = match_arguments(body, node, builtin.parameters, set(), builtin.signature)
    function, primals, seed = (given[name] for name in builtin.parameters)
    value = function_value(body, function)
    if value is None:
        found = str(body.operand(function).type)
        raise body.error(NotAFunction(span=function.span, what=f"`{builtin.name}`", found=found))
    several = isinstance(primals, ast.TupleDisplay)
    items: Sequence[ast.Expr] = (primals,)
    if isinstance(primals, ast.TupleDisplay):
        items = primals.items
    if takes_functions(value):
        call = ast.Call(span=node.span, callee=function, arguments=tuple(items), keywords=())
        value, items = bound(body, value, call, function_value, call_closure)
    made = differentiated(body, value, body.operands(items), node.span, apply)
    return made, float_parts(body, made), seed, several


def _jvp(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """`jvp(f, (x, y), (dx, dy))`: (value, tangent)."""
    made, wrt, seed, _ = _arguments(body, builtin, node)
    tangents = seed.items if isinstance(seed, ast.TupleDisplay) else (seed,)
    return tuple_of(along(body, made, wrt, body.operands(tangents)), node.span)


def _vjp(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """`vjp(f, (x, y), ct)`: (value, (ct_x, ct_y)), without the inner tuple for `vjp(f, x, ct)`."""
    made, wrt, seed, several = _arguments(body, builtin, node)
    value, gradients = against(body, made, wrt, body.operand(seed))
    both = tuple_of(gradients, node.span) if several or len(gradients) > 1 else gradients[0]
    return tuple_of((value, both), node.span)


def _needs_call(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    name, first = builtin.name, node.arguments[0] if node.arguments else None
    if isinstance(first, ast.Call) and function_value(body, first) is None:
        function = first.callee.span.text
        given = ", ".join(a.span.text for a in first.arguments)
    else:
        function = first.span.text if first is not None else "f"
        given = ", ".join(a.span.text for a in node.arguments[1:]) or "..."
    advice = f"it is a function: call it with the arguments, `{name}({function})({given})`"
    raise body.error(NotAValue(span=node.span, kind="function", name=name, advice=advice))


DERIVATIVES: dict[str, Callable[[Body, Builtin, ast.Call], Operand]] = {
    "jvp": _jvp,
    "vjp": _vjp,
    "operator": _needs_call,
}
