"""`break`, `continue` and early `return` rewritten to plain structured statements.

Entry: a checked function. Exit: no `Break` or `Continue`; one `Return`, the last statement, if the
function has a result. What leaves becomes assignments to flags, ordinary bool variables:

- an `if` of which one branch always leaves takes what follows into its other branch;
- where a branch may leave, what follows runs under a flag of its own;
- a loop that can be left early has a flag `live` that is part of its condition;
- a `return` inside a loop sets `returned`, asked after each loop it leaves.
"""

from dataclasses import dataclass, replace

from dpc.dsl import typed
from dpc.dsl.source import Span
from dpc.dsl.types import BOOL

Stmts = tuple[typed.Stmt, ...]


@dataclass(frozen=True, slots=True)
class LeavingFor(typed.For):
    """A `for` whose body may set `live` to False: then no further iteration starts."""

    live: typed.Variable


def structured(function: typed.Function) -> Stmts:
    """The body without early leaving."""
    body = function.body
    ends_in_return = bool(body) and isinstance(body[-1], typed.Return)
    if not _contains_leaving(body[:-1] if ends_in_return else body):
        return body
    return _Rewriter(function).run()


def _contains_leaving(stmts: Stmts) -> bool:
    """True when a leaving statement stands anywhere inside, caught by a loop or not."""
    return any(
        type(s) in _LEAVES
        or (isinstance(s, typed.If) and _contains_leaving((*s.then, *s.otherwise)))
        or (isinstance(s, typed.For | typed.While) and _contains_leaving(s.body))
        for s in stmts
    )


_LEAVES: dict[type[typed.Stmt], str] = {
    typed.Break: "break",
    typed.Continue: "continue",
    typed.Return: "return",
}


def _leaves(stmt: typed.Stmt) -> frozenset[str]:
    """The ways in which control may leave a statement other than to the next one."""
    if type(stmt) in _LEAVES:
        return frozenset({_LEAVES[type(stmt)]})
    if isinstance(stmt, typed.If):
        return _any_leaves(stmt.then) | _any_leaves(stmt.otherwise)
    if isinstance(stmt, typed.For | typed.While):
        return _any_leaves(stmt.body) & {"return"}
    return frozenset()


def _any_leaves(stmts: Stmts) -> frozenset[str]:
    """The ways in which control leaves a block; what is never reached does not count."""
    found: frozenset[str] = frozenset()
    for stmt in stmts:
        found |= _leaves(stmt)
        if _always((stmt,)):
            break
    return found


def _always(stmts: Stmts) -> bool:
    """True when control never reaches the end of the statements."""
    return any(
        type(s) in _LEAVES or (isinstance(s, typed.If) and _always(s.then) and _always(s.otherwise))
        for s in stmts
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where statements stand: the flags that leaving clears, the innermost loop's `live`."""

    flags: tuple[typed.Variable, ...] = ()
    live: typed.Variable | None = None
    in_loop: bool = False


class _Rewriter:
    """Rewrites one function."""

    def __init__(self, function: typed.Function) -> None:
        self.function = function
        span = function.span
        self.result = (
            None if function.result is None else typed.Variable("result", function.result, span)
        )
        self.returned = typed.Variable("returned", BOOL, span)
        self.returns_in_loops = False

    def run(self) -> Stmts:
        """The rewritten body."""
        span = self.function.span
        body = self.block(self.function.body, _Place())
        if self.returns_in_loops:
            body = (_set(self.returned, False, span), *body)
        if self.result is None:
            return body
        value = typed.Read(type=self.result.type, span=span, variable=self.result)
        return (*body, typed.Return(value=value, span=span))

    def block(self, stmts: Stmts, place: _Place) -> Stmts:
        """Statements of one block."""
        done: list[typed.Stmt] = []
        for position, stmt in enumerate(stmts):
            rest = stmts[position + 1 :]
            if type(stmt) in _LEAVES:
                return (*done, *self.leave(stmt, place))
            if isinstance(stmt, typed.If) and _leaves(stmt):
                return (*done, *self.leaving_if(stmt, rest, place))
            if isinstance(stmt, typed.For | typed.While):
                done.extend(self.loop(stmt))
                if "return" in _leaves(stmt):
                    return (*done, *self.after_returning_loop(stmt.span, rest, place))
            else:
                done.append(self.inner(stmt, place))
        return tuple(done)

    def inner(self, stmt: typed.Stmt, place: _Place) -> typed.Stmt:
        """A statement that control does not leave, its blocks rewritten."""
        if isinstance(stmt, typed.If):
            then, otherwise = self.block(stmt.then, place), self.block(stmt.otherwise, place)
            return replace(stmt, then=then, otherwise=otherwise)
        return stmt

    def leave(self, stmt: typed.Stmt, place: _Place) -> Stmts:
        """A leaving statement as assignments."""
        done: list[typed.Stmt] = []
        if isinstance(stmt, typed.Return):
            if self.result is not None and stmt.value is not None:
                whole = typed.Place(self.result, (), (), self.result.type, stmt.span)
                done.append(typed.Assign(places=(whole,), value=stmt.value, span=stmt.span))
            if place.in_loop:
                done.append(_set(self.returned, True, stmt.span))
                self.returns_in_loops = True
        done.extend(self.skip(stmt.span, place, ends_loop=not isinstance(stmt, typed.Continue)))
        return tuple(done)

    def skip(self, span: Span, place: _Place, ends_loop: bool) -> Stmts:
        """Clear the flags of what is skipped; with `ends_loop` also the loop's `live`."""
        flags = [*place.flags]
        if ends_loop and place.live is not None:
            flags.append(place.live)
        return tuple(_set(flag, False, span) for flag in flags)

    def leaving_if(self, stmt: typed.If, rest: Stmts, place: _Place) -> Stmts:
        """An `if` that may leave, together with what follows it."""
        then, otherwise = stmt.then, stmt.otherwise
        if _always(then):
            otherwise = (*otherwise, *rest)
        elif _always(otherwise):
            then = (*then, *rest)
        elif rest:
            return self.flagged_if(stmt, rest, place)
        return (
            replace(stmt, then=self.block(then, place), otherwise=self.block(otherwise, place)),
        )

    def flagged_if(self, stmt: typed.If, rest: Stmts, place: _Place) -> Stmts:
        """An `if` whose branches may or may not leave: the rest runs under a flag."""
        going = typed.Variable("going", BOOL, stmt.span)
        inside = replace(place, flags=(*place.flags, going))
        branches = replace(
            stmt, then=self.block(stmt.then, inside), otherwise=self.block(stmt.otherwise, inside)
        )
        following = typed.If(
            condition=_read(going, stmt.span),
            then=self.block(rest, place),
            otherwise=(),
            span=stmt.span,
        )
        return _set(going, True, stmt.span), branches, following

    def after_returning_loop(self, span: Span, rest: Stmts, place: _Place) -> Stmts:
        """What follows a loop that contains a `return`."""
        then = self.skip(span, place, ends_loop=True)
        otherwise = self.block(rest, place)
        if not then and not otherwise:
            return ()
        condition = _read(self.returned, span)
        return (typed.If(condition=condition, then=then, otherwise=otherwise, span=span),)

    def loop(self, stmt: typed.For | typed.While) -> Stmts:
        """A loop, with a `live` flag if it can be left early."""
        if not _any_leaves(stmt.body) & {"break", "return"}:
            return (replace(stmt, body=self.block(stmt.body, _Place(in_loop=True))),)
        live = typed.Variable("live", BOOL, stmt.span)
        body = self.block(stmt.body, _Place(live=live, in_loop=True))
        start = _set(live, True, stmt.span)
        if isinstance(stmt, typed.For):
            return start, LeavingFor(clause=stmt.clause, body=body, live=live, span=stmt.span)
        return start, _leaving_while(stmt, body, live)


def _leaving_while(stmt: typed.While, body: Stmts, live: typed.Variable) -> typed.While:
    """`while live and condition`; a condition with a prelude is asked inside the body."""
    condition: typed.Expr = _read(live, stmt.span)
    if stmt.prelude:
        ended = (_set(live, False, stmt.span),)
        asked = typed.If(condition=stmt.condition, then=body, otherwise=ended, span=stmt.span)
        return replace(stmt, condition=condition, prelude=(), body=(*stmt.prelude, asked))
    if not (isinstance(stmt.condition, typed.Constant) and stmt.condition.value is True):
        condition = typed.ShortCircuit(
            type=BOOL, span=stmt.span, operator="and", left=condition, right=stmt.condition
        )
    return replace(stmt, condition=condition, body=body)


def _read(variable: typed.Variable, span: Span) -> typed.Expr:
    return typed.Read(type=variable.type, span=span, variable=variable)


def _set(variable: typed.Variable, value: bool, span: Span) -> typed.Stmt:
    place = typed.Place(variable, (), (), BOOL, span)
    constant = typed.Constant(type=BOOL, span=span, value=value)
    return typed.Assign(places=(place,), value=constant, span=span)


__all__ = ["LeavingFor", "structured"]
