"""Functions with derivative rules as differentiation sees them: made when they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import ParamSpec, Protocol

from dpc.compiler.ad.by_forward import vjp_by_forward
from dpc.compiler.ad.custom_rules import (
    forward_of_jvp,
    forward_of_vjp,
    reverse_of_jvp,
    reverse_of_vjp,
)
from dpc.compiler.ad.required import require_once
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.dialects.ad import CustomFunction, implementation
from dpc.compiler.ir.core import Function, Module
from dpc.compiler.ir.types import is_float
from dpc.compiler.lowering.custom import layout_of
from dpc.compiler.lowering.extern import extern_function
from dpc.dsl import typed
from dpc.dsl.diagnostics import CompileError, InternalError
from dpc.dsl.errors.rules import RuleNeedsItself

P = ParamSpec("P")


class Loops(Protocol):
    """The loops level of a function by symbol; `reverse`: reverse mode will differentiate it."""

    def __call__(self, symbol: str, *, reverse: bool) -> Function: ...


def custom_function(
    function: typed.Function, loops: Loops, simplify: Callable[[Module], Module]
) -> CustomFunction:
    """The function, its rule, and what follows from the rule by transposition."""
    if function.rule is None:
        return _without_rule(function)
    parts = _Parts(function, function.rule, loops, simplify)
    span = function.rule.function.span
    needs_itself = CompileError((RuleNeedsItself(span=span, function=function.name),))
    primal: Callable[[], Function] = cache(parts.primal)

    def forward(tapes: bool) -> Function:
        return parts.forward(made, tapes)

    def reverse() -> Function:
        return parts.reverse(made)

    made = CustomFunction(
        function.symbol,
        primal,
        cache(_not_within_itself(needs_itself, forward)),
        cache(_not_within_itself(needs_itself, reverse)),
    )
    return made


@dataclass(frozen=True, slots=True)
class _Parts:
    """A function with a rule."""

    function: typed.Function
    rule: typed.Rule
    loops: Loops
    simplify: Callable[[Module], Module]

    def primal(self) -> Function:
        """The body."""
        if self.function.extern is not None:
            return extern_function(self.function)
        return self.loops(implementation(self.function.symbol), reverse=False)

    def forward(self, made: CustomFunction, tapes: bool) -> Function:
        """See `CustomFunction`."""
        layout, primal = layout_of(self.function), made.primal()
        if self.rule.mode == "jvp":
            return self._simplified(forward_of_jvp(primal, self._rule(not tapes), layout))
        # One run for each element of the result: for one number that is one run, without tapes.
        arrays = any(p.role == "output" for p in primal.parameters)
        number = not arrays and sum(is_float(t) for t in primal.result_types) == 1
        transpose = vjp_by_forward if number or not tapes else vjp
        rule = self._rule(reverse=True)
        return self._simplified(forward_of_vjp(made, primal, rule, layout, transpose))

    def reverse(self, made: CustomFunction) -> Function:
        """See `CustomFunction`. It runs no C function again which is not pure."""
        layout, primal = layout_of(self.function), made.primal()
        if self.rule.mode == "vjp":
            found = reverse_of_vjp(made, primal, self._rule(reverse=False), layout)
        else:
            found = reverse_of_jvp(made, primal, self._rule(reverse=True), layout, vjp)
        found = self._simplified(found)
        require_once(found)
        return found

    def _rule(self, reverse: bool) -> Function:
        return self.loops(self.rule.function.symbol, reverse=reverse)

    def _simplified(self, made: Function) -> Function:
        return self.simplify(Module((made,), made.name)).functions[0]


def _without_rule(function: typed.Function) -> CustomFunction:
    """A C function that nobody knows the derivative of."""

    def missing() -> Function:
        raise InternalError(f"{function.name} has no derivative rule")

    made = cache(lambda: extern_function(function))
    return CustomFunction(function.symbol, made, lambda tapes: missing(), missing, has_rule=False)


def _not_within_itself(error: CompileError, make: Callable[P, Function]) -> Callable[P, Function]:
    """The function, which raises the error where it is called while it runs."""
    running: list[None] = []

    def made(*args: P.args, **kwargs: P.kwargs) -> Function:
        if running:
            raise error
        running.append(None)
        try:
            return make(*args, **kwargs)
        finally:
            running.pop()

    return made
