"""Derivative rules: `@custom_vjp(f)` and `@custom_jvp(f)`.

Entry: the signatures of a file's functions. Exit: functions that rules are for have a `typed.Rule`,
whose function calls the rule as it is written, in terms of the dimensions of the function it is
for; whatever is wrong with a rule's signature is reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dpc.dsl import ast, typed
from dpc.dsl.check.context import Reported
from dpc.dsl.check.extern import is_extern
from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.errors.rules import (
    NoRuleNeeded,
    SecondRule,
    UnknownRuleTarget,
    WrongDecorator,
    WrongRuleParameters,
    WrongRuleType,
)
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.resolve import ModuleNames, nearest
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import TupleType, Type, element_of, leaves, shape_of, substitute

MODES = {"custom_vjp": "vjp", "custom_jvp": "jvp"}
Definition = tuple[ast.FunctionDef, typed.Function]


def attach_rules(names: ModuleNames, functions: Sequence[Definition]) -> None:
    """Give the functions of a file the rules defined there; report what does not fit."""
    for item, rule in functions:
        for decorator in () if is_extern(item) else item.decorators:
            try:
                mode, target = rule_decorator(names, decorator)
                function = _target(names, target)
                if function.rule is not None:
                    first = function.rule.function.span
                    diagnostic = SecondRule(span=decorator.span, function=target.name, first=first)
                    raise _error(names, diagnostic)
                _Fitting(names, mode, function, rule, item, decorator.span).run()
            except Reported:
                names.failed.add(item.name)


def _error(names: ModuleNames, diagnostic: Diagnostic) -> Reported:
    names.sink.report(diagnostic)
    return Reported()


def rule_decorator(names: ModuleNames, node: ast.Expr) -> tuple[str, ast.Name]:
    """The mode of a rule and the function it is for."""
    callee = node.callee if isinstance(node, ast.Call) else node
    name = callee.name if isinstance(callee, ast.Name) else ""
    if name not in MODES:
        text = " ".join(node.span.text.split())
        advice = "every function is compiled and can be differentiated: leave the decorator out"
        problem = f"unknown decorator `@{text}`"
        raise _error(names, WrongDecorator(span=node.span, problem=problem, advice=advice))
    arguments = node.arguments if isinstance(node, ast.Call) else ()
    target = arguments[0] if len(arguments) == 1 else None
    if not isinstance(target, ast.Name) or (isinstance(node, ast.Call) and node.keywords):
        problem = f"`@{name}` takes the name of a function"
        raise _error(names, WrongDecorator(span=node.span, problem=problem))
    return MODES[name], target


def _target(names: ModuleNames, node: ast.Name) -> typed.Function:
    """The function that a rule is for."""
    own = {n: f for n, f in names.functions.items() if n not in names.imported}
    if node.name in own:
        return own[node.name]
    if node.name in names.failed and node.name not in names.imported:
        raise Reported
    if node.name in names.templates and node.name not in names.imported:
        what = f"a derivative rule without functions of `{node.name}`, which takes functions"
        raise _error(names, NotSupported(span=node.span, what=what))
    known = node.name in names.definitions
    reason = "imported: its rule belongs beside its definition" if known else "not found"
    if known and node.name not in names.imported:
        reason = "not a function"
    near = None if known else nearest(node.name, own)
    raise _error(
        names,
        UnknownRuleTarget(span=node.span, name=node.name, reason=reason, suggestion=near),
    )


@dataclass(frozen=True, slots=True)
class _Expected:
    """What a rule takes after the parameters of its function, and what it returns."""

    more: tuple[tuple[str, Type], ...]
    result: Type


@dataclass(frozen=True, slots=True)
class _Fitting:
    """A rule that is fitted to its function."""

    names: ModuleNames
    mode: str
    function: typed.Function
    rule: typed.Function
    item: ast.FunctionDef
    span: Span

    def run(self) -> None:
        """Check the rule's signature; the function knows its rule."""
        expected = _EXPECTED[self.mode](self, self.result())
        wanted = [(p.name, p.type) for p in self.function.parameters]
        wanted += expected.more
        signature = self.signature(wanted, expected.result)
        given = self.rule.parameters
        if len(given) != len(wanted):
            count = f"{len(wanted)} parameter{'' if len(wanted) == 1 else 's'}"
            raise self.error(
                WrongRuleParameters(
                    span=self.item.name_span, mode=self.mode, function=self.function.name,
                    expected=count, found=len(given), definition=self.function.span,
                    signature=signature,
                )
            )  # fmt: skip
        dimensions = self.dimensions([type_ for _, type_ in wanted])
        mapping = {Dimension(name): poly for name, poly in dimensions.items()}
        for parameter, (_, type_) in zip(given, wanted, strict=True):
            found = substitute(parameter.type, mapping)
            if found != type_:
                what, span = f"parameter `{parameter.name}`", parameter.variable.span
                raise self.mismatch(what, span, str(type_), str(parameter.type), signature)
        self.check_result(expected.result, mapping, signature)
        adapter = self.adapter([t for _, t in wanted], dimensions, expected.result)
        self.function.rule = typed.Rule(self.mode, adapter)

    def check_result(self, expected: Type, mapping: dict[Dimension, Poly], signature: str) -> None:
        """The rule returns what it should."""
        found = self.rule.result
        if found is not None and substitute(found, mapping) == expected:
            return
        span = self.item.result.span if self.item.result is not None else self.item.name_span
        shown = "nothing" if found is None else str(found)
        raise self.mismatch("the result", span, str(expected), shown, signature)

    def error(self, diagnostic: Diagnostic) -> Reported:
        return _error(self.names, diagnostic)

    def mismatch(
        self, what: str, span: Span, expected: str, found: str, signature: str
    ) -> Reported:
        return self.error(
            WrongRuleType(
                span=span, what=what, mode=self.mode, function=self.function.name,
                expected=expected, found=found, definition=self.function.span,
                signature=signature,
            )
        )  # fmt: skip

    def result(self) -> Type:
        """The function's result; floats go in and come out."""
        function, result = self.function, self.function.result
        if not any(holds_floats(p.type) for p in function.parameters):
            what = "parameter"
        elif result is None or not holds_floats(result):
            what = "result"
        elif function.result_dimensions:
            named = "whose result's extents are known only at run time"
            what = f"a derivative rule of a function {named}"
            raise self.error(NotSupported(span=self.span, what=what))
        else:
            return result
        raise self.error(NoRuleNeeded(span=self.span, function=function.name, what=what))

    def signature(self, wanted: list[tuple[str, Type]], result: Type) -> str:
        """The rule's definition as it should begin."""
        listed = ", ".join(f"{name}: {type_}" for name, type_ in wanted)
        return f"def {self.rule.name}({listed}) -> {result}"

    def dimensions(self, types: list[Type]) -> dict[str, Poly]:
        """The rule's dimensions in terms of the function's, as far as these tell."""
        positions = {p.name: i for i, p in enumerate(self.rule.parameters)}
        bound = {b.name for b in self.function.bindings}
        found: dict[str, Poly] = {}
        for binding in self.rule.bindings:
            position = positions[binding.parameter or binding.name]
            if not binding.parameter:
                own = self.function.parameters
                if position < len(own) and own[position].name in bound:
                    found[binding.name] = Poly.dimension(own[position].name)
                continue
            shapes = {leaf.path: shape_of(leaf.type) for leaf in leaves(types[position])}
            shape = shapes.get(binding.leaf, ())
            if len(shape) > binding.axis:
                rest = binding.rest.substitute({Dimension(n): p for n, p in found.items()})
                difference = shape[binding.axis] - rest
                scale = binding.coefficient
                found[binding.name] = (difference if scale > 0 else -difference) // abs(scale)
        return found

    def adapter(
        self, types: list[Type], dimensions: dict[str, Poly], result: Type
    ) -> typed.Function:
        """A function with the dimensions of the one that the rule is for; it calls the rule."""
        rule, function = self.rule, self.function
        own = [p.name for p in function.parameters]
        variables: list[typed.Variable] = []
        for parameter, type_ in zip(rule.parameters, types, strict=True):
            at = len(variables)
            name = own[at] if at < len(own) else parameter.name
            while any(v.name == name for v in variables):
                name += "'"
            span = parameter.variable.span
            variables.append(typed.Variable(name, type_, span, is_parameter=True))
        call = typed.Call(
            type=result,
            span=rule.span,
            function=rule,
            arguments=tuple(typed.Read(type=v.type, span=v.span, variable=v) for v in variables),
            dimensions=dimensions,
        )
        return typed.Function(
            name=f"{function.name}.{self.mode}",
            span=rule.span,
            doc=None,
            parameters=tuple(typed.Parameter(v, None) for v in variables),
            result=result,
            bindings=function.bindings,
            body=(typed.Return(span=rule.span, value=call),),
            module=function.module,
        )


def holds_floats(type_: Type) -> bool:
    """True if some leaf is a float."""
    return any(element_of(leaf.type).is_float for leaf in leaves(type_))


def _expected_jvp(fitting: _Fitting, result: Type) -> _Expected:
    """Tangents of the parameters; the result and its tangent."""
    dots = tuple(
        (f"{p.name}_dot", p.type) for p in fitting.function.parameters if holds_floats(p.type)
    )
    return _Expected(dots, TupleType((result, result)))


def _expected_vjp(fitting: _Fitting, result: Type) -> _Expected:
    """The result and its cotangents, item by item; the cotangents of the parameters."""
    items = result.items if isinstance(result, TupleType) else (result,)
    names = ["out"] if len(items) == 1 else [f"out_{i}" for i in range(len(items))]
    named = tuple(zip(names, items, strict=True))
    bars = tuple((f"d_{name}", item) for name, item in named if holds_floats(item))
    types = tuple(p.type for p in fitting.function.parameters if holds_floats(p.type))
    return _Expected((*named, *bars), types[0] if len(types) == 1 else TupleType(types))


_EXPECTED = {"jvp": _expected_jvp, "vjp": _expected_vjp}
