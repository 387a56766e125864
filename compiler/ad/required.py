"""What must hold before differentiation: every active operation has a rule, and what must run once
does.
"""

from collections.abc import Iterable, Iterator

from dpc.compiler.ad.layout import Argument
from dpc.compiler.ad.rules.table import RULES, carries
from dpc.compiler.analysis.activity import Activity
from dpc.compiler.analysis.effects import calls_once
from dpc.compiler.analysis.flow import Flow, flow
from dpc.compiler.analysis.paths import Path, path_through
from dpc.compiler.dialects import ad
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Function, Op, Value
from dpc.dsl.diagnostics import CompileError, Diagnostic
from dpc.dsl.errors.differentiability import NoDerivative, place
from dpc.dsl.errors.extern import NoRule, RunsTwice
from dpc.dsl.source import Span


def required_flow(function: Function, inputs: Iterable[Argument]) -> Flow:
    """What is active for derivatives by these inputs; `CompileError` that tells the way through an
    active operation without a rule.
    """
    given = tuple(inputs)
    found = flow(function, (v for _, v in given), carries)
    _require_rules(function, found.activity, given)
    for name, inside in found.inside.items():
        callee, flags = found.callees[name], found.flags[name]
        pairs = enumerate(zip(callee.parameters, callee.arguments, strict=True))
        _require_rules(callee, inside, tuple(a for i, a in pairs if i in flags))
    return found


def _require_rules(function: Function, found: Activity, given: tuple[Argument, ...]) -> None:
    for op in function.body.walk():
        if _lacks_rule(op) and any(v in found for v in _results(op)):
            path = path_through(function, op, found, (v for _, v in given), carries)
            source = next(p.name for p, v in given if v is path.source)
            raise CompileError((_missing(function, op, source, path),))


def require_once(function: Function) -> None:
    """`CompileError` if the function, which is to run several times, holds what must run once."""
    for op in (op for f in (function, *function.callees) for op in f.body.walk()):
        if calls_once(op):
            name = op.function.name if isinstance(op, ad.Custom) else op.name
            raise CompileError((RunsTwice(span=place(op.span), function=name),))


def _lacks_rule(op: Op) -> bool:
    if isinstance(op, ad.Custom):
        return not op.function.has_rule
    return isinstance(op, Scalar) and type(op) not in RULES


def _results(op: Op) -> tuple[Value, ...]:
    return (*op.results, *op.outputs) if isinstance(op, ad.Custom) else op.results


def _missing(function: Function, op: Op, source: str, path: Path) -> Diagnostic:
    span = place(op.span)
    way = tuple(_way(function, span, source, path))
    if isinstance(op, ad.Custom):
        return NoRule(span=span, function=op.function.name, source=source, path=way)
    return NoDerivative(span=span, operation=op.name, path=way)


def _way(function: Function, span: Span, source: str, path: Path) -> Iterator[tuple[Span, str]]:
    """The places that the derivative goes through, one for each line."""
    lines = {_line(span)}
    if function.span is not None:
        lines.add(_line(function.span))
        yield function.span, f"from `{source}`, a parameter of this function"
    behind = (*path.behind, function.body.terminator)
    last = next((op for op in reversed(behind) if op.span and _line(op.span) not in lines), None)
    for ops, label in ((path.before, "through here"), (behind, "on through here")):
        for op in ops:
            if op.span is not None and _line(op.span) not in lines:
                lines.add(_line(op.span))
                yield op.span, "to the result" if op is last else label


def _line(span: Span) -> tuple[int, int]:
    return id(span.source), span.line
