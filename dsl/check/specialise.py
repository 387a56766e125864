"""Calls of definitions that are checked for each use: one function for each kind of arguments.

The specialised function takes the arguments that are values, then everything that functions among
the arguments, and the definition itself, captured. Its dimensions are what the caller's extents
are made of, so that what the caller can prove equal is equal inside as well.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from dpc.dsl import ast, typed
from dpc.dsl.check.arguments import fit, solve
from dpc.dsl.check.calling import returns_once
from dpc.dsl.check.context import Body, Operand, Promotions, Reported, known, locals_of
from dpc.dsl.check.derived_source import GENERATED
from dpc.dsl.check.function_calls import called_before, told
from dpc.dsl.check.function_values import (
    Bound,
    Closure,
    Frame,
    FunctionType,
    FunctionValue,
    identity,
    renamed,
)
from dpc.dsl.check.headers import Header, header_of
from dpc.dsl.check.precision import closure_at
from dpc.dsl.check.template_rules import specialised_rule
from dpc.dsl.check.type_variables import mapped, settled_type, solved
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.functions import EndlessSpecialisation, FunctionWithoutValue
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.resolve import Instance, first_assignments
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import I64, ArrayType, Type, substitute

MAX_NESTING = 12
"""How many specialisations may be under way at once."""

Given = Mapping[str, Operand | FunctionValue]
Place = Callable[[str], Span]
Trial = Callable[[Body, FunctionValue, tuple[Type, ...], Span], Type]


@dataclass(eq=False)
class _Plan:
    """One specialisation in the terms of a frame; `captures` are the caller's expressions."""

    frame: Frame
    dimensions: dict[str, Poly] = field(default_factory=dict)
    values: dict[str, Operand] = field(default_factory=dict)
    functions: dict[str, FunctionValue] = field(default_factory=dict)
    captured: dict[str, Operand] = field(default_factory=dict)
    captures: list[tuple[typed.Variable, Operand]] = field(default_factory=list)
    result: Type | None = None
    variables: dict[str, Type] = field(default_factory=dict)
    told: tuple[str, ...] = ()

    def capture(self, name: str, operand: Operand) -> Operand:
        """A captured value becomes a parameter."""
        inner = self.value(name, operand)
        assert isinstance(inner.expr, typed.Read)
        self.captures.append((inner.expr.variable, operand))
        return inner

    def value(self, name: str, operand: Operand) -> Operand:
        """The reading of a new parameter of the operand's type."""
        type_ = self.frame.type(operand.type)
        poly = self.frame.poly(operand.poly) if operand.poly is not None else None
        variable = typed.Variable(name, type_, operand.span, is_parameter=True)
        read = typed.Read(type=type_, span=operand.span, variable=variable, poly=poly)
        return Operand(read, poly=poly)

    @property
    def parameters(self) -> list[typed.Variable]:
        """The parameters of the function, the captured ones last."""
        reads = [operand.expr for operand in self.values.values()]
        values = [read.variable for read in reads if isinstance(read, typed.Read)]
        return [*values, *(variable for variable, _ in self.captures)]

    def key(self, definition: ast.FunctionDef) -> object:
        """Equal for calls that one function can serve."""
        return (
            id(definition),
            tuple(self.dimensions.items()),
            tuple((n, o.type, o.poly) for n, o in (*self.values.items(), *self.captured.items())),
            tuple((n, identity(f)) for n, f in self.functions.items()),
        )


def specialised(
    body: Body,
    closure: Closure,
    given: Given,
    span: Span,
    trial: Trial,
    places: Mapping[str, Span] | None = None,
) -> Operand:
    """The call of a closure with values and functions for its parameters, by name; `trial` is the
    type of a function's result for arguments of given types; `places` are the arguments'.
    """
    if body.function is None:
        raise body.error(NotSupported(span=span, what="calls of functions in defaults"))
    closure = closure_at(body, closure, given)
    outer = dict(closure.dimensions)
    variables = solved(body, closure.home, closure.definition, given)
    header = header_of(closure.home, closure.definition, outer, variables)

    def place(name: str) -> Span:
        return (places or {}).get(name, span)

    dimensions = _dimensions(body, closure, header, given, place, trial)
    mapping = {Dimension(n): p for n, p in (*outer.items(), *dimensions.items())}
    fitted = dict(_fitted(body, closure, header, given, mapping, place, trial))
    plan = _plan(Frame(), closure, header, fitted, dimensions, mapping)
    plan.variables = {n: plan.frame.type(substitute(t, mapping)) for n, t in variables.items()}
    model = _plan(Frame(canonical=True), closure, header, fitted, dimensions, mapping)
    instance = _instance(body, closure, plan, model.key(closure.definition), span, trial)
    for diagnostic in instance.diagnostics:
        written = diagnostic.span.source.name != GENERATED
        body.names.sink.report(diagnostic if written else replace(diagnostic, span=span))
    if any(d.level == "error" for d in instance.diagnostics):
        raise Reported
    return _call(body, plan, instance.function, fitted, span)


def _call(body: Body, plan: _Plan, function: typed.Function, fitted: Given, span: Span) -> Operand:
    """The call of a specialised function: its dimensions, the arguments, what was captured."""
    if function.result is None:
        raise body.error(FunctionWithoutValue(span=span, name=function.name.split(".")[0]))
    own = [binding.name for binding in function.bindings]
    values = dict(zip(own, plan.frame.values.values(), strict=True))
    for poly in values.values():
        body.use(poly, span, "an argument")
    arguments = [o.expr for o in fitted.values() if isinstance(o, Operand)]
    arguments += [operand.expr for _, operand in plan.captures]
    for name in function.result_dimensions:
        values[name] = told(body, name.removesuffix(".result"), span)
    call = typed.Call(
        type=substitute(function.result, {Dimension(n): p for n, p in values.items()}),
        span=span,
        function=function,
        arguments=tuple(arguments),
        dimensions=values,
    )
    return called_before(body, call) if function.result_dimensions else Operand(call)


def _dimensions(
    body: Body, closure: Closure, header: Header, given: Given, place: Place, trial: Trial
) -> dict[str, Poly]:
    """The definition's own dimensions in the caller's terms."""
    outer = dict(closure.dimensions)
    found: dict[str, Poly] = {}

    def integer(name: str) -> Poly:
        if name in outer or name in found:
            return outer[name] if name in outer else found[name]
        if name not in given:
            _refuse_misfits(body, closure, header, given)
        operand = given[name]
        assert isinstance(operand, Operand)
        return body.bind(operand)

    types = {n: o.type for n, o in given.items() if isinstance(o, Operand)}
    found |= solve(body, header.values, types, integer, place(""))
    for name, bindings in header.results.items():
        value, type_ = given[name], header.parameters[name]
        assert not isinstance(value, Operand)
        assert isinstance(type_, FunctionType)
        mapping = {Dimension(n): p for n, p in (*outer.items(), *found.items())}
        takes = tuple(substitute(t, mapping) for t in type_.parameters)
        result = trial(body, value, takes, place(name))
        found |= solve(body, bindings, {name: result}, integer, place(name))
    return {name: poly for name, poly in found.items() if name not in outer}


def _refuse_misfits(body: Body, closure: Closure, header: Header, given: Given) -> None:
    """Report an argument of another rank than its parameter, which so tells no dimension."""
    for name, value in given.items():
        type_ = header.parameters[name]
        if isinstance(value, Operand) and isinstance(type_, ArrayType):
            rank = value.type.rank if isinstance(value.type, ArrayType) else 0
            if rank != type_.rank:
                fit(body, value, type_, f"argument `{name}` of `{closure.definition.name}`")


def _fitted(
    body: Body,
    closure: Closure,
    header: Header,
    given: Given,
    mapping: Mapping[Dimension, Poly],
    place: Place,
    trial: Trial,
) -> Iterator[tuple[str, Operand | FunctionValue]]:
    """The arguments in the types that the definition declares."""
    for name, type_ in header.parameters.items():
        value = given[name]
        if isinstance(value, Operand):
            assert not isinstance(type_, FunctionType)
            found = settled_type(body, value) if type_ is None else substitute(type_, mapping)
            if type_ is not None or value.weak:
                what = f"argument `{name}` of `{closure.definition.name}`"
                value = Operand(fit(body, value, found, what), poly=value.poly)
        elif isinstance(type_, FunctionType):
            takes = tuple(substitute(t, mapping) for t in type_.parameters)
            type_ = FunctionType(takes, substitute(type_.result, mapping))
            value = Bound(name, _unwrapped(value, type_), type_)
            trial(body, value, takes, place(name))
        yield name, value


def _unwrapped(value: FunctionValue, type_: FunctionType) -> FunctionValue:
    """A `Callable` parameter passed on as it is stands for the same function."""
    return value.value if isinstance(value, Bound) and value.type == type_ else value


def _plan(
    frame: Frame,
    closure: Closure,
    header: Header,
    fitted: Given,
    dimensions: Mapping[str, Poly],
    mapping: Mapping[Dimension, Poly],
) -> _Plan:
    """The specialisation in the terms of a new frame."""
    plan = _Plan(frame)
    for name, poly in (*dimensions.items(), *closure.dimensions):
        plan.dimensions[name] = frame.prefer(name, poly)
    for name, value in fitted.items():
        if isinstance(value, Operand):
            plan.values[name] = plan.value(
                name, value if name in dimensions else Operand(value.expr)
            )
    plan.captured = {n: plan.capture(n, _kept(o)) for n, o in closure.captures}
    functions = [(n, f) for n, f in fitted.items() if not isinstance(f, Operand)]
    for name, function in (*closure.functions, *functions):
        plan.functions[name] = renamed(function, frame, lambda n, o: plan.capture(n, _kept(o)))
    plan.told = tuple(frame.keep(name) for name in header.told)
    if header.result is not None:
        plan.result = frame.type(substitute(header.result, mapping))
    return plan


def _kept(operand: Operand) -> Operand:
    """A captured value; of an integer what is known over dimensions, which are never negative."""
    return Operand(operand.expr, poly=known(operand.poly))


def _instance(
    body: Body, closure: Closure, plan: _Plan, key: object, span: Span, trial: Trial
) -> Instance:
    """The function for a plan, checked when it is first needed."""
    names = closure.home
    if key in names.instances:
        return names.instances[key]
    definition = closure.definition
    if body.nesting >= MAX_NESTING:
        raise body.error(EndlessSpecialisation(span=span, name=definition.name))
    _distinct(plan.parameters)
    function = typed.Function(
        name=definition.name,
        span=definition.name_span,
        doc=definition.doc,
        parameters=tuple(typed.Parameter(variable, None) for variable in plan.parameters),
        result=plan.result,
        bindings=tuple(typed.Binding(name, "", (), 0) for name in plan.frame.values),
        module=names.qualifier,
        result_dimensions=plan.told,
    )
    instance = names.instances[key] = Instance(function)
    number = len(names.instances)
    outer, names.sink = names.sink, Sink()
    try:
        names.check_body(
            names, definition.body, function, lambda p: _body(body, closure, plan, function, p)
        )
        _told_extents(names.sink, definition, function)
        with suppress(Reported):  # into `found`, as what is wrong with the body
            _give_rule(body, closure, plan, function, (number, trial))
    finally:
        found, names.sink = names.sink, outer
    function.name = f"{definition.name}.{number}"
    written = definition.name in names.templates
    instance.diagnostics = tuple(d for d in found.diagnostics if d.level == "error" or not written)
    return instance


def _distinct(variables: Iterable[typed.Variable]) -> None:
    """No two of the same name."""
    taken: set[str] = set()
    for variable in variables:
        while variable.name in taken:
            variable.name += "'"
        taken.add(variable.name)


def _give_rule(
    outer: Body,
    closure: Closure,
    plan: _Plan,
    function: typed.Function,
    numbered: tuple[int, Trial],
) -> None:
    """Specialise the derivative rule of the definition, if it has one, along with it."""
    number, trial = numbered
    names, definition = closure.home, closure.definition
    rule, template = names.template_rules.get(definition.name), names.templates.get(definition.name)
    if rule is None or rule.name in names.failed or names.sink.failed:
        return
    if template is None or template.definition is not definition:
        return
    if function.result_dimensions:
        what = "a derivative rule of a function whose result's extents are known only at run time"
        names.sink.report(NotSupported(span=rule.name_span, what=what))
        return
    adapter = typed.Function(
        name=f"{definition.name}.{number}.jvp",
        span=rule.name_span,
        doc=None,
        parameters=(),
        result=None,
        bindings=function.bindings,
        module=function.module,
    )
    body = _body(outer, closure, plan, adapter, {})
    body.infers_result = False
    given = {p.name: _given(plan, p.name) for p in definition.parameters}

    def specialise(of: Closure, values: Given) -> Operand:
        return specialised(body, of, values, rule.name_span, trial)

    function.rule = specialised_rule(body, function, given, Closure(rule, names), specialise)


def _given(plan: _Plan, name: str) -> Operand | FunctionValue:
    return plan.values[name] if name in plan.values else plan.functions[name]


def _told_extents(sink: Sink, definition: ast.FunctionDef, function: typed.Function) -> None:
    """Extents of an inferred result that only the value tells become dimensions of the result."""
    if function.result is None or sink.failed:
        return
    found: dict[Poly, Poly] = {}

    def renamed(extent: Poly) -> Poly:
        if not any(True for _ in locals_of(extent)):
            return extent
        return found.setdefault(extent, Poly.dimension(f"extent{len(found)}.result"))

    result = mapped(function.result, renamed)
    if found and not returns_once(function):
        what = "an extent known only at run time in a result that is inferred at several places"
        advice = "write the result's type: `-> f64[k]`"
        sink.report(NotSupported(span=definition.body[-1].span, what=what, advice=advice))
    elif found:
        *before, last = function.body
        checks = (
            typed.ShapeCheck(span=last.span, left=name, right=extent, what="the result")
            for extent, name in found.items()
        )
        function.body = (*before, *checks, last)
        function.result = result
        function.result_dimensions = tuple(str(name) for name in found.values())


def _body(
    outer: Body, closure: Closure, plan: _Plan, function: typed.Function, promotions: Promotions
) -> Body:
    """A fresh body of the function, its names known."""
    function.result = plan.result
    definition = closure.definition
    parameters = {*plan.values, *plan.functions, *plan.captured}
    assigned = first_assignments(definition.body, parameters)
    body = Body(
        closure.home,
        outer.rules,
        function,
        nesting=outer.nesting + 1,
        dimensions={n: p for n, p in plan.dimensions.items() if n not in plan.values},
        variables=plan.variables,
        assigned_somewhere=assigned,
        infers_result=definition.result is None,
        promotions=promotions,
    )
    for name, operand in (*plan.captured.items(), *plan.values.items()):
        assert isinstance(operand.expr, typed.Read)
        body.scopes[0][name] = operand.expr.variable
    for operand in (*plan.captured.values(), *plan.values.values()):
        assert isinstance(operand.expr, typed.Read)
        if operand.poly is not None and operand.type == I64:
            body.values[operand.expr.variable] = operand.poly
    body.blocks[0].functions.update(plan.functions)
    return body
