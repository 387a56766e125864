"""The extents of a result that only the value returned tells, as a function of their own.

A function that returns at several places can't return arrays and their extents together, since
arrays don't leave blocks. Its callers ask first for the extents alone, then for the value.
"""

from dataclasses import replace

from dpc.dsl import typed
from dpc.dsl.diagnostics import InternalError
from dpc.dsl.shapes import linear
from dpc.dsl.types import I64, Leaf, TupleType, leaves, shape_of


def extents_function(function: typed.Function) -> typed.Function:
    """The function that returns the result dimensions, in their order, and nothing else; without
    its prints.
    """
    return typed.Function(
        name=f"{function.name}.extents",
        span=function.span,
        doc=None,
        parameters=function.parameters,
        result=TupleType((I64,) * len(function.result_dimensions)),
        bindings=function.bindings,
        body=_rewritten(function, function.body),
        module=function.module,
    )


def _rewritten(function: typed.Function, body: tuple[typed.Stmt, ...]) -> tuple[typed.Stmt, ...]:
    made: list[typed.Stmt] = []
    for stmt in body:
        match stmt:
            case typed.Print():
                continue
            case typed.ShapeCheck(left=left, right=right) if any(
                linear(side, function.result_dimensions) for side in (left, right)
            ):
                continue
            case typed.Return():
                made.append(_extents(function, stmt))
            case typed.If(then=then, otherwise=otherwise):
                branches = (_rewritten(function, then), _rewritten(function, otherwise))
                made.append(replace(stmt, then=branches[0], otherwise=branches[1]))
            case typed.For() | typed.While():
                made.append(replace(stmt, body=_rewritten(function, stmt.body)))
            case _:
                made.append(stmt)
    return tuple(made)


def _extents(function: typed.Function, stmt: typed.Return) -> typed.Return:
    """The return of the dimensions that the value returned tells."""
    assert stmt.value is not None
    assert function.result is not None
    pairs = [
        (declared, found)
        for left, right in zip(leaves(function.result), _found(stmt.value), strict=True)
        for declared, found in zip(shape_of(left.type), shape_of(right.type), strict=True)
    ]
    items: list[typed.Expr] = []
    for name in function.result_dimensions:
        solved = ((linear(declared, {name}), found) for declared, found in pairs)
        row = next(((s, found) for s, found in solved if s is not None), None)
        if row is None:
            raise InternalError(f"{stmt.span}: no extent tells {name}")
        (_, coefficient, rest), found = row
        value: typed.Expr = typed.Extent(type=I64, span=stmt.span, poly=found - rest)
        if coefficient != 1:
            step = typed.Constant(type=I64, span=stmt.span, value=coefficient)
            value = typed.Elementwise(
                type=I64, span=stmt.span, name="floordiv", operands=(value, step)
            )
        items.append(value)
    whole = typed.MakeTuple(type=TupleType((I64,) * len(items)), span=stmt.span, items=tuple(items))
    return replace(stmt, value=whole)


def _found(value: typed.Expr) -> list[Leaf]:
    """The leaves of a value in its own extents; a tuple's type is that of the result already."""
    if isinstance(value, typed.MakeTuple):
        return [leaf for item in value.items for leaf in _found(item)]
    return list(leaves(value.type))
