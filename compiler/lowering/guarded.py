"""Extent bindings and shape checks, as statements and in front of expressions."""

from dpc.compiler.dialects import arith, cf
from dpc.compiler.ir.types import INDEX
from dpc.compiler.lowering.assignments import lower_assign
from dpc.compiler.lowering.extents import run_time_extent
from dpc.compiler.lowering.reductions import check_not_empty
from dpc.compiler.lowering.scope import Leaves, Scope
from dpc.dsl import typed
from dpc.dsl.shapes import Poly, linear


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
    for declared, value in ((stmt.right, stmt.left), (stmt.left, stmt.right)):
        solved = linear(declared, scope.result_dimensions)
        if solved is not None:
            _result_extent(scope, solved, value, stmt.what)
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


def _result_extent(scope: Scope, solved: tuple[str, int, Poly], extent: Poly, what: str) -> None:
    """The value returned determines a dimension, of which an extent is coefficient * name + rest:
    it is what the caller gave, or learns from it.
    """
    name, coefficient, rest = solved
    value = scope.extent(extent - rest)
    if coefficient != 1 or rest.terms:
        step, zero = scope.constant(coefficient, INDEX), scope.constant(0, INDEX)
        whole = scope.emit(arith.FloorDivSI(value, step))
        exact = scope.emit(arith.CmpI("eq", scope.emit(arith.MulI(whole, step)), value))
        found = scope.emit(arith.AndI(exact, scope.emit(arith.CmpI("sge", whole, zero))))
        declared = Poly.constant(coefficient) * Poly.dimension(name) + rest
        texts = (escaped(t) for t in (what, str(extent), str(declared), name))
        message = "{}: {} is {{}}, which is {} for no {}".format(*texts)
        scope.check(found, "shape", message, scope.extent(extent))
        value = whole
    dimension = Poly.dimension(name)
    given = scope.known_polynomials.get(dimension)
    if given is None:
        scope.known_polynomials[dimension] = value
        return
    holds = scope.emit(arith.CmpI("eq", value, given))
    scope.check(holds, "result", cf.result_message(name), value, given)


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
