"""`for i in parallel(range(...))`: shows that iterations are independent, or refuses the loop.

Two accesses to one variable of different iterations, one of them a store, must lie apart on some
axis. An index of an axis is a * i + rest, with i the loop's variable and `rest` the same in every
iteration; two of one a whose rests differ by a constant d meet only where a * step divides d, and
for d = 0 only within an iteration. `+=` on what the loop does not read otherwise commutes.

Entry: the typed body. Variables that the body itself introduces belong to each iteration.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

from dpc.dsl import ast, typed
from dpc.dsl.check.context import Body, locals_of
from dpc.dsl.check.flow import parts_of
from dpc.dsl.errors.parallel import LeavesParallel, ParallelConflict, UnprovenParallel
from dpc.dsl.errors.types import Misplaced
from dpc.dsl.shapes import ZERO, Local, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import ArrayType, RecordType, Type

APART, MEET, UNKNOWN = "apart", "meet", "unknown"
Form = tuple[int, Poly]  # coefficient of the loop's variable, the rest


def parallel_range(body: Body, node: ast.Expr) -> ast.Expr | None:
    """The range of `parallel(range(...))`; None for anything else."""
    if not isinstance(node, ast.Call) or not isinstance(node.callee, ast.Name):
        return None
    if node.callee.name != "parallel" or "parallel" in body.names.definitions:
        return None
    inner = node.arguments[0] if len(node.arguments) == 1 and not node.keywords else None
    is_call = isinstance(inner, ast.Call) and isinstance(inner.callee, ast.Name)
    if not is_call or inner.callee.name != "range":  # type: ignore[union-attr]
        problem, advice = "`parallel` takes one `range(...)`", "`range(len(x))` counts an array"
        raise body.error(Misplaced(span=node.span, problem=problem, advice=advice))
    return inner


Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """One access: kind is "read", "store" or "add"; `items` as far as they are known."""

    kind: str
    variable: typed.Variable
    path: Path
    items: tuple[typed.IndexItem, ...]
    shape: tuple[Poly, ...]
    span: Span


def parallel_loop(
    body: Body,
    clause: typed.ForRange,
    inner: tuple[typed.Stmt, ...],
    outer: frozenset[typed.Variable],
    span: Span,
) -> typed.ParallelFor:
    """The loop, its iterations shown to be independent; reports where they are not."""
    for stmt in leaving(inner):
        raise body.error(LeavesParallel(span=stmt.span))
    accesses = [a for stmt in inner for a in _accesses(stmt) if a.variable in outer]
    written = {(a.variable, a.path[:1]) for a in accesses if a.kind != "read"}
    loop = _Loop(clause, _definitions(inner), frozenset(_assigned(inner)), _bound(inner), outer)
    for variable, path in written:
        found = [a for a in accesses if a.variable is variable and _meet(a.path, path)]
        _check(body, loop, found)
    return typed.ParallelFor(span=span, clause=clause, body=inner)


def leaving(stmts: tuple[typed.Stmt, ...], inside: bool = False) -> Iterator[typed.Stmt]:
    """What leaves the loop before its end."""
    for stmt in stmts:
        if isinstance(stmt, typed.Return) or (isinstance(stmt, typed.Break) and not inside):
            yield stmt
        if isinstance(stmt, typed.If):
            yield from leaving((*stmt.then, *stmt.otherwise), inside)
        if isinstance(stmt, (typed.For, typed.While)):
            yield from leaving(stmt.body, True)


# --- accesses -------------------------------------------------------------------------------


def _accesses(node: object) -> Iterator[Access]:
    """Every access inside a statement or expression."""
    match node:
        case typed.Assign(places=places, value=value):
            for place in places:
                yield _stored(place, "store")
                yield from _inside(place.items)
            yield from _accesses(value)
        case typed.AugmentedAssign(place=place, operator=operator, value=value):
            yield _stored(place, "add" if operator in ("add", "sub") else "store")
            yield from _inside(place.items)
            yield from _accesses(value)
        case typed.Index(base=base, items=items) if _named(base) is not None:
            variable, path = _named(base) or (None, ())
            assert variable is not None
            yield Access("read", variable, path, items, _shape(base.type), node.span)
            yield from _inside(items)
        case typed.Read() | typed.Field() if _named(node) is not None:
            variable, path = _named(node) or (None, ())
            assert variable is not None
            yield Access("read", variable, path, (), (), node.span)
        case _:
            yield from _inside(tuple(parts_of(node)))


def _inside(nodes: tuple[object, ...]) -> Iterator[Access]:
    for node in nodes:
        yield from _accesses(node)


def _stored(place: typed.Place, kind: str) -> Access:
    type_: Type | None = place.variable.type
    for name in place.fields:
        type_ = type_.field(name) if isinstance(type_, RecordType) else None
    return Access(kind, place.variable, place.fields, place.items, _shape(type_), place.span)


def _meet(left: Path, right: Path) -> bool:
    """True when one is part of the other."""
    return all(a == b for a, b in zip(left, right))


def _shape(type_: Type | None) -> tuple[Poly, ...]:
    return type_.shape if isinstance(type_, (ArrayType, RecordType)) else ()


def _named(node: object) -> tuple[typed.Variable, Path] | None:
    """The variable and fields that an expression names."""
    path: Path = ()
    while isinstance(node, typed.Field):
        path, node = (node.name, *path), node.base
    return (node.variable, path) if isinstance(node, typed.Read) else None


def _statements(stmts: tuple[typed.Stmt, ...]) -> Iterator[object]:
    pending: list[object] = list(stmts)
    while pending:
        node = pending.pop()
        yield node
        pending.extend(parts_of(node))


def _assigned(stmts: tuple[typed.Stmt, ...]) -> Iterator[typed.Variable]:
    for node in _statements(stmts):
        if isinstance(node, typed.Place):
            yield node.variable


def _definitions(stmts: tuple[typed.Stmt, ...]) -> dict[typed.Variable, typed.Expr]:
    """Variables that the body assigns once, as a whole, in its own block, with their values."""
    times = list(_assigned(stmts))
    return {
        stmt.places[0].variable: stmt.value
        for stmt in stmts
        if isinstance(stmt, typed.Assign) and len(stmt.places) == 1
        if times.count(stmt.places[0].variable) == 1 and not stmt.places[0].items
    }


def _bound(stmts: tuple[typed.Stmt, ...]) -> frozenset[int]:
    """Run-time extents that an iteration binds."""
    return frozenset(n.key for n in _statements(stmts) if isinstance(n, typed.BindExtent))


# --- indices --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Loop:
    """What is the same in every iteration, and how indices follow from the loop's variable."""

    clause: typed.ForRange
    definitions: dict[typed.Variable, typed.Expr]
    assigned: frozenset[typed.Variable]
    bound: frozenset[int]
    outer: frozenset[typed.Variable]
    atoms: dict[typed.Variable, Poly] = field(default_factory=dict)

    @property
    def step(self) -> int:
        """The step of the range; 0 where it is not constant."""
        step = self.clause.range.step
        return int(step.value) if isinstance(step, typed.Constant) else 0

    def form(self, node: typed.Expr) -> Form | None:
        """The index as a multiple of the loop's variable and a rest."""
        if isinstance(node, typed.Constant):
            return 0, Poly.constant(int(node.value))
        if isinstance(node, typed.Extent) and node.poly is not None:
            fixed = all(local.key not in self.bound for local in locals_of(node.poly))
            return (0, node.poly) if fixed else None
        if isinstance(node, typed.Read):
            return self._variable(node.variable)
        if isinstance(node, typed.Elementwise) and node.name in ("add", "sub", "mul", "neg"):
            parts = [self.form(operand) for operand in node.operands]
            known = [part for part in parts if part is not None]
            return _combined(node.name, known) if len(known) == len(parts) else None
        return None

    def _variable(self, variable: typed.Variable) -> Form | None:
        if variable in self.assigned:
            value = self.definitions.get(variable)
            return None if value is None or variable in self.outer else self.form(value)
        if variable is self.clause.variable:
            return 1, ZERO
        if variable not in self.outer:
            return None
        return 0, self.atoms.setdefault(
            variable, Poly.atom(Local(-1 - len(self.atoms), variable.name))
        )

    def verdict(self, one: Access, other: Access) -> str:
        """Whether two accesses of different iterations meet."""
        if any(isinstance(item, typed.NewAxis) for item in (*one.items, *other.items)):
            return UNKNOWN
        axes = zip(one.items, other.items, one.shape)
        found = [self._axis(a, b, extent) for a, b, extent in axes]
        if APART in found:
            return APART
        return UNKNOWN if UNKNOWN in found else MEET

    def _axis(self, one: typed.IndexItem, other: typed.IndexItem, extent: Poly) -> str:
        if isinstance(one, typed.At) and isinstance(other, typed.At):
            left, right = self.form(one.index), self.form(other.index)
            if left is None or right is None or left[0] != right[0]:
                return UNKNOWN
            return self._distance(left[0], (left[1] - right[1]).value)
        slices = [i for i in (one, other) if isinstance(i, typed.Slice)]
        whole = [s.step == 1 and s.extent == extent for s in slices]
        ats = sum(isinstance(i, typed.At) for i in (one, other))
        return MEET if slices and all(whole) and len(slices) + ats == 2 else UNKNOWN

    def _distance(self, coefficient: int, distance: int | None) -> str:
        if distance is None:
            return UNKNOWN
        if coefficient == 0:
            return APART if distance else MEET
        if distance == 0:
            return APART
        stride = abs(coefficient * self.step)
        return UNKNOWN if stride == 0 else MEET if distance % stride == 0 else APART


def _combined(name: str, parts: list[Form]) -> Form | None:
    (a, x), (b, y) = parts[0], parts[-1]
    if name == "neg":
        return -a, -x
    if name == "mul":
        factor = y.value if b == 0 and y.value is not None else None
        if factor is not None:
            return a * factor, x * y
        if a == 0 and x.value is not None:
            return b * x.value, x * y
        return (0, x * y) if a == b == 0 else None
    return (a + b, x + y) if name == "add" else (a - b, x - y)


# --- the verdict ----------------------------------------------------------------------------


def _check(body: Body, loop: _Loop, accesses: list[Access]) -> None:
    """All accesses to one variable, one field of it; the first conflict is reported."""
    if all(a.kind == "add" for a in accesses):
        return
    for one, other in combinations_with_replacement(accesses, 2):
        if one.kind == other.kind == "read":
            continue
        verdict = loop.verdict(one, other)
        if verdict == APART:
            continue
        kind = ParallelConflict if verdict == MEET else UnprovenParallel
        first, second = (one, other) if one.kind != "read" else (other, one)
        name = ".".join((first.variable.name, *map(str, first.path)))
        raise body.error(
            kind(
                span=first.span,
                name=name,
                loop_variable=loop.clause.variable.name,
                other=None if second.span == first.span else second.span,
                advice=_advice(loop, first, name),
            )
        )


def _advice(loop: _Loop, access: Access, name: str) -> str:
    i = loop.clause.variable.name
    if not access.shape:
        return f"a sum is accumulated with `{name} += ...` and not read in the loop"
    return f"store at `{name}[{i}]`, or accumulate with `+=` and do not read `{name}` in the loop"
