"""Derivative rules of functions that take functions: `@custom_jvp(f)`.

The tangent of a function is a function of the same type: the derivative of its result along what it
captured, its arguments fixed. A rule is checked and specialised along with the function it is for.
"""

from collections.abc import Callable, Mapping, Sequence

from dpc.dsl import ast, typed
from dpc.dsl.check.arguments import fit
from dpc.dsl.check.context import Body, Operand, Reported
from dpc.dsl.check.function_values import Along, Closure, FunctionType, FunctionValue, captured
from dpc.dsl.check.headers import Header, header_of
from dpc.dsl.check.rules import holds_floats, rule_decorator
from dpc.dsl.check.type_variables import is_generic
from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.errors.rules import SecondRule, UnknownRuleTarget, WrongRuleParameters, WrongRuleType
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.resolve import ModuleNames
from dpc.dsl.shapes import Atom, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import ArrayType, RecordType, TupleType, Type, substitute

Parameter = Type | FunctionType
Specialise = Callable[[Closure, Mapping[str, Operand | FunctionValue]], Operand]


def attach_template_rules(names: ModuleNames, templates: Sequence[ast.FunctionDef]) -> None:
    """Note the rules among these definitions; report what does not fit."""
    for item in templates:
        for decorator in item.decorators:
            try:
                _attach(names, item, decorator)
            except Reported:
                names.failed.add(item.name)


def _attach(names: ModuleNames, item: ast.FunctionDef, decorator: ast.Expr) -> None:
    mode, target = rule_decorator(names, decorator)
    template = names.templates.get(target.name)
    if template is None or template.home is not names:
        reason = "it takes no functions" if target.name in names.functions else "not found"
        raise _error(names, UnknownRuleTarget(span=target.span, name=target.name, reason=reason))
    if is_generic(names, template.definition) or is_generic(names, item):
        what = "derivative rules of functions with type variables"
        raise _error(names, NotSupported(span=decorator.span, what=what))
    if mode == "vjp":
        what = "a vjp rule of a function that takes functions"
        advice = "write a jvp rule: the tangent of a function is a function"
        raise _error(names, NotSupported(span=decorator.span, what=what, advice=advice))
    first = names.template_rules.get(target.name)
    if first is not None:
        diagnostic = SecondRule(span=decorator.span, function=target.name, first=first.name_span)
        raise _error(names, diagnostic)
    _check_header(names, template.definition, item)
    names.template_rules[target.name] = item


def _error(names: ModuleNames, diagnostic: Diagnostic) -> Reported:
    names.sink.report(diagnostic)
    return Reported()


def _check_header(names: ModuleNames, function: ast.FunctionDef, rule: ast.FunctionDef) -> None:
    """The rule takes the parameters, then a tangent for each that has one."""
    wanted, own = _typed(header_of(names, function, {})), header_of(names, rule, {})
    result = header_of(names, function, {}).result
    assert result is not None
    wanted += [(f"{n}_dot", t) for n, t in wanted if _has_tangent(t)]
    returned: Parameter = TupleType((result, result))
    listed = ", ".join(f"{name}: {type_}" for name, type_ in wanted)
    signature = f"def {rule.name}({listed}) -> {returned}"
    given = _typed(own)
    if len(given) != len(wanted):
        raise _error(
            names,
            WrongRuleParameters(
                span=rule.name_span, mode="jvp", function=function.name,
                expected=f"{len(wanted)} parameters", found=len(given),
                definition=function.name_span, signature=signature,
            ),
        )  # fmt: skip
    places = [(f"parameter `{p.name}`", p.name_span) for p in rule.parameters]
    places.append(("the result", rule.name_span if rule.result is None else rule.result.span))
    rows = [*zip(given, wanted, strict=True), (("", own.result), ("", returned))]
    known: dict[Atom, Poly] = {}
    for (what, span), ((_, found), (_, expected)) in zip(places, rows, strict=True):
        if found is None or not _agree(found, expected, known):
            raise _error(
                names,
                WrongRuleType(
                    span=span, what=what, mode="jvp", function=function.name,
                    expected=str(expected), found="nothing" if found is None else str(found),
                    definition=function.name_span, signature=signature,
                ),
            )  # fmt: skip


def _typed(header: Header) -> list[tuple[str, Parameter]]:
    return [(name, type_) for name, type_ in header.parameters.items() if type_ is not None]


def _has_tangent(type_: Parameter) -> bool:
    return isinstance(type_, FunctionType) or holds_floats(type_)


def _agree(found: Parameter, expected: Parameter, known: dict[Atom, Poly]) -> bool:
    """True if the types are equal once the dimensions of the first are given their meaning."""
    if type(found) is not type(expected):
        return False
    if isinstance(found, FunctionType) and isinstance(expected, FunctionType):
        rows = ((*found.parameters, found.result), (*expected.parameters, expected.result))
        same = len(rows[0]) == len(rows[1])
        return same and all(_agree(a, b, known) for a, b in zip(*rows, strict=True))
    if isinstance(found, TupleType) and isinstance(expected, TupleType):
        same = len(found.items) == len(expected.items)
        pairs = zip(found.items, expected.items, strict=False)
        return same and all(_agree(a, b, known) for a, b in pairs)
    for extent, wanted in zip(_extents(found), _extents(expected), strict=False):
        atoms = tuple(extent.atoms())
        if len(atoms) == 1 and extent == Poly.atom(atoms[0]):
            known.setdefault(atoms[0], wanted)
    assert not isinstance(found, FunctionType)
    return substitute(found, known) == expected


def _extents(type_: Parameter) -> tuple[Poly, ...]:
    if isinstance(type_, RecordType):
        return (*type_.arguments, *type_.shape)
    return type_.shape if isinstance(type_, ArrayType) else ()


def specialised_rule(
    body: Body,
    function: typed.Function,
    given: Mapping[str, Operand | FunctionValue],
    rule: Closure,
    specialise: Specialise,
) -> typed.Rule:
    """The rule of a specialised function, whose parameters and functions are `given` by name;
    `body` is that of a function with its parameters and dimensions.
    """
    parameters = [p.variable for p in function.parameters]
    dots = {
        v: typed.Variable(f"{v.name}_dot", v.type, v.span, is_parameter=True)
        for v in parameters
        if holds_floats(v.type)
    }
    values: list[Operand | FunctionValue] = list(given.values())
    for value in given.values():
        if not isinstance(value, Operand):
            values.append(_tangent(value, dots, function.span))
        elif holds_floats(value.type):
            values.append(_read(dots[_variable(value)]))
    names = [p.name for p in rule.definition.parameters]
    assert function.result is not None
    adapter = body.function
    assert adapter is not None
    adapter.parameters = tuple(typed.Parameter(v, None) for v in (*parameters, *dots.values()))
    adapter.result = TupleType((function.result, function.result))
    with body.block() as statements:
        result = specialise(rule, dict(zip(names, values, strict=True)))
        value_ = fit(body, result, adapter.result, f"the result of `{rule.definition.name}`")
        body.emit(typed.Return(span=function.span, value=value_))
    adapter.body = tuple(statements)
    return typed.Rule("jvp", adapter)


def _tangent(
    value: FunctionValue, dots: Mapping[typed.Variable, typed.Variable], span: Span
) -> FunctionValue:
    """The derivative of a function along what it captured."""
    reads = enumerate(captured(value))
    tangents = ((i, dots[_variable(o)]) for i, o in reads if _variable(o) in dots)
    return Along(value, tuple((i, _read(v)) for i, v in tangents), span)


def _variable(operand: Operand) -> typed.Variable:
    assert isinstance(operand.expr, typed.Read)
    return operand.expr.variable


def _read(variable: typed.Variable) -> Operand:
    return Operand(typed.Read(type=variable.type, span=variable.span, variable=variable))
