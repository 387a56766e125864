"""Which values and buffers a derivative flows through.

A value is varied if it depends on an active input, useful if a float result or an output depends
on it; it is active if it is both. Only floats, and buffers and stacks of floats, can be. What is
not active has no shadow.

Both are reachability in one graph, whose edges say "the derivative of the source reaches that of
the target"; cycles through loops need no special care. Buffers are told apart by their moments
(`versions`): one that holds constants where it is read is not active there, whatever it held
before. A buffer is active, and has a shadow, if it is at any moment.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import product

from dpc.compiler.analysis.versions import Flow, Node, Version
from dpc.compiler.dialects import ad, func, lapack, linalg, memref, scf, tape
from dpc.compiler.ir.core import Block, Function, Op, Value
from dpc.compiler.ir.types import holds_float

Edge = tuple[Value, Value]
# True if the operand at that position of a scalar op can carry a derivative to the result.
Carries = Callable[[Op, int], bool]


@dataclass(frozen=True, slots=True)
class Activity:
    """The active values of one function."""

    active: frozenset[Value]

    def __contains__(self, value: Value) -> bool:
        return value in self.active


def activity(function: Function, inputs: Iterable[Value], carries: Carries) -> Activity:
    """The active values for derivatives of all float results and outputs by `inputs`."""
    roles: dict[str, list[Value]] = {}
    for parameter, argument in zip(function.parameters, function.arguments, strict=True):
        roles.setdefault(parameter.role, []).append(argument)
    shared = roles.get("shared", [])
    flow = Flow(function, partial(edges_of, carries=carries), frozenset(shared))
    flow.run()
    forward: dict[Node, list[Node]] = {}
    backward: dict[Node, list[Node]] = {}
    for source, target in flow.edges:
        forward.setdefault(source, []).append(target)
        backward.setdefault(target, []).append(source)
    outputs = [*roles.get("output", ()), *shared]
    results = [v for v in (*outputs, *function.body.terminator.operands) if holds_float(v.type)]
    varied = _reachable([v for v in inputs if holds_float(v.type)], forward)
    useful = _reachable([flow.version(v) for v in results], backward)
    found = {n.buffer if isinstance(n, Version) else n for n in varied & useful}
    return Activity(frozenset(v for v in found if holds_float(v.type)))


def _reachable(starts: Iterable[Node], edges: dict[Node, list[Node]]) -> set[Node]:
    pending = list(starts)
    found = set(pending)
    while pending:
        for target in edges.get(pending.pop(), ()):
            if target not in found:
                found.add(target)
                pending.append(target)
    return found


def edges_of(op: Op, carries: Carries) -> Iterable[Edge]:
    """The edges that one operation makes."""
    rule = _EDGES.get(type(op))
    if rule is not None:
        yield from rule(op)
        return
    for position, operand in enumerate(op.operands):
        for result in op.results:
            if carries(op, position):
                yield operand, result


def _for(op: scf.For) -> Iterable[Edge]:
    return _carried(op, op.inits, (op.body.arguments[1:],), op.body)


def _while(op: scf.While) -> Iterable[Edge]:
    return _carried(op, op.inits, (op.before.arguments, op.body.arguments), op.body)


def _carried(
    op: Op, inits: tuple[Value, ...], arguments: tuple[tuple[Value, ...], ...], body: Block
) -> Iterable[Edge]:
    """A carried value starts as its init and goes on as what the body yields."""
    for sources in (inits, body.terminator.operands):
        for targets in (*arguments, op.results):
            yield from zip(sources, targets, strict=True)


def _if(op: scf.If) -> Iterable[Edge]:
    for block in (op.then, op.otherwise):
        yield from zip(block.terminator.operands, op.results, strict=True)


def _invoke(op: func.Invoke) -> Iterable[Edge]:
    """Whatever the callee reads may reach whatever it yields."""
    return product(op.arguments, (*op.written, *op.results))


def _none(op: Op) -> Iterable[Edge]:
    return ()


def _custom(op: ad.Custom) -> Iterable[Edge]:
    return product(op.inputs, (*op.results, *op.outputs))


_EDGES: dict[type[Op], Callable[..., Iterable[Edge]]] = {
    scf.For: _for,
    scf.While: _while,
    scf.If: _if,
    memref.Alloc: _none,
    memref.Constant: _none,
    memref.Load: lambda op: ((op.buffer, op.result),),
    memref.Store: lambda op: ((op.value, op.buffer),),
    memref.Copy: lambda op: ((op.source, op.target),),
    linalg.Fill: lambda op: ((op.value, op.buffer),),
    linalg.Matmul: lambda op: ((op.a, op.c), (op.b, op.c)),
    lapack.Cholesky: lambda op: ((op.a, op.factor),),
    lapack.SolveTriangular: lambda op: ((op.a, op.x), (op.b, op.x)),
    lapack.Lu: _none,
    lapack.LuSolve: lambda op: ((op.a, op.x), (op.b, op.x)),
    lapack.Eigh: lambda op: ((op.a, op.w), (op.a, op.v)),
    lapack.Qr: lambda op: ((op.a, op.q), (op.a, op.r)),
    lapack.Svd: lambda op: ((op.a, op.u), (op.a, op.s), (op.a, op.vt)),
    lapack.Det: lambda op: ((op.a, op.value),),
    ad.Custom: _custom,
    func.Invoke: _invoke,
    tape.Push: lambda op: ((op.value, op.stack),),
    tape.Pop: lambda op: ((op.stack, op.result),),
    tape.Save: lambda op: ((op.buffer, op.slots),),
    tape.Restore: lambda op: ((op.slots, op.buffer),),
}
