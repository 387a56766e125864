"""What `wrt` asks for: parameters by name, position or path to a field."""

from dataclasses import dataclass

from dpc.compiler.signature import Entry, Slot
from dpc.dsl.diagnostics import CompileError, Diagnostic
from dpc.dsl.errors.differentiability import (
    AskedTwice,
    NoFloats,
    NothingToDifferentiate,
    UnknownParameter,
    place,
)
from dpc.dsl.types import Leaf, RecordType, TupleType, Type, element_of

Wrt = str | int | tuple[str | int, ...] | None
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """A parameter, or a field of one: its name, its type, its float leaves (paths from there)
    and the positions of these among the inputs of the IR function.
    """

    name: str
    type: Type
    leaves: tuple[Leaf, ...]
    positions: tuple[int, ...]

    def slot(self, prefix: str, taken: set[str]) -> Slot:
        """A slot for its tangent or gradient."""
        name = unique(f"{prefix}_{self.name.replace('.', '_')}", taken)
        return Slot(name, self.type, self.leaves)


def unique(name: str, taken: set[str]) -> str:
    """The name with a number behind it if it is taken; takes it."""
    found, count = name, 2
    while found in taken:
        found, count = f"{name}_{count}", count + 1
    taken.add(found)
    return found


def is_float_leaf(leaf: Leaf) -> bool:
    """True for float scalars and arrays."""
    return element_of(leaf.type).is_float


def select(entry: Entry, wrt: Wrt, *, first: bool = False) -> tuple[tuple[Selected, ...], bool]:
    """What to differentiate by, in the order asked for, and whether it comes back as a tuple.

    None: all parameters that hold floats, or the first of them; one alone is no tuple.
    """
    if wrt is None:
        every = [_selected(entry, (s.name,)) for s in entry.signature.inputs]
        held = tuple(s for s in every if s.leaves)
        if not held:
            fail(
                NothingToDifferentiate(
                    span=place(entry.function.span),
                    function=entry.signature.name,
                    what="parameter",
                )
            )
        return (held[:1], False) if first else (held, len(held) > 1)
    if isinstance(wrt, tuple):
        asked = tuple(_asked(entry, w) for w in wrt)
        _require_disjoint(entry, asked)
        return asked, True
    return (_asked(entry, wrt),), False


def _require_disjoint(entry: Entry, asked: tuple[Selected, ...]) -> None:
    seen: set[int] = set()
    for selected in asked:
        if seen.intersection(selected.positions):
            span, function = place(entry.function.span), entry.signature.name
            fail(AskedTwice(span=span, function=function, name=selected.name))
        seen.update(selected.positions)


def fail(diagnostic: Diagnostic) -> None:
    """Raise it."""
    raise CompileError((diagnostic,))


def _asked(entry: Entry, wanted: str | int) -> Selected:
    signature = entry.signature
    span = place(entry.function.span)
    known = tuple(path for s in signature.inputs for path in _paths(s.name, s.type))
    if isinstance(wanted, int):
        inside = -len(signature.inputs) <= wanted < len(signature.inputs)
        name = signature.inputs[wanted].name if inside else str(wanted)
    else:
        name = wanted
    if name not in known:
        fail(UnknownParameter(span=span, function=signature.name, name=name, known=known))
    selected = _selected(entry, tuple(name.split(".")))
    if not selected.leaves:
        fail(NoFloats(span=span, function=signature.name, name=name))
    return selected


def _paths(name: str, type_: Type) -> tuple[str, ...]:
    """A parameter and all its fields, as written."""
    inner: list[str] = []
    for key, part in _parts(type_):
        inner.extend(_paths(f"{name}.{key}", part))
    return (name, *inner)


def _parts(type_: Type) -> tuple[tuple[str | int, Type], ...]:
    if isinstance(type_, RecordType):
        return type_.fields
    if isinstance(type_, TupleType):
        return tuple(enumerate(type_.items))
    return ()


def _selected(entry: Entry, path: tuple[str, ...]) -> Selected:
    """The parameter or field at a path that exists."""
    position = 0
    for slot in entry.signature.inputs:
        if slot.name != path[0]:
            position += len(slot.leaves)
            continue
        type_, inside = _descend(slot.type, path[1:])
        depth = len(inside)
        rows = [
            (Leaf(leaf.path[depth:], leaf.type), position + i)
            for i, leaf in enumerate(slot.leaves)
            if leaf.path[:depth] == inside and is_float_leaf(leaf)
        ]
        return Selected(".".join(path), type_, tuple(r[0] for r in rows), tuple(r[1] for r in rows))
    raise KeyError(path[0])


def _descend(type_: Type, steps: tuple[str, ...]) -> tuple[Type, Path]:
    """The type at the end of a path of field names and tuple positions, and that path."""
    path: list[str | int] = []
    for step in steps:
        key, type_ = next((k, t) for k, t in _parts(type_) if str(k) == step)
        path.append(key)
    return type_, tuple(path)
