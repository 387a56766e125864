"""The verifier: what holds of every module between two passes.

Structure
1. A block is not empty; its last operation is a terminator and no other is. A function ends in
   `func.return`, `before` of `scf.while` in `scf.condition`, every other block in `scf.yield`.
2. No operation and no block stands in two places. Each value is defined once, by the operation or
   block that it names as its owner.
3. A use sees its value: defined before it in the same block or an enclosing one.
4. Results have the types the operation infers; its own invariants hold (`Op.verify`).

Memory
5. No buffer or stack is yielded, forwarded, returned, selected or passed to `func.call`.
6. Input buffers are only read. The bodies of `array.generate`, `array.reduce` and `array.assign`
   write to nothing but buffers they allocate themselves.

Functions
7. One parameter an argument: dimensions first (index, names all different), then inputs, then
   outputs (buffers), then, of callees, shared ones (buffers and stacks). An array has one extent an
   axis: the type's own where that is constant, else a constant or the name of a dimension; other
   parameters have none.
8. Returned types are the function's result types. The callee of a call is in the module, that of an
   invocation among the function's callees or in the module; it takes and returns the types of the
   call, and changes what the invocation says. Function names are all different. Callees hold none.

Levels
9. At the array level there are no stacks and no invocations; at the loops level no `array`
   operations, no calls, no tensors; `vector` operations are at the vector level only, which is the
   loops level otherwise. (Checked when a level is given.)

Linear in the size of the module.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dpc.compiler.dialects import (
    ALL_OPS,
    ad,
    array,
    extern,
    func,
    io,
    lapack,
    linalg,
    memref,
    scf,
    tape,
    vector,
)
from dpc.compiler.dialects.memory import writes
from dpc.compiler.ir.core import ROLES, Block, Function, Module, Op, Parameter, Value
from dpc.compiler.ir.types import INDEX, MemRefType, StackType, TensorType, Type
from dpc.compiler.ir.verify_error import VerificationError, require

LEVELS: dict[str, frozenset[type[Op]]] = {
    "array": frozenset((*ALL_OPS, *ad.EXPANDED))
    - frozenset((*tape.OPS, *vector.OPS, func.Invoke, func.Forall)),
    "loops": frozenset((*ALL_OPS, *ad.KEPT)) - frozenset((*array.OPS, *vector.OPS, func.Call)),
    "vector": frozenset(ALL_OPS) - frozenset((*array.OPS, func.Call)),
}
# Terminators by class of the op and field of the block; `scf.yield` elsewhere.
TERMINATORS: dict[tuple[type[Op], str], type[Op]] = {(scf.While, "before"): scf.Condition}
# Ops with operands that may be buffers or stacks; all others take and give scalars and tensors.
TAKES_MEMORY: frozenset[type[Op]] = frozenset(
    {
        *(*memref.OPS, *linalg.OPS, *lapack.OPS, *tape.OPS, *io.OPS, *ad.KEPT, *extern.OPS),
        *(*vector.LOADING, *vector.STORING),
        *(array.Read, array.Assign, func.Invoke, func.Forall),
    }
)
# Ops whose blocks write to nothing that is defined outside of them.
READ_ONLY: frozenset[type[Op]] = frozenset({array.Generate, array.Reduce, array.Assign})


def verify(module: Module, level: str | None = None) -> None:
    """Raise `VerificationError` unless the module keeps all invariants, those of `level` too."""
    names = [f.name for f in module.functions]
    if len(set(names)) != len(names):
        raise VerificationError(f"function names are all different: {', '.join(names)}")
    for function in module.functions:
        verify_function(function, module, level)


def verify_function(
    function: Function, module: Module | None = None, level: str | None = None
) -> None:
    """The invariants of one function and its callees; calls are looked up in `module` if given."""
    if function.callees:
        known = Module((*function.callees, *(module.functions if module else ())))
        for callee in function.callees:
            if callee.callees:
                raise VerificationError(f"callee {callee.name} holds no callees")
            _Verifier(callee, known, LEVELS[level] if level else None).run(level)
        module = known
    _Verifier(function, module, LEVELS[level] if level else None).run(level)


def _is_memory(type_: Type) -> bool:
    return isinstance(type_, MemRefType | StackType)


@dataclass(slots=True)
class _Verifier:
    """One walk over a function."""

    function: Function
    module: Module | None
    allowed: frozenset[type[Op]] | None
    visible: set[Value] = field(default_factory=set)
    defined: set[Value] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)  # identities of ops and blocks
    # For each buffer and stack, in how many blocks that may not write to it it is defined.
    depth_of: dict[Value, int] = field(default_factory=dict)
    depth: int = 0
    written: set[Value] = field(default_factory=set)

    def run(self, level: str | None) -> None:
        function = self.function
        self._require(
            len(function.parameters) == len(function.arguments), "one parameter for each argument"
        )
        self._parameters()
        if level in ("loops", "vector"):
            types = (*(a.type for a in function.arguments), *function.result_types)
            tensors = any(isinstance(t, TensorType) for t in types)
            self._require(not tensors, f"no tensors at the {level} level")
        self.block(function.body, func.Return, function.name)
        returned = tuple(v.type for v in function.body.terminator.operands)
        for argument, parameter in zip(function.arguments, function.parameters, strict=True):
            if parameter.role == "input" and argument in self.written:
                self._require(False, f"input {parameter.name} is only read")
        self._require(returned == function.result_types, "func.return has the result types")
        self._require(not any(map(_is_memory, returned)), "no buffer is returned")

    def _require(self, holds: bool, what: str) -> None:
        if not holds:
            raise VerificationError(f"function {self.function.name}: {what}")

    def _parameters(self) -> None:
        parameters = self.function.parameters
        roles = [p.role for p in parameters]
        self._require(all(r in ROLES for r in roles), "parameters have known roles")
        order = sorted(roles, key=ROLES.index)
        self._require(roles == order, "dimensions stand before inputs before outputs")
        dimensions = [p.name for p in parameters if p.role == "dimension"]
        self._require(len(set(dimensions)) == len(dimensions), "dimensions have different names")
        names = set(dimensions)
        for parameter, argument in zip(parameters, self.function.arguments, strict=True):
            self._parameter(parameter, argument.type, names)

    def _parameter(self, parameter: Parameter, type_: Type, dimensions: set[str]) -> None:
        name = parameter.name
        if parameter.role == "dimension":
            self._require(type_ == INDEX, f"dimension {name} is an index")
        if parameter.role == "output":
            self._require(isinstance(type_, MemRefType), f"output {name} is a buffer")
        stack = isinstance(type_, StackType)
        self._require(not stack or parameter.role == "shared", f"{name} is no stack")
        shape = type_.shape if isinstance(type_, MemRefType | TensorType) else ()
        extents = parameter.extents
        self._require(len(extents) == len(shape), f"{name} has one extent for each axis")
        for extent, static in zip(extents, shape, strict=True):
            known = isinstance(extent, int) or extent in dimensions
            self._require(known, f"extent {extent} of {name} is a constant or a dimension")
            fits = static is None or static == extent
            self._require(fits, f"extent {extent} of {name} is that of its type")

    def block(self, block: Block, terminator: type[Op], where: str) -> None:
        """A block and all inside it; its values are visible in it alone."""
        if id(block) in self.seen:
            raise VerificationError(f"{where}: a block stands in two places")
        self.seen.add(id(block))
        if not block.ops:
            raise VerificationError(f"{where}: a block is empty")
        local: list[Value] = []
        self._define(block.arguments, block, local, where)
        for op in block.ops:
            require(op, op.terminator == (op is block.ops[-1]), "terminators stand last, only last")
            self._op(op)
            self._define(op.results, op, local, op.name)
        last = block.terminator
        require(last, type(last) is terminator, f"the block ends in {terminator.name} ({where})")
        self.visible.difference_update(local)

    def _define(
        self, values: Iterable[Value], owner: Op | Block, local: list[Value], where: str
    ) -> None:
        for value in values:
            if value in self.defined:
                raise VerificationError(f"{where}: {value!r} is defined twice")
            # A rebuilt block keeps its arguments, which name the block it was made from.
            kept = isinstance(owner, Block) and isinstance(value.owner, Block)
            if value.owner is not owner and not kept:
                raise VerificationError(f"{where}: {value!r} names another owner")
            self.defined.add(value)
            self.visible.add(value)
            if _is_memory(value.type):
                self.depth_of[value] = self.depth
            local.append(value)

    def _op(self, op: Op) -> None:
        require(op, id(op) not in self.seen, "an operation stands in two places")
        self.seen.add(id(op))
        if self.allowed is not None:
            require(op, type(op) in self.allowed, "the level has the operation")
        for operand in op.operands:
            if operand not in self.visible:
                hidden = operand in self.defined
                what = "is visible here" if hidden else "is defined before"
                require(op, False, f"operand {operand!r} {what}")
        if type(op) not in TAKES_MEMORY:
            carried = any(_is_memory(v.type) for v in op.operands)
            require(op, not carried, "no buffer or stack is carried, yielded or passed")
        for target in writes(op):
            inside = self.depth_of.get(target) == self.depth
            require(op, inside, f"{target!r} is only read in the block of an array operation")
            self.written.add(target)
        self._blocks(op)
        op.verify()
        require(op, tuple(v.type for v in op.results) == op.infer(), "results have inferred types")
        if isinstance(op, func.Call | func.Invoke | func.Forall):
            self._call(op)

    def _blocks(self, op: Op) -> None:
        if not op.kinds.blocks:
            return
        deeper = type(op) in READ_ONLY
        self.depth += deeper
        for name in op.kinds.blocks:
            inner = getattr(op, name)
            terminator = TERMINATORS.get((type(op), name), scf.Yield)
            for block in inner if isinstance(inner, tuple) else (inner,):
                self.block(block, terminator, op.name)
        self.depth -= deeper

    def _call(self, op: func.Call | func.Invoke | func.Forall) -> None:
        if self.module is None:
            return
        callee = next((f for f in self.module.functions if f.name == op.callee), None)
        require(op, callee is not None, f"the module has a function {op.callee}")
        assert callee is not None
        given = [v.type for v in op.arguments]
        if isinstance(op, func.Forall):
            given.insert(op.position, INDEX)
        require(op, given == [a.type for a in callee.arguments], "arguments fit the callee")
        results = tuple(v.type for v in op.results)
        require(op, results == callee.result_types, "results are the callee's")
        if not isinstance(op, func.Call):
            changed = sum(p.role in ("output", "shared") for p in callee.parameters)
            require(op, op.changed == changed, "it changes what the callee changes")


__all__ = ["LEVELS", "VerificationError", "verify", "verify_function"]
