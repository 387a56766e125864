"""Which variables a function carries, and which live in buffers.

Entry: the statements of a function without early leaving. Exit: for each statement, the variables
it assigns that are needed afterwards; for each array leaf of a variable, whether it lives in a
buffer and before which statement that buffer is allocated.

An array leaf lives in a buffer when it is assigned in parts or more than once, or assigned in a
block that does not enclose all its uses. Every other array leaf is a plain tensor value.
"""

from dataclasses import dataclass, field

from dpc.compiler.lowering.leaving import LeavingFor, Stmts
from dpc.compiler.lowering.tree import reads
from dpc.dsl import typed
from dpc.dsl.types import ArrayType, leaves

Variables = dict[typed.Variable, None]  # an ordered set
Leaf = tuple[typed.Variable, int]  # a leaf of a variable, by position


@dataclass(slots=True)
class _Facts:
    """What one statement does, everything inside included."""

    needs: Variables = field(default_factory=dict)  # read before being assigned in here
    kills: Variables = field(default_factory=dict)  # certainly assigned as a whole
    assigns: Variables = field(default_factory=dict)  # possibly assigned, in any way
    header: Variables = field(default_factory=dict)  # used outside the inner blocks
    uses: Variables = field(default_factory=dict)  # used anywhere


def inner_blocks(stmt: typed.Stmt) -> tuple[Stmts, ...]:
    """The blocks inside a statement."""
    if isinstance(stmt, typed.If):
        return stmt.then, stmt.otherwise
    if isinstance(stmt, typed.While):
        return stmt.prelude, stmt.body
    if isinstance(stmt, typed.For):
        return (stmt.body,)
    return ()


class VariableAnalysis:
    """The analysis of one function; `carried` and `buffers` are asked by statement."""

    def __init__(self, parameters: tuple[typed.Variable, ...], body: Stmts) -> None:
        self._facts: dict[int, _Facts] = {}
        self._after: dict[int, Variables] = {}
        self._counts: dict[Leaf, int] = {}
        self._partial: set[Leaf] = set()
        self._bound: Variables = dict.fromkeys(parameters)
        self.buffers: set[Leaf] = set()
        self._placed: dict[int, list[Leaf]] = {}
        self._collect(body)
        self._live(body, {})
        self._place(body)

    def carried(self, stmt: typed.Stmt) -> tuple[typed.Variable, ...]:
        """Variables assigned inside an `if` or a loop and needed after it (or by its next pass)."""
        facts = self._facts[id(stmt)]
        needed = self._after[id(stmt)]
        if isinstance(stmt, typed.For | typed.While):
            needed = needed | facts.needs
        return tuple(v for v in facts.assigns if v in needed)

    def allocated_before(self, stmt: typed.Stmt) -> list[Leaf]:
        """Array leaves whose buffers are allocated right before a statement."""
        return self._placed.get(id(stmt), [])

    def bound_buffers(self, variable: typed.Variable) -> list[Leaf]:
        """Array leaves of a parameter or loop variable that are assigned: copied where bound."""
        return [leaf for leaf in _array_leaves(variable) if leaf in self._counts]

    # --- what statements read and assign -----------------------------------------------------

    def _collect(self, stmts: Stmts) -> _Facts:
        """Facts of a block; those of every statement inside are kept."""
        total = _Facts()
        for stmt in reversed(stmts):
            facts = self._statement(stmt)
            self._facts[id(stmt)] = facts
            later = {v: None for v in total.needs if v not in facts.kills}
            total.needs = facts.needs | later
            total.kills = facts.kills | total.kills
            total.assigns = facts.assigns | total.assigns
            total.uses = facts.uses | total.uses
        return total

    def _statement(self, stmt: typed.Stmt) -> _Facts:
        if isinstance(stmt, typed.Assign | typed.AugmentedAssign):
            return self._assignment(stmt)
        if isinstance(stmt, typed.If):
            return self._branches(stmt)
        if isinstance(stmt, typed.For | typed.While):
            return self._loop(stmt)
        found = reads(*_expressions(stmt))
        return _Facts(needs=found, header=found, uses=found)

    def _assignment(self, stmt: typed.Assign | typed.AugmentedAssign) -> _Facts:
        augmented = isinstance(stmt, typed.AugmentedAssign)
        places = (stmt.place,) if isinstance(stmt, typed.AugmentedAssign) else stmt.places
        found = reads(stmt.value, *(item for place in places for item in place.items))
        facts = _Facts(needs=dict(found))
        for place in places:
            whole = not place.items and not place.fields
            facts.assigns[place.variable] = None
            if augmented or not whole:
                facts.needs[place.variable] = None
            else:
                facts.kills[place.variable] = None
            self._count(place, augmented)
        facts.header = facts.uses = found | facts.assigns
        return facts

    def _count(self, place: typed.Place, augmented: bool) -> None:
        """Count the array leaves that an assignment stores to."""
        depth = len(place.fields)
        for position, leaf in enumerate(leaves(place.variable.type)):
            if isinstance(leaf.type, ArrayType) and leaf.path[:depth] == place.fields:
                key = (place.variable, position)
                self._counts[key] = self._counts.get(key, 0) + 1
                if place.items or augmented:
                    self._partial.add(key)

    def _branches(self, stmt: typed.If) -> _Facts:
        then, otherwise = self._collect(stmt.then), self._collect(stmt.otherwise)
        header = reads(stmt.condition)
        return _Facts(
            needs=header | then.needs | otherwise.needs,
            kills={v: None for v in then.kills if v in otherwise.kills},
            assigns=then.assigns | otherwise.assigns,
            header=header,
            uses=header | then.uses | otherwise.uses,
        )

    def _loop(self, stmt: typed.For | typed.While) -> _Facts:
        header = reads(*_expressions(stmt))
        own: Variables = {}
        if isinstance(stmt, typed.For):
            own = {stmt.clause.variable: None}
            self._bound |= own
        prelude = self._collect(stmt.prelude) if isinstance(stmt, typed.While) else _Facts()
        if isinstance(stmt, LeavingFor):
            header = header | {stmt.live: None}
        body = self._collect(stmt.body)
        inside = {v: None for v in body.needs if v not in own}
        return _Facts(
            needs=header | prelude.needs | inside,
            assigns={v: None for v in body.assigns if v not in own},
            header=header | prelude.uses,
            uses=header | prelude.uses | body.uses,
        )

    # --- liveness ----------------------------------------------------------------------------

    def _live(self, stmts: Stmts, after: Variables) -> None:
        """Keep what is needed after each statement, given what is needed after the block."""
        for stmt in reversed(stmts):
            facts = self._facts[id(stmt)]
            self._after[id(stmt)] = after
            inside = after
            if isinstance(stmt, typed.For | typed.While):
                inside = after | facts.needs
            for block in inner_blocks(stmt):
                self._live(block, inside)
            after = facts.needs | {v: None for v in after if v not in facts.kills}

    # --- buffers -----------------------------------------------------------------------------

    def _place(self, body: Stmts) -> None:
        """Decide which leaves live in buffers and where each is allocated."""
        pending: dict[typed.Variable, list[Leaf]] = {}
        for leaf in self._counts:
            if leaf[0] in self._bound:
                self.buffers.add(leaf)
            else:
                pending.setdefault(leaf[0], []).append(leaf)
        self._place_in(body, pending)

    def _place_in(self, stmts: Stmts, pending: dict[typed.Variable, list[Leaf]]) -> None:
        """Place variables all of whose uses are inside this block."""
        users: dict[typed.Variable, list[typed.Stmt]] = {v: [] for v in pending}
        for stmt in stmts:
            for variable in self._facts[id(stmt)].uses:
                if variable in users:
                    users[variable].append(stmt)
        deeper: dict[int, tuple[Stmts, dict[typed.Variable, list[Leaf]]]] = {}
        for variable, found in pending.items():
            block = self._only_block(variable, users[variable])
            if block is not None:
                deeper.setdefault(id(block), (block, {}))[1][variable] = found
            else:
                self._place_here(found, users[variable][0])
        for block, inside in deeper.values():
            self._place_in(block, inside)

    def _only_block(self, variable: typed.Variable, users: list[typed.Stmt]) -> Stmts | None:
        """The one inner block that holds every use of a variable, if there is one."""
        if len(users) != 1 or variable in self._facts[id(users[0])].header:
            return None
        holding = [
            block
            for block in inner_blocks(users[0])
            if any(variable in self._facts[id(s)].uses for s in block)
        ]
        return holding[0] if len(holding) == 1 else None

    def _place_here(self, found: list[Leaf], first: typed.Stmt) -> None:
        """Allocate before `first` those leaves that need a buffer."""
        for leaf in found:
            simple = isinstance(first, typed.Assign) and self._counts[leaf] == 1
            if not simple or leaf in self._partial:
                self.buffers.add(leaf)
                self._placed.setdefault(id(first), []).append(leaf)


def _array_leaves(variable: typed.Variable) -> list[Leaf]:
    return [
        (variable, position)
        for position, leaf in enumerate(leaves(variable.type))
        if isinstance(leaf.type, ArrayType)
    ]


def _expressions(stmt: typed.Stmt) -> tuple[object, ...]:
    """The expressions of a statement outside its inner blocks."""
    if isinstance(stmt, typed.For):
        return (stmt.clause,)
    if isinstance(stmt, typed.While | typed.If):
        return (stmt.condition,)
    if isinstance(stmt, typed.BindExtent | typed.Return):
        return () if stmt.value is None else (stmt.value,)
    if isinstance(stmt, typed.Print):
        return tuple(part for part in stmt.message if not isinstance(part, str))
    if isinstance(stmt, typed.Assert):
        texts = (part for part in stmt.message if not isinstance(part, str))
        return (*texts,) if stmt.condition is None else (stmt.condition, *texts)
    return ()


__all__ = ["Leaf", "VariableAnalysis"]
