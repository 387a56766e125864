"""`grad`, `value_and_grad`, `jvp`, `vjp`, `jacobian`, `hessian`, `hvp` inside the language.

Everything is made of one node, the derivative of a call (`typed.Derivative`) along tangents or for
a cotangent. A derivative that is itself differentiated, and a Jacobian, are functions written in
the language around it (`derived_source`), so that derivatives nest to any depth.

`apply` is the call of a function value with checked arguments (`closures.apply`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dpc.dsl import ast, typed
from dpc.dsl.check.arguments import fit, parts
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.derived_source import GENERATED, forwarding_source
from dpc.dsl.check.function_values import (
    Along,
    Bound,
    Closure,
    Derived,
    FunctionValue,
    Named,
    captured,
    name_of,
)
from dpc.dsl.check.headers import is_callable
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.differentiability import (
    AskedTwice,
    NoFloats,
    NothingToDifferentiate,
    UnknownParameter,
)
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import WrongArguments
from dpc.dsl.parse import parse
from dpc.dsl.source import Source, Span
from dpc.dsl.types import (
    RecordType,
    TupleType,
    Type,
    element_of,
    leaves,
)

Apply = Callable[[Body, FunctionValue, Sequence[Operand], Span], Operand]
Part = tuple[int, tuple[str, ...]]


def parameter_names(value: FunctionValue) -> tuple[str, ...]:
    """A function's own names of its parameters that are values; () where it has none."""
    match value:
        case Named():
            return tuple(p.name for p in value.function.parameters)
        case Closure():
            parameters = value.definition.parameters
            return tuple(p.name for p in parameters if not is_callable(p.annotation))
        case Bound():
            return parameter_names(value.value)
        case Derived():
            own = parameter_names(value.value)
            return (*own, *directions(value)) if own and value.operator == "hvp" else own
        case _:
            return ()


def directions(value: Derived) -> tuple[str, ...]:
    """The names of what a Hessian is multiplied by: `v`, or one for each part."""
    wrt = value.wrt if value.several else None
    return ("v",) if wrt is None else tuple(f"v_{path.replace('.', '_')}" for path in wrt)


# --- what to differentiate by ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Differentiated:
    """A call that is differentiated: its function, and the types of the arguments as written."""

    value: FunctionValue
    call: typed.Call
    span: Span

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters, for messages."""
        known = parameter_names(self.value)
        return known or tuple(f"x{i}" for i in range(len(self.call.arguments)))

    @property
    def own(self) -> tuple[typed.Expr, ...]:
        """The arguments, without what was captured."""
        names = parameter_names(self.value)
        return self.call.arguments[: len(names)] if names else self.call.arguments

    def type_of(self, part: Part) -> Type:
        """The type of a part of the arguments."""
        type_: Type | None = self.call.arguments[part[0]].type
        for name in part[1]:
            assert isinstance(type_, RecordType)
            type_ = type_.field(name)
        assert type_ is not None
        return type_


def holds_floats(type_: Type) -> bool:
    """True if some leaf is a float."""
    return any(element_of(leaf.type).is_float for leaf in leaves(type_))


def float_parts(body: Body, made: Differentiated) -> list[Part]:
    """Every parameter that holds floats."""
    found: list[Part] = [(i, ()) for i, e in enumerate(made.own) if holds_floats(e.type)]
    if not found:
        name = name_of(made.value)
        raise body.error(NothingToDifferentiate(span=made.span, function=name, what="parameter"))
    return found


def named_part(body: Body, made: Differentiated, path: str) -> Part:
    """The part of the arguments that `m.w` names."""
    root, *fields = path.split(".")
    names, function = parameter_names(made.value), name_of(made.value)
    if root not in names[: len(made.own)]:
        raise body.error(
            UnknownParameter(span=made.span, function=function, name=root, known=names)
        )
    position = names.index(root)
    type_: Type | None = made.own[position].type
    for name in fields:
        known = tuple(n for n, _ in type_.fields) if isinstance(type_, RecordType) else ()
        type_ = type_.field(name) if isinstance(type_, RecordType) else None
        if type_ is None:
            raise body.error(
                UnknownParameter(span=made.span, function=function, name=path, known=known)
            )
    if type_ is None or not holds_floats(type_):
        raise body.error(NoFloats(span=made.span, function=function, name=path))
    return position, tuple(fields)


def selected(body: Body, made: Differentiated, wrt: tuple[str, ...] | None) -> list[Part]:
    """The parts that `wrt` names; by default the first parameter that holds floats."""
    if wrt is None:
        return float_parts(body, made)[:1]
    found: list[Part] = []
    for path in wrt:
        position, fields = named_part(body, made, path)
        for other, inner in found:
            shared = min(len(fields), len(inner))
            if other == position and fields[:shared] == inner[:shared]:
                function = name_of(made.value)
                raise body.error(AskedTwice(span=made.span, function=function, name=path))
        found.append((position, fields))
    return found


def wrt_of(body: Body, node: ast.Expr) -> tuple[tuple[str, ...], bool]:
    """The names that a `wrt=` argument lists, and whether they stand in a tuple."""
    if isinstance(node, ast.TupleDisplay) and node.items:
        return tuple(wrt_of(body, item)[0][0] for item in node.items), True
    if isinstance(node, ast.Text):
        return (node.value,), False
    if isinstance(node, ast.Name | ast.Attribute):
        return ("".join(node.span.text.split()),), False
    problem = "`wrt` takes parameters of the function, or fields of them"
    raise body.error(
        WrongArguments(span=node.span, problem=problem, signature='wrt=x, wrt="m.w", wrt=(x, y)')
    )


# --- the two derivatives --------------------------------------------------------------------


def differentiated(
    body: Body, value: FunctionValue, operands: Sequence[Operand], span: Span, apply: Apply
) -> Differentiated:
    """The call whose derivative is meant."""
    inner = value
    while isinstance(inner, Bound):
        inner = inner.value
    if isinstance(inner, Derived | Along):
        text = forwarding_source(len(operands))
        names = parameter_names(inner)
        inner = written_function(body, text, (("_f", inner),), names)
    call = _call_of(body, apply(body, inner, operands, span))
    if call is None:
        what = f"the derivative of `{name_of(value)}` applied elementwise"
        raise body.error(NotSupported(span=span, what=what))
    if not holds_floats(call.type):
        raise body.error(NothingToDifferentiate(span=span, function=name_of(value), what="result"))
    return Differentiated(inner, call, span)


def _call_of(body: Body, operand: Operand) -> typed.Call | None:
    """The call that an operand is, or that was just made for it to tell its extents."""
    if isinstance(operand.expr, typed.Call):
        return operand.expr
    last = body.blocks[-1].statements[-1] if body.blocks[-1].statements else None
    made = last.value if isinstance(last, typed.Assign) else None
    known = isinstance(made, typed.Call) and bool(made.function.result_dimensions)
    return made if known and isinstance(made, typed.Call) else None


def along(
    body: Body, made: Differentiated, wrt: list[Part], tangents: Sequence[Operand]
) -> tuple[Operand, Operand]:
    """The value and its tangent."""
    types = [made.type_of(part) for part in wrt]
    if len(tangents) != len(types):
        problem = f"{len(types)} tangents are needed, one for each parameter; {len(tangents)} given"
        signature = "jvp(f, (x, y), (dx, dy))"
        raise body.error(WrongArguments(span=made.span, problem=problem, signature=signature))
    seeds = tuple(fit(body, t, type_, "a tangent") for t, type_ in zip(tangents, types))
    type_ = TupleType((made.call.type, made.call.type))
    value, tangent = _parts(body, made, "jvp", type_, wrt, seeds)
    return value, tangent


def against(
    body: Body, made: Differentiated, wrt: list[Part], cotangent: Operand
) -> tuple[Operand, tuple[Operand, ...]]:
    """The value, and the gradient of each part for a cotangent of the value."""
    seed = fit(body, cotangent, made.call.type, "the cotangent")
    type_ = TupleType((made.call.type, *(made.type_of(part) for part in wrt)))
    value, *gradients = _parts(body, made, "vjp", type_, wrt, (seed,))
    return value, tuple(gradients)


def _parts(
    body: Body,
    made: Differentiated,
    mode: str,
    type_: TupleType,
    wrt: list[Part],
    seeds: tuple[typed.Expr, ...],
) -> tuple[Operand, ...]:
    call = made.call
    derivative = typed.Derivative(
        type=type_,
        span=made.span,
        mode=mode,
        function=call.function,
        arguments=call.arguments,
        dimensions=call.dimensions,
        wrt=tuple(wrt),
        seeds=seeds,
    )
    return parts(body, Operand(derivative))


def along_captured(
    body: Body, value: Along, operands: Sequence[Operand], span: Span, apply: Apply
) -> Operand:
    """The tangent of what a function returns along what it captured."""
    made = differentiated(body, value.value, operands, span, apply)
    first = len(made.call.arguments) - len(captured(value.value))
    wrt: list[Part] = [(first + number, ()) for number, _ in value.tangents]
    return along(body, made, wrt, [operand for _, operand in value.tangents])[1]


def tuple_of(items: Sequence[Operand], span: Span) -> Operand:
    """Operands as a tuple."""
    type_ = TupleType(tuple(i.type for i in items))
    made = typed.MakeTuple(type=type_, span=span, items=tuple(i.expr for i in items))
    return Operand(made, items=tuple(items))


def written_function(
    body: Body,
    text: str,
    functions: tuple[tuple[str, FunctionValue], ...],
    names: tuple[str, ...] = (),
) -> Closure:
    """A function of the language around function values; `names` replace p0, p1, ..."""
    key = (text, names)
    if key not in body.names.lambdas:
        for number, name in enumerate(names):
            text = text.replace(f"p{number},", f"{name},")
        sink = Sink()
        tree = parse(Source(GENERATED, text), sink)
        sink.raise_if_failed()
        (definition,) = tree.items
        assert isinstance(definition, ast.FunctionDef)
        body.names.lambdas[key] = definition
    return Closure(body.names.lambdas[key], body.names, (), functions)
