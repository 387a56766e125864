"""Calls of reductions, over arrays and generators."""

from dpc.dsl import ast, typed
from dpc.dsl.builtins import Builtin
from dpc.dsl.builtins.reductions import GENERATOR_REDUCTIONS
from dpc.dsl.check.arguments import match_arguments
from dpc.dsl.check.axes import constant_axes, constant_flag, keyword_only
from dpc.dsl.check.comprehensions import generator, reduced_element
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import constant, convert, element, elementwise, value_of
from dpc.dsl.check.elementwise import extremum, float_function, where
from dpc.dsl.check.linear import matmul
from dpc.dsl.check.operators import binary
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import WrongArguments, WrongOperand
from dpc.dsl.shapes import ONE
from dpc.dsl.source import Span
from dpc.dsl.types import BOOL, F64, I64, ArrayType, shape_of, with_shape

Axes = tuple[int, ...] | None


def _operand_and_axes(body: Body, builtin: Builtin, node: ast.Call) -> tuple[Operand, Axes, bool]:
    """The array of a reduction, its axes (None: all) and `keepdims`."""
    keyword_only(body, builtin, node, 1)
    names = ("x", "axis", "keepdims")
    given = match_arguments(body, node, names, {"axis", "keepdims"}, builtin.signature)
    operand = body.operand(given["x"])
    axes: Axes = None
    if not isinstance(operand.type, ArrayType):
        raise body.error(
            WrongOperand(
                span=operand.span,
                operation=builtin.name,
                expected="an array or a generator",
                found=str(operand.type),
            )
        )
    if "axis" in given:
        axes = tuple(
            sorted(constant_axes(body, given["axis"], operand.type.rank, str(operand.type)))
        )
    keepdims = False
    if "keepdims" in given:
        keepdims = constant_flag(body, given["keepdims"], "keepdims")
    return operand, axes, keepdims


def reduce(
    body: Body, kind: str, operand: Operand, axes: Axes, keepdims: bool, span: Span
) -> Operand:
    """The reduction node."""
    expr, weak = reduced_element(body, kind, operand)
    assert isinstance(expr.type, ArrayType)
    chosen = tuple(range(expr.type.rank)) if axes is None else axes
    shape = tuple(
        ONE if i in chosen else extent
        for i, extent in enumerate(expr.type.shape)
        if keepdims or i not in chosen
    )
    type_ = with_shape(expr.type.element, shape)
    made = typed.Reduce(
        type=type_, span=span, kind=kind, operand=expr, axes=chosen, keepdims=keepdims
    )
    return Operand(made, weak)


def _generator_of(node: ast.Call) -> ast.Comprehension | None:
    if len(node.arguments) == 1 and not node.keywords:
        only = node.arguments[0]
        if isinstance(only, ast.Comprehension) and not only.is_list:
            return only
    return None


def _reduce(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    over = _generator_of(node)
    if over is not None:
        if builtin.name not in GENERATOR_REDUCTIONS:
            raise body.error(NotSupported(span=node.span, what=f"`{builtin.name}` of a generator"))
        return generator(body, builtin.name, over, node.span)
    operand, axes, keepdims = _operand_and_axes(body, builtin, node)
    return reduce(body, builtin.name, operand, axes, keepdims, node.span)


def _extremum(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    if len(node.arguments) < 2:
        return _reduce(body, builtin, node)
    if node.keywords:
        raise body.error(
            WrongArguments(
                span=node.keywords[0].span,
                problem=f"`{builtin.name}` of several values has no keywords",
                signature=builtin.signature,
            )
        )
    return extremum(body, builtin.name, body.operands(node.arguments), node.span)


def _as_float(body: Body, operand: Operand) -> Operand:
    if element(operand).is_float:
        return operand
    return Operand(convert(operand.expr, F64), weak=True)


def _once(body: Body, operand: Operand) -> Operand:
    """The operand, read twice and computed once."""
    if isinstance(operand.expr, (typed.Read, typed.Constant)):
        return operand
    return Operand(body.temporary(operand.expr), operand.weak)


def _spread(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """var(x) = mean((x - mean(x))**2); std is its root."""
    operand, axes, keepdims = _operand_and_axes(body, builtin, node)
    x = _once(body, _as_float(body, operand))
    span = node.span
    centre = reduce(body, "mean", x, axes, True, span)
    difference = binary(body, "sub", x, centre, span, "-")
    two = constant(2, I64, span)
    square = binary(body, "pow", difference, Operand(two, True, two.poly), span, "**")
    variance = reduce(body, "mean", square, axes, keepdims, span)
    if builtin.name == "var":
        return variance
    return _root(body, variance, span)


def _root(body: Body, squares: Operand, span: Span) -> Operand:
    """The root of a sum of squares: where it is 0, so are all its derivatives."""
    total = _once(body, squares)
    type_ = value_of(body, total, "a root")
    precision = element(total)
    zero, one = (Operand(constant(v, precision, span), weak=True) for v in (0.0, 1.0))
    test = Operand(
        elementwise(body, "eq", (total.expr, zero.expr), with_shape(BOOL, shape_of(type_)), span)
    )
    safe = where(body, "where", [test, one, total], span)
    root = float_function(body, "sqrt", [safe], span)
    return where(body, "where", [test, zero, root], span)


def _norm(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """norm(x) = sqrt(sum(x**2))."""
    operand, axes, keepdims = _operand_and_axes(body, builtin, node)
    two = constant(2, I64, node.span)
    square = binary(
        body, "pow", _as_float(body, operand), Operand(two, True, two.poly), node.span, "**"
    )
    total = reduce(body, "sum", square, axes, keepdims, node.span)
    return _root(body, total, node.span)


def _softmax(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    """softmax(x) = exp(x - logsumexp(x)), along the last axis."""
    operand, axes, _ = _operand_and_axes(body, builtin, node)
    x = _once(body, _as_float(body, operand))
    assert isinstance(x.type, ArrayType)
    chosen = axes if axes is not None else (x.type.rank - 1,)
    total = reduce(body, "logsumexp", x, chosen, True, node.span)
    return float_function(body, "exp", [binary(body, "sub", x, total, node.span, "-")], node.span)


def _dot(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    given = match_arguments(body, node, ("a", "b"), set(), builtin.signature)
    left, right = body.operands((given["a"], given["b"]))
    return matmul(body, left, right, node.span, "dot")


REDUCTIONS = {
    "reduce": _reduce,
    "min": _extremum,
    "max": _extremum,
    "spread": _spread,
    "norm": _norm,
    "softmax": _softmax,
    "dot": _dot,
}
