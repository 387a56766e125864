"""Which values a derivative flows through, in a function and all its callees.

Each callee has one derivative, whoever invokes it: an argument carries a derivative as soon as it
does so at one place. A fixed point over the invocations: what is active where a callee is invoked
makes its parameters active, and what is active in it makes more so where it invokes others.

A stack or buffer that is shared must have its shadow wherever it is passed, if it has one at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dpc.compiler.analysis.activity import Activity, Carries, activity
from dpc.compiler.analysis.callees import invocations
from dpc.compiler.ir.core import Function, Value
from dpc.compiler.ir.types import holds_float

CARRYING = ("input", "shared")  # roles of parameters that can bring a derivative


@dataclass(slots=True)
class Flow:
    """What is active in a function and in its callees.

    flags: for each callee the positions of arguments that carry derivatives in; callees without
    any have no derivative.
    """

    function: Function
    activity: Activity
    callees: dict[str, Function]
    flags: dict[str, set[int]]
    inside: dict[str, Activity] = field(default_factory=dict)

    def active(self, name: str) -> bool:
        """True if a derivative flows through the callee."""
        return bool(self.flags[name])


def flow(function: Function, inputs: Iterable[Value], carries: Carries) -> Flow:
    """What is active for derivatives of all float results by `inputs`."""
    seeds = tuple(inputs)
    callees = {callee.name: callee for callee in function.callees}
    found = Flow(function, activity(function, seeds, carries), callees, {n: set() for n in callees})
    if not callees:
        return found
    while _spread(found, function, found.activity) | _spread_inside(found, carries):
        found.activity = _with_shared(found, function, activity(function, seeds, carries))
    return found


def _spread_inside(found: Flow, carries: Carries) -> bool:
    """From what is active in the callees; true if anything new became active."""
    changed = False
    for name, callee in found.callees.items():
        flags = found.flags[name]
        if flags:
            seeds = [callee.arguments[i] for i in sorted(flags)]
            inside = _with_shared(found, callee, activity(callee, seeds, carries))
            found.inside[name] = inside
            own = {i for i, a in enumerate(callee.arguments) if _is_shared(callee, i)}
            new = {i for i in own if callee.arguments[i] in inside} - flags
            flags |= new
            changed |= bool(new) | _spread(found, callee, inside)
    return changed


def _spread(found: Flow, function: Function, inside: Activity) -> bool:
    """To the parameters of what a function invokes; true if anything new became active."""
    changed = False
    for op in invocations(function.body):
        flags = found.flags[op.callee]
        before = len(flags)
        parameters = found.callees[op.callee].parameters
        for position, (parameter, value) in enumerate(zip(parameters, op.arguments, strict=True)):
            if parameter.role in CARRYING and value in inside:
                flags.add(position)
        changed |= len(flags) > before
    return changed


def _with_shared(found: Flow, function: Function, inside: Activity) -> Activity:
    """What is shared with a callee that changes its shadow has one."""
    forced = {
        op.arguments[position]
        for op in invocations(function.body)
        for position in found.flags[op.callee]
        if _is_shared(found.callees[op.callee], position)
    }
    return Activity(inside.active | forced) if forced else inside


def _is_shared(function: Function, position: int) -> bool:
    parameter, argument = function.parameters[position], function.arguments[position]
    return parameter.role == "shared" and holds_float(argument.type)


__all__ = ["Flow", "flow"]
