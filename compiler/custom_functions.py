"""Functions with derivative rules as differentiation sees them: made when they are asked for."""

from collections.abc import Callable
from functools import cache
from typing import ParamSpec, Protocol

from dpc.compiler.ad.by_forward import vjp_by_forward
from dpc.compiler.ad.custom_rules import (
    forward_of_jvp,
    forward_of_vjp,
    reverse_of_jvp,
    reverse_of_vjp,
)
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.dialects.ad import CustomFunction, implementation
from dpc.compiler.ir.core import Function, Module
from dpc.compiler.ir.types import is_float
from dpc.compiler.lowering.custom import layout_of
from dpc.dsl import typed
from dpc.dsl.diagnostics import CompileError
from dpc.dsl.errors.rules import RuleNeedsItself

P = ParamSpec("P")


class Loops(Protocol):
    """The loops level of a function by symbol; `reverse`: reverse mode will differentiate it."""

    def __call__(self, symbol: str, *, reverse: bool) -> Function: ...


def custom_function(
    function: typed.Function, loops: Loops, simplify: Callable[[Module], Module]
) -> CustomFunction:
    """The function, its rule, and what follows from the rule by transposition."""
    assert function.rule is not None
    mode, symbol = function.rule.mode, function.rule.function.symbol
    layout, rule_span = layout_of(function), function.rule.function.span

    def simplified(made: Function) -> Function:
        return simplify(Module((made,), made.name)).functions[0]

    def itself() -> CompileError:
        return CompileError((RuleNeedsItself(span=rule_span, function=function.name),))

    @cache
    def primal() -> Function:
        return loops(implementation(function.symbol), reverse=False)

    @cache
    @_not_within_itself(itself)
    def forward(tapes: bool) -> Function:
        if mode == "jvp":
            return simplified(forward_of_jvp(primal(), loops(symbol, reverse=not tapes), layout))
        # One run for each element of the result: for one number that is one run, without tapes.
        one = not any(p.role == "output" for p in primal().parameters)
        numbers = sum(is_float(t) for t in primal().result_types)
        transpose = vjp if tapes and not (one and numbers == 1) else vjp_by_forward
        rule = loops(symbol, reverse=True)
        return simplified(forward_of_vjp(made, primal(), rule, layout, transpose))

    @cache
    @_not_within_itself(itself)
    def reverse() -> Function:
        if mode == "vjp":
            return simplified(reverse_of_vjp(primal(), loops(symbol, reverse=False), layout))
        rule = loops(symbol, reverse=True)
        return simplified(reverse_of_jvp(made, primal(), rule, layout, vjp))

    made = CustomFunction(function.symbol, primal, forward, reverse)
    return made


def _not_within_itself(
    error: Callable[[], CompileError],
) -> Callable[[Callable[P, Function]], Callable[P, Function]]:
    """Makes a function raise the error where it is called while it runs."""

    def decorate(make: Callable[P, Function]) -> Callable[P, Function]:
        running: list[None] = []

        def made(*args: P.args, **kwargs: P.kwargs) -> Function:
            if running:
                raise error()
            running.append(None)
            try:
                return make(*args, **kwargs)
            finally:
                running.pop()

        return made

    return decorate
