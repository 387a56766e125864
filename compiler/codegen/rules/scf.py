"""`scf` in LLVM: blocks and phi nodes."""

from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import arith, scf
from dpc.compiler.ir.core import Op, Value

TINY_TRIPS = 4  # a loop known to run fewer times is not worth a vector prologue
SHORT_TRIPS = 64  # a loop known to run at most so often is not polled


def _trips(op: scf.For) -> int | None:
    """The trip count when the bounds are constants."""
    bounds = []
    for value in (op.lower, op.upper, op.step):
        if not isinstance(value.op, arith.Constant):
            return None
        bounds.append(int(value.op.value))
    lower, upper, step = bounds
    return max(0, -((lower - upper) // step))


def _phis(
    w: Writer, arguments: tuple[Value, ...], edges: list[tuple[str, tuple[str, ...]]]
) -> list[str]:
    """Phi nodes of block arguments, from (label, operands) of each edge."""
    return [
        f"{w.value(argument)} = phi {w.type(argument)} "
        + ", ".join(f"[ {operands[position]}, %{label} ]" for label, operands in edges)
        for position, argument in enumerate(arguments)
    ]


def _name_all(w: Writer, values: tuple[Value, ...]) -> None:
    """Give block arguments or results fresh names."""
    for value in values:
        w.names[value] = w.name(value.name or "v")


def _operands(w: Writer, values: tuple[Value, ...]) -> tuple[str, ...]:
    return tuple(w.value(v) for v in values)


def _for(w: Writer, op: scf.For) -> None:
    """The increment cannot wrap: it starts below `upper`, and counts are at most 2^62."""
    index, trips = op.body.arguments[0], _trips(op)
    _name_all(w, op.body.arguments)
    head, body, done = w.label("for"), w.label("body"), w.label("done")
    before = w.current
    w.jump(head)
    w.start(head)
    phis = w.hole()
    w.branch(w.emit(f"icmp slt {w.typed(index)}, {w.value(op.upper)}"), body, done)
    w.start(body)
    w.scope(op.body)
    nested = any(isinstance(inner, scf.For | scf.While) for inner in op.body.walk())
    if nested and (trips is None or trips > SHORT_TRIPS):
        w.poll()
    following = w.emit(f"add nsw {w.typed(index)}, {w.value(op.step)}", index.name)
    w.jump(head, w.module.loop(vectorise=trips is None or trips >= TINY_TRIPS))
    edges = [
        (before, (w.value(op.lower), *_operands(w, op.inits))),
        (w.current, (following, *_operands(w, op.body.terminator.operands))),
    ]
    w.fill(phis, _phis(w, op.body.arguments, edges))
    for result, carried in zip(op.results, op.body.arguments[1:], strict=True):
        w.names[result] = w.value(carried)
    w.start(done)


def _while(w: Writer, op: scf.While) -> None:
    """`before` is the header: its arguments are the phi nodes, which `body` shares."""
    _name_all(w, op.before.arguments)
    head, body, done = w.label("while"), w.label("body"), w.label("done")
    before = w.current
    w.jump(head)
    w.start(head)
    phis = w.hole()
    w.scope(op.before)
    condition = op.before.terminator
    assert isinstance(condition, scf.Condition)
    w.branch(w.value(condition.condition), body, done)
    w.start(body)
    for argument, carried in zip(op.body.arguments, op.before.arguments, strict=True):
        w.names[argument] = w.value(carried)
    w.scope(op.body)
    w.poll()
    w.jump(head)
    edges = [
        (before, _operands(w, op.inits)),
        (w.current, _operands(w, op.body.terminator.operands)),
    ]
    w.fill(phis, _phis(w, op.before.arguments, edges))
    for result, carried in zip(op.results, op.before.arguments, strict=True):
        w.names[result] = w.value(carried)
    w.start(done)


def _if(w: Writer, op: scf.If) -> None:
    then, otherwise, done = w.label("then"), w.label("else"), w.label("join")
    w.branch(w.value(op.condition), then, otherwise)
    edges = []
    for label, block in ((then, op.then), (otherwise, op.otherwise)):
        w.start(label)
        w.scope(block)
        edges.append((w.current, _operands(w, block.terminator.operands)))
        w.jump(done)
    w.start(done)
    _name_all(w, op.results)
    for line in _phis(w, op.results, edges):
        w.line(line)


# The terminators are written by the op they end.
RULES: dict[type[Op], Rule] = {scf.For: _for, scf.If: _if, scf.While: _while}
INSIDE_OTHERS: frozenset[type[Op]] = frozenset({scf.Yield, scf.Condition})
