"""Extent bindings and shape checks, as statements and in front of expressions."""

from dataclasses import replace

from dpc.compiler.dialects import arith, cf
from dpc.compiler.ir.types import INDEX
from dpc.compiler.lowering.assignments import lower_assign
from dpc.compiler.lowering.extents import extent_value, run_time_extent
from dpc.compiler.lowering.reductions import check_not_empty
from dpc.compiler.lowering.scope import Leaves, Scope
from dpc.dsl import typed


def escaped(text: str) -> str:
    """The text inside a `str.format` template."""
    return text.replace("{", "{{").replace("}", "}}")


def bind_extent(scope: Scope, stmt: typed.BindExtent) -> None:
    """A run-time extent gets its value."""
    value = scope.index(stmt.value)
    if stmt.is_extent:
        holds = scope.emit(arith.CmpI("sge", value, scope.constant(0, INDEX)))
        scope.check(holds, "extent", "an extent must not be negative, this one is {}", value)
    scope.known_polynomials[run_time_extent(stmt.key)] = value


def shape_check(scope: Scope, stmt: typed.ShapeCheck) -> None:
    """Two extents must be equal."""
    if stmt.left in scope.result_dimensions:
        stmt = replace(stmt, left=stmt.right, right=stmt.left)
    if stmt.right in scope.result_dimensions:
        _result_extent(scope, stmt)
        return
    left, right = scope.extent(stmt.left), scope.extent(stmt.right)
    holds = scope.emit(arith.CmpI("eq", left, right))
    texts = (escaped(t) for t in (stmt.what, str(stmt.left), str(stmt.right)))
    message = "{}: {} is {{}}, {} is {{}}".format(*texts)
    scope.check(holds, "shape", message, left, right)


def not_empty(scope: Scope, stmt: typed.NotEmpty) -> None:
    """An extent must be at least 1."""
    if stmt.extent.value is None or stmt.extent.value < 1:
        check_not_empty(scope, stmt.what, scope.extent(stmt.extent))


def _result_extent(scope: Scope, stmt: typed.ShapeCheck) -> None:
    """The value returned determines the extent: it is what the caller gave, or learns from it."""
    value = scope.extent(stmt.left)
    given = extent_value(scope, stmt.right) if stmt.right in scope.known_polynomials else None
    if given is None:
        scope.known_polynomials[stmt.right] = value
        return
    holds = scope.emit(arith.CmpI("eq", value, given))
    scope.check(holds, "result", cf.result_message(str(stmt.right)), value, given)


def lower_guarded(scope: Scope, node: typed.Expr) -> Leaves:
    """A value after the statements it needs."""
    assert isinstance(node, typed.Guarded)
    for stmt in node.prelude:
        with scope.builder.at(stmt.span):
            match stmt:
                case typed.BindExtent():
                    bind_extent(scope, stmt)
                case typed.ShapeCheck():
                    shape_check(scope, stmt)
                case typed.NotEmpty():
                    not_empty(scope, stmt)
                case typed.Assign():
                    lower_assign(scope, stmt)
                case _:
                    raise AssertionError(f"{stmt} in a prelude")
    return scope.leaves(node.value)
