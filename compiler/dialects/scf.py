"""`scf`: structured control flow, after MLIR."""

from typing import ClassVar

from dpc.compiler.ir.core import Block, Op, Value, operation
from dpc.compiler.ir.types import I1, INDEX, Type
from dpc.compiler.ir.verify_error import require


@operation("scf.for")
class For(Op):
    """for i in lower..upper by step, carrying values.

    body arguments: (i: index, carried...); it ends in `scf.yield carried...`. step > 0.
    The results are the carried values after the last iteration (`inits` if there is none).
    `lanes` > 1: the carried float sums (`c' = c + e`, e free of c) may be computed as `lanes`
    partial sums, combined by a fixed tree; set by `reassociate`, carried out by `expand_lanes`.
    `parallel`: the program, or the transform that made the loop, says that its iterations are
    independent but for sums; `distribute` makes blocks of them that may run on several threads.
    `settled`: how the body rounds was decided before differentiation; no pass changes it, so that
    copies of the body compute the same bits. `checkpoint`: how the reverse pass may store states
    instead of a tape (see `ad.checkpoint`); empty for not at all.
    """

    lower: Value
    upper: Value
    step: Value
    inits: tuple[Value, ...]
    body: Block
    lanes: int = 1
    parallel: bool = False
    settled: bool = False
    checkpoint: str = ""

    def infer(self) -> tuple[Type, ...]:
        return tuple(v.type for v in self.inits)

    def verify(self) -> None:
        bounds = (self.lower, self.upper, self.step)
        require(self, all(v.type == INDEX for v in bounds), "bounds and step are index")
        types = (INDEX, *(v.type for v in self.inits))
        found = tuple(v.type for v in self.body.arguments)
        require(self, found == types, "body arguments are the induction variable and the carried")
        yielded = tuple(v.type for v in self.body.terminator.operands)
        require(self, yielded == types[1:], "the body yields the carried values")


@operation("scf.if")
class If(Op):
    """if condition: then else otherwise; both blocks yield the results (both always present)."""

    condition: Value
    then: Block
    otherwise: Block

    def infer(self) -> tuple[Type, ...]:
        return tuple(v.type for v in self.then.terminator.operands)

    def verify(self) -> None:
        require(self, self.condition.type == I1, "the condition is i1")
        other = tuple(v.type for v in self.otherwise.terminator.operands)
        require(self, other == self.infer(), "both blocks yield the same types")


@operation("scf.while")
class While(Op):
    """while: `before` (arguments: the carried values) ends in `scf.condition c, carried...`, which
    forwards exactly its own arguments; `body` gets them and ends in `scf.yield carried...`.

    `bound`: if present, an index value; the body runs at most that often. `settled` and
    `checkpoint` as for `scf.for`.
    """

    inits: tuple[Value, ...]
    bound: Value | None
    before: Block
    body: Block
    settled: bool = False
    checkpoint: str = ""

    def infer(self) -> tuple[Type, ...]:
        return tuple(v.type for v in self.inits)

    def verify(self) -> None:
        types = tuple(v.type for v in self.inits)
        for block in (self.before, self.body):
            found = tuple(v.type for v in block.arguments)
            require(self, found == types, "block arguments are the carried values")
        condition = self.before.terminator
        require(self, isinstance(condition, Condition), "`before` ends in scf.condition")
        forwarded = condition.operands[1:]
        same = len(forwarded) == len(types) and all(
            a is b for a, b in zip(forwarded, self.before.arguments, strict=True)
        )
        require(self, same, "scf.condition forwards the block's own arguments")
        yielded = tuple(v.type for v in self.body.terminator.operands)
        require(self, yielded == types, "the body yields the carried values")
        if self.bound is not None:
            require(self, self.bound.type == INDEX, "the bound is index")


@operation("scf.yield")
class Yield(Op):
    """Ends a block with its values."""

    terminator: ClassVar[bool] = True
    values: tuple[Value, ...] = ()


@operation("scf.condition")
class Condition(Op):
    """Ends `before` of a while: go on if condition, with the carried values."""

    terminator: ClassVar[bool] = True
    condition: Value
    values: tuple[Value, ...]

    def verify(self) -> None:
        require(self, self.condition.type == I1, "the condition is i1")


OPS: tuple[type[Op], ...] = (For, If, While, Yield, Condition)
