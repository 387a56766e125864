"""`scf` in LLVM: blocks and phi nodes."""

from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import arith, scf
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.types import FloatType

TINY_TRIPS = 4  # a loop known to run fewer times is not worth a vector prologue
SHORT_TRIPS = 64  # a loop known to run at most so often is not polled
Carried = tuple[str, ...]


def _trips(op: scf.For) -> int | None:
    """The trip count when the bounds are constants."""
    bounds = []
    for value in (op.lower, op.upper, op.step):
        if not isinstance(value.op, arith.Constant):
            return None
        bounds.append(int(value.op.value))
    lower, upper, step = bounds
    return max(0, -((lower - upper) // step))


def _holds_loop(block: Block) -> bool:
    """Whether there is a loop in the block."""
    return any(isinstance(op, scf.For | scf.While) for op in block.walk())


def _phis(names: Carried, types: Carried, edges: list[tuple[str, Carried]]) -> list[str]:
    """Phi nodes, from (label, operands) of each edge."""
    return [
        f"{name} = phi {type_} "
        + ", ".join(f"[ {operands[position]}, %{label} ]" for label, operands in edges)
        for position, (name, type_) in enumerate(zip(names, types, strict=True))
    ]


def _named(w: Writer, values: tuple[Value, ...]) -> Carried:
    """Fresh names for values."""
    return tuple(w.name(value.name or "v") for value in values)


def _bind(w: Writer, values: tuple[Value, ...], names: Carried) -> None:
    w.names.update(zip(values, names, strict=True))


def _operands(w: Writer, values: tuple[Value, ...]) -> Carried:
    return tuple(w.value(v) for v in values)


def _types(w: Writer, values: tuple[Value, ...]) -> Carried:
    return tuple(w.type(v) for v in values)


def _for(w: Writer, op: scf.For) -> None:
    """The header tests, the body ends in the increment, which cannot wrap: it starts below
    `upper`, and counts are at most 2^62. A loop around a loop is polled (about 0.2 ns a trip).
    """
    arguments, trips = op.body.arguments, _trips(op)
    names, types = _named(w, arguments), _types(w, arguments)
    _bind(w, arguments, names)
    head, body, done = w.label("for"), w.label("body"), w.label("done")
    before, start = w.current, (w.value(op.lower), *_operands(w, op.inits))
    w.jump(head)
    w.start(head)
    phis = w.hole()
    w.branch(w.emit(f"icmp slt i64 {names[0]}, {w.value(op.upper)}"), body, done)
    w.start(body)
    w.loops += 1
    w.scope(op.body)
    w.loops -= 1
    if _holds_loop(op.body) and (trips is None or trips > SHORT_TRIPS):
        w.poll()
    following = w.emit(f"add nsw i64 {names[0]}, {w.value(op.step)}", arguments[0].name)
    w.jump(head, w.module.loop(vectorise=trips is None or trips >= TINY_TRIPS))
    yielded = (following, *_operands(w, op.body.terminator.operands))
    w.fill(phis, _phis(names, types, [(before, start), (w.current, yielded)]))
    w.start(done)
    _bind(w, op.results, names[1:])
    if _holds_lanes(op):
        _fence(w, op.results)


def _holds_lanes(op: scf.For) -> bool:
    """Whether the loop has partial sums as `expand_lanes` writes them: a step of as many."""
    step = op.step.op
    floats = sum(isinstance(v.type, FloatType) for v in op.results)
    return isinstance(step, arith.Constant) and 1 < step.value <= floats


def _fence(w: Writer, values: tuple[Value, ...]) -> None:
    """Keep the sum over the lanes apart from the loop: LLVM's SLP vectoriser would otherwise form
    vectors of two from that sum and carry them into the loop, whose lanes make one of eight.
    """
    for value in values:
        if isinstance(value.type, FloatType):
            type_ = w.type(value)
            name = f"llvm.arithmetic.fence.f{value.type.width}"
            w.names[value] = w.intrinsic(name, type_, (type_,), w.value(value))


def _while(w: Writer, op: scf.While) -> None:
    """`before` is the header: its arguments are the phi nodes, which `body` shares."""
    arguments = op.before.arguments
    names, types = _named(w, arguments), _types(w, arguments)
    _bind(w, arguments, names)
    head, body, done = w.label("while"), w.label("body"), w.label("done")
    before, inits = w.current, _operands(w, op.inits)
    w.jump(head)
    w.start(head)
    phis = w.hole()
    w.loops += 1
    w.scope(op.before)
    condition = op.before.terminator
    assert isinstance(condition, scf.Condition)
    w.branch(w.value(condition.condition), body, done)
    w.start(body)
    _bind(w, op.body.arguments, names)
    w.scope(op.body)
    w.loops -= 1
    w.poll()
    w.jump(head)
    yielded = _operands(w, op.body.terminator.operands)
    w.fill(phis, _phis(names, types, [(before, inits), (w.current, yielded)]))
    _bind(w, op.results, names)
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
    names = _named(w, op.results)
    _bind(w, op.results, names)
    for line in _phis(names, _types(w, op.results), edges):
        w.line(line)


# The terminators are written by the op they end.
RULES: dict[type[Op], Rule] = {scf.For: _for, scf.If: _if, scf.While: _while}
INSIDE_OTHERS: frozenset[type[Op]] = frozenset({scf.Yield, scf.Condition})
