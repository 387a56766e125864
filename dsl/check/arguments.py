"""Matching of arguments to parameters, and values to places of a declared type."""

from collections.abc import Callable, Sequence

from dpc.dsl import ast, typed
from dpc.dsl.check.broadcast import require_equal, require_shape, shape_text
from dpc.dsl.check.context import Body, Operand, Reported, describe
from dpc.dsl.check.convert import coerce
from dpc.dsl.errors.shapes import ShapeMismatch, WrongRank
from dpc.dsl.errors.types import TypeMismatch, WrongArguments
from dpc.dsl.habits import KEYWORDS
from dpc.dsl.resolve import nearest
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import ArrayType, RecordType, ScalarType, TupleType, Type, leaves, shape_of


def match_arguments(
    body: Body, node: ast.Call, names: Sequence[str], optional: set[str], signature: str
) -> dict[str, ast.Expr]:
    """Each parameter's argument, by name; parameters in `optional` may be absent."""

    def wrong(span: Span, problem: str) -> Reported:
        return body.error(WrongArguments(span=span, problem=problem, signature=signature))

    callee = node.callee.span.text
    if len(node.arguments) > len(names):
        extra = node.arguments[len(names)]
        count = f"{len(names)} argument{'' if len(names) == 1 else 's'}"
        raise wrong(extra.span, f"`{callee}` takes {count}, {len(node.arguments)} given")
    found: dict[str, ast.Expr] = dict(zip(names, node.arguments))
    for keyword in node.keywords:
        if keyword.name not in names:
            near = nearest(keyword.name, names)
            if KEYWORDS.get(keyword.name) in names:
                near = KEYWORDS[keyword.name]
            hint = f"; did you mean `{near}`?" if near else ""
            raise wrong(keyword.span, f"`{callee}` has no parameter `{keyword.name}`{hint}")
        if keyword.name in found:
            raise wrong(keyword.span, f"`{callee}` got `{keyword.name}` twice")
        found[keyword.name] = keyword.value
    missing = [name for name in names if name not in found and name not in optional]
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        raise wrong(node.span, f"`{callee}` needs {listed}")
    return found


def fit(body: Body, operand: Operand, expected: Type, what: str) -> typed.Expr:
    """The value for a place of this type: literals adapt, integers widen, shapes must agree."""
    match expected, operand.type:
        case ScalarType() as element, ScalarType():
            return coerce(body, operand, element, what)
        case ArrayType() as array, ArrayType() as found if array.rank == found.rank:
            value = coerce(body, operand, array.element, what)
            require_shape(body, array.shape, found.shape, operand.span, what)
            return value
        case ((ScalarType() | ArrayType()), (ScalarType() | ArrayType())):
            raise body.error(
                WrongRank(
                    span=operand.span,
                    what=what,
                    found=str(operand.type),
                    expected=describe(expected),
                    advice=_rank_advice(operand.type, expected),
                )
            )
        case RecordType() as record, RecordType() as found_record if (
            record.name == found_record.name and len(record.shape) == len(found_record.shape)
        ):
            _fit_record(body, record, found_record, operand.span, what)
            return operand.expr
        case TupleType() as tuple_, TupleType() as found_tuple if len(tuple_.items) == len(
            found_tuple.items
        ):
            return _fit_tuple(body, operand, tuple_, what)
        case _:
            comma = isinstance(operand.type, TupleType) and isinstance(expected, ScalarType)
            raise body.error(
                TypeMismatch(
                    span=operand.span,
                    what=what,
                    expected=str(expected),
                    found=str(operand.type),
                    advice="a `,` makes a tuple; decimals have a point" if comma else "",
                )
            )


def _rank_advice(found: Type, expected: Type) -> str:
    if isinstance(found, ScalarType) and isinstance(expected, ArrayType):
        return f"`full({shape_text(expected.shape)[1:-1]}, v)` makes an array of one value"
    if isinstance(found, ArrayType) and isinstance(expected, ScalarType):
        return "an element is `x[i]`; `sum(...)` makes one number of an array"
    return ""


def _fit_record(body: Body, expected: RecordType, found: RecordType, span: Span, what: str) -> None:
    wanted_extents = (*expected.shape, *expected.arguments)
    given_extents = (*found.shape, *found.arguments)
    for wanted, given in zip(wanted_extents, given_extents, strict=True):
        if not require_equal(body, wanted, given, span, f"a dimension of {what}"):
            raise body.error(
                ShapeMismatch(
                    span=span,
                    what=what,
                    left=str(expected),
                    right=str(found),
                    equation=f"{wanted} == {given}",
                )
            )


def parts(body: Body, operand: Operand) -> tuple[Operand, ...]:
    """The items of a tuple value, each usable once."""
    if operand.items:
        return operand.items
    assert isinstance(operand.type, TupleType)
    variables = [typed.Variable("_", t, operand.span) for t in operand.type.items]
    places = tuple(typed.Place(v, (), (), v.type, operand.span) for v in variables)
    body.emit(typed.Assign(span=operand.span, places=places, value=operand.expr))
    return tuple(Operand(typed.Read(type=v.type, span=operand.span, variable=v)) for v in variables)


def _fit_tuple(body: Body, operand: Operand, expected: TupleType, what: str) -> typed.Expr:
    if operand.type == expected and not operand.items:
        return operand.expr
    values = tuple(
        fit(body, item, wanted, f"item {i} of {what}")
        for i, (item, wanted) in enumerate(zip(parts(body, operand), expected.items))
    )
    return typed.MakeTuple(type=expected, span=operand.span, items=values)


def solve(
    body: Body,
    bindings: Sequence[typed.Binding],
    types: dict[str, Type],
    integer: Callable[[str], Poly],
    span: Span,
) -> dict[str, Poly]:
    """The callee's dimensions in the caller's terms, from the types of the arguments."""
    found: dict[str, Poly] = {}
    for binding in bindings:
        if not binding.parameter:
            found[binding.name] = integer(binding.name)
            continue
        leaf = next(
            (
                leaf
                for leaf in leaves(types[binding.parameter])
                if leaf.path == binding.leaf and len(shape_of(leaf.type)) > binding.axis
            ),
            None,
        )
        if leaf is None:  # another rank than declared: `fit` reports it
            continue
        rest = binding.rest.substitute({Dimension(n): p for n, p in found.items()})
        difference = shape_of(leaf.type)[binding.axis] - rest
        scale = binding.coefficient
        found[binding.name] = (difference if scale > 0 else -difference) // abs(scale)
    for poly in found.values():
        body.use(poly, span, "an argument")
    return found
