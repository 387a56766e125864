"""The IR: values, operations, blocks, functions, modules. SSA with regions, after MLIR.

An operation is a dataclass. Its annotated fields are its signature:

    @operation("arith.addf")
    class AddF(Op):
        lhs: Value
        rhs: Value

        def infer(self) -> tuple[Type, ...]:
            return (self.lhs.type,)

Fields annotated `Value` are operands, `tuple[Value, ...]` variadic operands, `Value | None` an
optional operand, `Block` and `tuple[Block, ...]` regions; anything else is an attribute (immutable
data). Operations are never changed after construction; a pass builds new ones through an
environment `env: dict[Value, Value]` and returns the same block when it changed nothing.

All control flow is structured, so a region is one block; where MLIR says region, this code says
block.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any, ClassVar, dataclass_transform

from dpc.compiler.ir.types import Type
from dpc.dsl.source import Span


class Value:
    """An SSA value: a type and the operation or block that defines it.

    `name` is a hint for printing ("" for none). Values compare by identity.
    """

    __slots__ = ("name", "owner", "type")

    def __init__(self, type_: Type, owner: "Op | Block | None" = None, name: str = "") -> None:
        self.type = type_
        self.owner = owner
        self.name = name

    @property
    def op(self) -> "Op | None":
        """The defining operation, or None for a block argument."""
        return self.owner if isinstance(self.owner, Op) else None

    def __repr__(self) -> str:
        return f"<{self.name or 'value'}: {self.type}>"


@dataclass(frozen=True, slots=True)
class FieldKinds:
    """Which fields of an op class hold operands, blocks and attributes, in declaration order."""

    operands: tuple[str, ...]
    variadic: frozenset[str]
    optional: frozenset[str]
    blocks: tuple[str, ...]
    block_lists: frozenset[str]
    attributes: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Op:
    """Base of all operations. `results` are made on construction from `infer`."""

    name: ClassVar[str] = ""
    kinds: ClassVar[FieldKinds]
    # What passes may assume; see `dialects` for what each op declares.
    pure: ClassVar[bool] = False  # no effects, total: may be removed, duplicated, hoisted
    terminator: ClassVar[bool] = False
    commutative: ClassVar[bool] = False

    span: Span | None = field(default=None, kw_only=True, repr=False)
    results: tuple[Value, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.results = tuple(Value(t, self) for t in self.infer())

    def infer(self) -> tuple[Type, ...]:
        """Types of the results, from operands and attributes."""
        return ()

    def verify(self) -> None:
        """Raise `VerificationError` when operands, attributes or blocks are inconsistent."""

    @property
    def result(self) -> Value:
        """The only result."""
        (value,) = self.results
        return value

    @property
    def operands(self) -> tuple[Value, ...]:
        """All operands in field order, variadic ones flattened, absent optional ones left out."""
        kinds = self.kinds
        if not kinds.variadic and not kinds.optional:
            return tuple(getattr(self, name) for name in kinds.operands)
        values: list[Value] = []
        for name in kinds.operands:
            value = getattr(self, name)
            if name in kinds.variadic:
                values.extend(value)
            elif value is not None:
                values.append(value)
        return tuple(values)

    @property
    def blocks(self) -> "tuple[Block, ...]":
        """All regions in field order."""
        kinds = self.kinds
        if not kinds.blocks:
            return ()
        found: list[Block] = []
        for name in kinds.blocks:
            value = getattr(self, name)
            if name in kinds.block_lists:
                found.extend(value)
            else:
                found.append(value)
        return tuple(found)

    @property
    def attributes(self) -> dict[str, Any]:
        """Attribute fields by name."""
        return {name: getattr(self, name) for name in self.kinds.attributes}

    def rebuild(
        self, env: Mapping[Value, Value], blocks: "tuple[Block, ...] | None" = None
    ) -> "Op":
        """The op with operands replaced through `env`, and with `blocks` if given.

        Returns `self` when nothing changes; otherwise a new op with new results of the same names.
        Blocks are taken as they are: use `rewrite.clone` to copy an op with its regions.
        """
        if blocks is None and env.keys().isdisjoint(self.operands):
            return self
        changes: dict[str, Any] = {}
        kinds = self.kinds
        for name in kinds.operands:
            old = getattr(self, name)
            if name in kinds.variadic:
                new = tuple(env.get(v, v) for v in old)
                if any(a is not b for a, b in zip(new, old, strict=True)):
                    changes[name] = new
            elif old is not None:
                value = env.get(old, old)
                if value is not old:
                    changes[name] = value
        if blocks is not None:
            position = 0
            for name in kinds.blocks:
                old = getattr(self, name)
                count = len(old) if name in kinds.block_lists else 1
                taken = blocks[position : position + count]
                position += count
                if name in kinds.block_lists:
                    if any(a is not b for a, b in zip(taken, old, strict=True)):
                        changes[name] = taken
                elif taken[0] is not old:
                    changes[name] = taken[0]
        if not changes:
            return self
        new_op = replace(self, **changes)
        for new_result, old_result in zip(new_op.results, self.results, strict=False):
            new_result.name = old_result.name
        return new_op

    def with_attributes(self, **changes: Any) -> "Op":
        """A new op with attributes changed; results are new values."""
        return replace(self, **changes)


class Block:
    """Arguments and operations; the last operation is a terminator. The block of a region."""

    __slots__ = ("arguments", "ops")

    def __init__(self, arguments: tuple[Value, ...], ops: tuple[Op, ...]) -> None:
        self.arguments = arguments
        self.ops = ops
        for argument in arguments:
            if argument.owner is None:
                argument.owner = self

    @property
    def terminator(self) -> Op:
        """The last operation."""
        return self.ops[-1]

    def walk(self) -> Iterator[Op]:
        """Every operation, outer before inner, in order."""
        for op in self.ops:
            yield op
            for block in op.blocks:
                yield from block.walk()


ROLES = ("dimension", "input", "output", "shared")  # of parameters, in this order


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a function argument is, beyond its type.

    role: "dimension" (an index: an extent; `name` is its polynomial as text, `n` or `2*n + 1`),
          "input" (read only), "output" (a buffer the function fills completely before it returns),
          "shared" (a buffer or stack that the function reads and changes; of callees only).
    extents: for arrays, one entry an axis: an integer constant or the name of a dimension argument.
    """

    name: str
    role: str = "input"
    extents: tuple[int | str, ...] = ()


@dataclass(slots=True, eq=False, weakref_slot=True)
class Function:
    """A function: `body.arguments` are its arguments, described one to one by `parameters`:
    dimensions first, then inputs, outputs, shared ones. The body ends in `func.return`.

    `callees` are the functions that it and they invoke, by names of their own; they hold none.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result_types: tuple[Type, ...]
    body: Block
    span: Span | None = None
    callees: "tuple[Function, ...]" = ()

    @property
    def arguments(self) -> tuple[Value, ...]:
        """The argument values."""
        return self.body.arguments

    def extents(self, argument: Value) -> tuple[int | Value, ...]:
        """The extents of an array argument: integers or index arguments of this function."""
        by_name = {
            p.name: v
            for p, v in zip(self.parameters, self.arguments, strict=True)
            if p.role == "dimension"
        }
        parameter = self.parameters[self.arguments.index(argument)]
        return tuple(e if isinstance(e, int) else by_name[e] for e in parameter.extents)

    def with_body(self, body: Block) -> "Function":
        """The function with another body; itself when it is the same."""
        return self if body is self.body else replace(self, body=body)


@dataclass(slots=True, eq=False)
class Module:
    """Functions by name, in order."""

    functions: tuple[Function, ...]
    name: str = ""

    def function(self, name: str) -> Function:
        """The function or callee of that name; KeyError when there is none."""
        for function in self.functions:
            for each in (function, *function.callees):
                if each.name == name:
                    return each
        raise KeyError(name)

    def map(self, transform: Callable[[Function], Function]) -> "Module":
        """Every function and its callees transformed; the same module when none changed."""
        new = _each(self.functions, transform)
        return self if new is self.functions else replace(self, functions=new)


def _each(
    functions: tuple[Function, ...], transform: Callable[[Function], Function]
) -> tuple[Function, ...]:
    """The functions transformed, with their callees; the same tuple when none changed."""
    made: list[Function] = []
    for function in functions:
        new, callees = transform(function), _each(function.callees, transform)
        made.append(new if callees is function.callees else replace(new, callees=callees))
    same = all(a is b for a, b in zip(made, functions, strict=True))
    return functions if same else tuple(made)


def _kinds(cls: type[Op]) -> FieldKinds:
    """Sort the fields of an op class by what their annotations say."""
    kinds: dict[str, list[str]] = {k: [] for k in ("op", "var", "opt", "blk", "blks", "att")}
    for f in fields(cls):
        if f.name in ("span", "results"):
            continue
        text = f.type if isinstance(f.type, str) else getattr(f.type, "__name__", str(f.type))
        text = str(f.type) if "[" in str(f.type) or "|" in str(f.type) else text
        text = text.replace("dpc.compiler.ir.core.", "")
        target = {
            "Value": ("op",),
            "tuple[Value, ...]": ("op", "var"),
            "Value | None": ("op", "opt"),
            "Optional[Value]": ("op", "opt"),
            "Block": ("blk",),
            "tuple[Block, ...]": ("blk", "blks"),
        }.get(text, ("att",))
        for key in target:
            kinds[key].append(f.name)
    return FieldKinds(
        tuple(kinds["op"]),
        frozenset(kinds["var"]),
        frozenset(kinds["opt"]),
        tuple(kinds["blk"]),
        frozenset(kinds["blks"]),
        tuple(kinds["att"]),
    )


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Value, ...]]:
    """A fast function from an op to its operands."""
    if len(names) == 1:
        only = attrgetter(*names)
        return lambda op: (only(op),)
    return attrgetter(*names) if names else lambda op: ()


@dataclass_transform(eq_default=False)
def operation(name: str) -> Callable[[type[Any]], type[Any]]:
    """Class decorator: make the class a slotted dataclass op with this textual name."""

    def decorate(cls: type[Any]) -> type[Any]:
        made = dataclass(slots=True, eq=False)(cls)
        made.name = name
        made.kinds = _kinds(made)
        kinds = made.kinds
        if not kinds.variadic and not kinds.optional:
            made.operands = property(_getter(kinds.operands))
        return made

    return decorate
