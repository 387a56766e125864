"""Calls of the module's functions with checked arguments."""

from collections.abc import Iterator

from dpc.dsl import typed
from dpc.dsl.check.arguments import fit, parts, solve
from dpc.dsl.check.context import Body, Operand, dimensions_of, extents_of
from dpc.dsl.check.lifting import lifted_call, lifts
from dpc.dsl.check.precision import function_at
from dpc.dsl.errors.types import NotConstant
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import TupleType, substitute


def call_function(
    body: Body, function: typed.Function, operands: dict[str, Operand], span: Span
) -> Operand:
    """The call with these arguments by name; defaults stand for those left out."""
    function = function_at(body, function, operands)
    if lifts(function, operands):
        return lifted_call(body, function, operands, span)
    dimensions = solve(
        body,
        function.bindings,
        {name: operand.type for name, operand in operands.items()},
        lambda name: _integer_argument(body, function, operands, name, span),
        span,
    )
    for name in function.result_dimensions:
        dimensions[name] = told(body, name, span)
    mapping = {Dimension(name): poly for name, poly in dimensions.items()}
    arguments: list[typed.Expr] = []
    for parameter in function.parameters:
        if parameter.name not in operands:
            assert parameter.default is not None
            arguments.append(parameter.default)
            continue
        expected = substitute(parameter.type, mapping)
        what = f"argument `{parameter.name}` of `{function.name}`"
        label = f"the parameter is `{parameter.type}`, declared here"
        bound = _bound_elsewhere(function, parameter, operands, dimensions)
        with body.because(parameter.variable.span, label, bound):
            arguments.append(fit(body, operands[parameter.name], expected, what))
    result = TupleType(()) if function.result is None else substitute(function.result, mapping)
    call = typed.Call(
        type=result,
        span=span,
        function=function,
        arguments=tuple(arguments),
        dimensions=dimensions,
    )
    return called_before(body, call) if function.result_dimensions else Operand(call)


def _bound_elsewhere(
    function: typed.Function,
    parameter: typed.Parameter,
    operands: dict[str, Operand],
    dimensions: dict[str, Poly],
) -> Iterator[tuple[Span, str]]:
    """The other arguments that give the parameter's dimensions their values."""
    wanted = {name for extent in extents_of(parameter.type) for name in dimensions_of(extent)}
    for binding in function.bindings:
        by = binding.parameter or binding.name
        if binding.name in wanted and by != parameter.name and by in operands:
            yield operands[by].span, f"`{binding.name}` is {dimensions[binding.name]} by this"


def told(body: Body, name: str, span: Span) -> Poly:
    """A dimension that the value of a call tells."""
    text = " ".join(span.text.split())
    return Poly.atom(body.fresh(f"`{name}` of `{text}`"))


def called_before(body: Body, call: typed.Call) -> Operand:
    """The call tells the extents of its result, so it comes before all that has to know them."""
    if not isinstance(call.type, TupleType):
        return Operand(body.temporary(call))
    items = parts(body, Operand(call))
    values = tuple(item.expr for item in items)
    whole = typed.MakeTuple(type=call.type, span=call.span, items=values)
    return Operand(whole, items=items)


def _integer_argument(
    body: Body,
    function: typed.Function,
    operands: dict[str, Operand],
    name: str,
    span: Span,
) -> Poly:
    """The value of an integer parameter that is a dimension too."""
    if name in operands:
        return body.bind(operands[name])
    default = next(p.default for p in function.parameters if p.name == name)
    if default is None:
        raise body.error(NotConstant(span=span, what=f"`{name}`"))
    return Poly.constant(int(default.value))


def signature_text(function: typed.Function) -> str:
    """`def f(x: f64[n]) -> f64`."""
    listed = ", ".join(f"{p.name}: {p.type}" for p in function.parameters)
    result = f" -> {function.result}" if function.result is not None else ""
    return f"def {function.name}({listed}){result}"
