"""All derivative rules of scalar ops in one table."""

from dpc.compiler.ad.rules import arith, math
from dpc.compiler.ad.rules.vocabulary import Rule, Rules, partials, zero_derivative
from dpc.compiler.dialects import ad
from dpc.compiler.ir.core import Op
from dpc.dsl.diagnostics import CompileError
from dpc.dsl.errors.differentiability import NoDerivative, place

RULES: Rules = {
    **arith.RULES,
    **math.RULES,
    ad.StopGradient: zero_derivative(),
    ad.Trap: partials(1),
}


def carries(op: Op, position: int) -> bool:
    """True if that operand of a scalar op can carry a derivative; also where no rule is known."""
    rule = RULES.get(type(op))
    return rule is None or rule.carries(position)


def rule_of(op: Op) -> Rule:
    """The rule of an active op; `CompileError` at its span when there is none."""
    rule = RULES.get(type(op))
    if rule is None:
        raise CompileError((NoDerivative(span=place(op.span), operation=op.name),))
    return rule
