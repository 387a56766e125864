"""Finds the first statement whose derivative is wrong.

The function runs in the reference interpreter. Each op that computes with floats is taken out as a
function of its own (`ad.fragment`) at the values it meets there, and its derivatives are judged
alone (`local_derivatives`). An inner op comes before the loop or branch that holds it, so the first
op that fails is the least part that is wrong. Where every part alone is right, the derivative goes
wrong between them: then the shortest run of ops from the start of the function that fails ends
with the one to blame.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from dpc.compiler.ad.fragment import Fragment, fragment
from dpc.compiler.analysis.effects import effects_of
from dpc.compiler.dialects import memref
from dpc.compiler.driver import as_module
from dpc.compiler.interpret import CheckFailed, Handler, Machine, Results, run, uninitialised
from dpc.compiler.ir.core import Function, Op, Value
from dpc.compiler.ir.rewrite import free_values
from dpc.compiler.ir.types import StackType, holds_float
from dpc.dsl.source import Span
from dpc.runtime.local_derivatives import LocalDerivatives, Point, Wrong

EXECUTIONS = 6  # of one op
SECONDS = 20.0  # after these no further op is judged


@dataclass(frozen=True, slots=True)
class Blame:
    """The statement whose derivative is the first to be wrong.

    alone: it is wrong by itself; otherwise only behind the statements before it.
    """

    span: Span | None
    wrong: Wrong
    alone: bool

    def __str__(self) -> str:
        place, text = "an unknown place", ""
        if self.span is not None:
            place, text = str(self.span), f" `{' '.join(self.span.text.split())}`"
        found, expected = f"{self.wrong.found:.9g}", f"{self.wrong.expected:.9g}"
        said = {
            "forward": f"forward mode says {found}, differences {expected}",
            "reverse": f"reverse mode says {found}, forward mode {expected}",
        }[self.wrong.mode]
        where = "" if self.alone else ", which is right alone but not behind what precedes it"
        return f"the first wrong derivative is that of{text} at {place}{where}: {said}"


def blame(function: Function, arguments: Sequence[Any], seed: int = 0) -> Blame | None:
    """The first statement with a wrong derivative when `function` runs on the arguments (those of
    the IR, outputs included); None when none shows.

    Raises ImportError where mpmath is missing.
    """
    watch = _Watch(np.random.default_rng(seed), function.callees)
    module = as_module(function)
    fresh = [
        uninitialised(np.shape(a)) if p.role == "output" else a
        for a, p in zip(arguments, function.parameters, strict=True)
    ]
    try:
        run(module, function.name, arguments, around=watch.around)
    except CheckFailed:
        return None
    except _Found as found:
        return found.blame
    watch.known.update(zip(function.arguments, fresh, strict=True))
    return watch.between(function.body.ops[:-1])


class _Found(Exception):  # noqa: N818 - ends the run that looks for it
    def __init__(self, blame: Blame) -> None:
        self.blame = blame
        super().__init__(str(blame))


class _Watch:
    """Judges ops as they run. `known` is the environment of the last run."""

    def __init__(self, random: np.random.Generator, callees: tuple[Function, ...]) -> None:
        self.known: dict[Value, Any] = {}
        self._callees = callees
        self._random = random
        self._judged: dict[Op, tuple[Fragment, LocalDerivatives]] = {}
        self._executions: Counter[Op] = Counter()
        self._end = perf_counter() + SECONDS

    def around(self, handler: Handler) -> Handler:
        """A handler that judges each op when it has run, at the values it met."""

        def watched(machine: Machine, op: Op, operands: Results) -> Results:
            self.known = machine.environment
            if not self._wants(op):
                return handler(machine, op, operands)
            if op not in self._judged:
                callees = machine.module.functions[0].callees
                part = fragment((op,), op.results, callees)
                self._judged[op] = part, LocalDerivatives(part)
            part, derivatives = self._judged[op]
            point = _point(part, machine.environment)
            results = handler(machine, op, operands)
            wrong = derivatives.wrong(point, self._random)
            if wrong is not None:
                raise _Found(Blame(op.span, wrong, alone=True))
            return results

        return watched

    def between(self, ops: Sequence[Op]) -> Blame | None:
        """The op that ends the shortest wrong run from the start; None when all of it is right."""
        if self._run_until(ops, len(ops)) is None:
            return None
        for end in range(1, len(ops) + 1):
            if not _computes(ops[end - 1]):
                continue
            wrong = self._run_until(ops, end)
            if wrong is not None:
                return Blame(ops[end - 1].span, wrong, alone=False)
        return None

    def _run_until(self, ops: Sequence[Op], end: int) -> Wrong | None:
        used = {v for op in ops[end:] for v in op.operands}
        used.update(v for op in ops[end:] for b in op.blocks for v in free_values(b))
        last = ops[end - 1].results if end == len(ops) else ()
        part = fragment(ops[:end], {*used, *last}, self._callees)
        return LocalDerivatives(part).wrong(_point(part, self.known), self._random)

    def _wants(self, op: Op) -> bool:
        shared = any(isinstance(v.type, StackType) for v in op.operands)
        if shared or not _computes(op) or perf_counter() > self._end:
            return False
        self._executions[op] += 1
        return self._executions[op] <= EXECUTIONS


def _computes(op: Op) -> bool:
    """True for ops from floats to floats, memory included."""
    if isinstance(op, memref.Alloc):
        return False
    inner = (v for b in op.blocks for v in free_values(b))
    results = (*op.results, *effects_of(op).writes)
    return any(holds_float(v.type) for v in (*op.operands, *inner)) and any(
        holds_float(v.type) for v in results
    )


def _point(part: Fragment, known: dict[Value, Any]) -> Point:
    """The fragment's arguments out of what is known of the values it was taken from."""
    return Point(
        tuple(known[v].shape[axis] for v, axis in part.dimensions),
        tuple(v.copy() if isinstance(v, np.ndarray) else v for v in map(known.get, part.inputs)),
        tuple(known[v].shape for v in part.outputs),
    )
