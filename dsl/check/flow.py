"""Flow of control through a checked body: assignment before use, returns, what is never used.

State: the variables certainly assigned; `None` after a statement that control does not pass.
Loop and comprehension variables are assigned wherever they can be named, parameters too.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from dpc.dsl import typed
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.names import (
    CopyNeverRead,
    MissingReturn,
    Unreachable,
    UnusedVariable,
    UseBeforeAssignment,
)
from dpc.dsl.source import Span

_LEAVING = (typed.Return, typed.Break, typed.Continue, typed.Assert)
State = frozenset[typed.Variable] | None
PARTS = (
    typed.Expr, typed.At, typed.Slice, typed.Gather, typed.Range, typed.ForRange, typed.ForElement,
    typed.Stmt,
    typed.Place,
    typed.Piece,
)  # fmt: skip


def parts_of(node: object) -> Iterator[object]:
    """The parts directly inside a typed node: expressions, indices, clauses, statements, places."""
    for name in getattr(node, "__dataclass_fields__", ()):
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, PARTS):
                yield part


def reads(node: object) -> Iterator[typed.Read]:
    """Every reading of a variable inside a node."""
    if isinstance(node, typed.Read):
        yield node
    for part in parts_of(node):
        yield from reads(part)


def _meet(left: State, right: State) -> State:
    if left is None or right is None:
        return right if left is None else left
    return left & right


@dataclass
class _Flow:
    sink: Sink
    targets: frozenset[typed.Variable]
    broken: list[State] = field(default_factory=list)

    def need(self, node: object, state: State) -> None:
        """Everything that a node reads is assigned."""
        if state is None:
            return
        for read in reads(node):
            if read.variable in self.targets and read.variable not in state:
                self.sink.report(
                    UseBeforeAssignment(
                        span=read.span, name=read.variable.name, assigned=read.variable.span
                    )
                )

    def statements(self, nodes: Iterable[typed.Stmt], state: State) -> State:
        """The state after statements."""
        warned = False
        leaving: Span | None = None
        for node in nodes:
            if state is None and not warned:
                self.sink.report(Unreachable(span=node.span, leaving=leaving))
                warned = True
            leaving = node.span if isinstance(node, _LEAVING) else None
            state = self.statement(node, state)
        return state

    def statement(self, node: typed.Stmt, state: State) -> State:
        match node:
            case typed.Assign():
                return self._assign(node, state)
            case typed.If():
                self.need(node.condition, state)
                return _meet(
                    self.statements(node.then, state), self.statements(node.otherwise, state)
                )
            case typed.For():
                self.need(node.clause, state)
                inside = None if state is None else state | {node.clause.variable}
                self._loop(node.body, inside)
                return state
            case typed.While():
                return self._while(node, state)
            case typed.Break():
                self.broken.append(state)
                return None
            case typed.Continue():
                return None
            case typed.Return():
                self.need(node, state)
                return None
            case typed.Assert(condition=None):
                self.need(node, state)
                return None
            case typed.AugmentedAssign(place=place):
                self.need(
                    typed.Read(type=place.type, span=place.span, variable=place.variable), state
                )
                self.need(node, state)
                return state
            case _:
                self.need(node, state)
                return state

    def _assign(self, node: typed.Assign, state: State) -> State:
        self.need(node, state)
        assigned: set[typed.Variable] = set()
        for place in node.places:
            if place.fields or place.items:
                read = typed.Read(type=place.type, span=place.span, variable=place.variable)
                self.need(read, state)
            else:
                assigned.add(place.variable)
        return None if state is None else state | assigned

    def _loop(self, body: tuple[typed.Stmt, ...], state: State) -> list[State]:
        outer, self.broken = self.broken, []
        self.statements(body, state)
        broken, self.broken = self.broken, outer
        return broken

    def _while(self, node: typed.While, state: State) -> State:
        for statement in node.prelude:
            self.need(statement, state)
        self.need(node.condition, state)
        broken = self._loop(node.body, state)
        if not isinstance(node.condition, typed.Constant) or not node.condition.value:
            return state
        after: State = None
        for leaving in broken:
            after = _meet(after, leaving)
        return after


def check_flow(function: typed.Function, sink: Sink) -> None:
    """Report uses before assignment and missing returns; warn, in a body without errors, of what
    is never reached or read.
    """
    failed = sink.failed
    errors = Sink()
    ours = frozenset(p.variable for p in _assigned(_preludes(function.body)))
    targets = frozenset(p.variable for p in _assigned(function.body)) - ours
    flow = _Flow(errors, targets)
    parameters = frozenset(p.variable for p in function.parameters)
    after = flow.statements(function.body, parameters)
    if after is not None and function.result is not None:
        errors.report(
            MissingReturn(
                span=function.span, name=function.name, origin=_falls_through(function.body)
            )
        )
    if not failed and not errors.failed:
        _warn_unused(function, errors)
    for diagnostic in errors.diagnostics:
        if diagnostic.level == "error" or not failed:
            sink.report(diagnostic)


def _leaves(nodes: Iterable[typed.Stmt]) -> bool:
    """Control never passes the end of these statements."""
    return _Flow(Sink(), frozenset()).statements(nodes, frozenset()) is None


def _falls_through(nodes: Sequence[typed.Stmt]) -> tuple[Span, str] | None:
    """The place from which control gets to the end of statements, and how."""
    if not nodes:
        return None
    last = nodes[-1]
    match last:
        case typed.If(then=then) if not _leaves(then):
            return _falls_through(then) or (last.condition.span, "this case returns nothing")
        case typed.If(otherwise=otherwise):
            nothing = (last.condition.span, "nothing is returned where this is false")
            return _falls_through(otherwise) or nothing
        case typed.For():
            return _first_line(last.span), "nothing is returned after this loop"
        case typed.While(condition=typed.Constant(value=True)):
            return _first_line(last.span), "a `break` leaves this loop"
        case typed.While():
            return last.condition.span, "nothing is returned once this is false"
        case _:
            return last.span, "the function ends after this"


def _first_line(span: Span) -> Span:
    return Span(span.source, span.start, span.start + len(span.text.partition("\n")[0]))


def _assigned(nodes: Iterable[object]) -> Iterator[typed.Place]:
    """Every place that statements assign as a whole."""
    for node in nodes:
        if isinstance(node, typed.Assign):
            yield from (p for p in node.places if not p.fields and not p.items)
        yield from _assigned(parts_of(node))


def _preludes(nodes: Iterable[object]) -> Iterator[object]:
    """What stands before expressions: it assigns variables of the compiler's own, in order."""
    for node in nodes:
        if isinstance(node, (typed.Guarded, typed.While)):
            yield from node.prelude
        yield from _preludes(parts_of(node))


def _origins(nodes: Iterable[object]) -> Iterator[tuple[typed.Variable, str]]:
    """Variables whose first value is part of another variable, and that one's name."""
    for node in nodes:
        if (
            isinstance(node, typed.Assign)
            and isinstance(node.value, typed.Index)
            and isinstance(node.value.base, typed.Read)
        ):
            yield node.places[0].variable, node.value.base.variable.name
        yield from _origins(parts_of(node))


def _warn_unused(function: typed.Function, sink: Sink) -> None:
    read = {r.variable for statement in function.body for r in reads(statement)}
    origins = dict(_origins(function.body))
    seen: set[typed.Variable] = set()
    for place in _assigned(function.body):
        variable = place.variable
        silent = variable.is_parameter or variable.name.startswith("_")
        if variable in read or variable in seen or silent:
            continue
        seen.add(variable)
        if variable in origins and _stored_in_part(function.body, variable):
            sink.report(
                CopyNeverRead(span=variable.span, name=variable.name, origin=origins[variable])
            )
        else:
            sink.report(UnusedVariable(span=variable.span, name=variable.name))


def _stored_in_part(nodes: Iterable[object], variable: typed.Variable) -> bool:
    for node in nodes:
        if isinstance(node, typed.Place) and node.variable is variable and node.items:
            return True
        if _stored_in_part(parts_of(node), variable):
            return True
    return False
