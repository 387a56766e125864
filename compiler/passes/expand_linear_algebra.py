"""Replaces linear-algebra operations by loops, and by calls of a library for large matrices.

On entry: the loops level, no derivative to be taken any more. On exit: no operation of the table
`LOOPS` and no matrix product is left. Which of the two runs is decided by the extents, when the
code runs (`library_calls.py`). The loops of factorisations and solutions are functions of
the language, which the caller compiles: see `dsl/std/_linear_algebra.dp`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dpc.compiler.ad.emit import Emit, Extent
from dpc.compiler.ad.layout import extents_of
from dpc.compiler.analysis.callees import Callees
from dpc.compiler.dialects import lapack, linalg, scf
from dpc.compiler.ir.core import Function, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block
from dpc.compiler.ir.types import FloatType, MemRefType, Type, element_of, shape_of
from dpc.compiler.passes.library_calls import CALLS, Call, Library

# The loops-level function of a name for a float type.
Implementation = Callable[[str, FloatType], Function]


@dataclass(frozen=True, slots=True)
class Loops:
    """The function that computes an operation: its name, the operands it takes and fills.

    An operand in both lists is taken for its extents alone.
    """

    name: Callable[[Op], str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def _named_by_kind(name: str) -> Callable[[Op], str]:
    return lambda op: f"{name}_{op.attributes['kind']}"


LOOPS: dict[type[Op], Loops] = {
    lapack.Cholesky: Loops(lambda op: "cholesky_factor", ("a",), ("factor",)),
    lapack.SolveTriangular: Loops(_named_by_kind("solve_triangular"), ("a", "b"), ("x",)),
    lapack.Lu: Loops(lambda op: "lu_factors", ("a",), ("factors", "pivots")),
    lapack.LuSolve: Loops(_named_by_kind("lu_solve"), ("factors", "pivots", "b"), ("x",)),
    lapack.Eigh: Loops(lambda op: "eigh_jacobi", ("a",), ("w", "v")),
    lapack.Qr: Loops(lambda op: "qr_householder", ("a", "q"), ("q", "r")),
    lapack.Svd: Loops(lambda op: "svd_jacobi", ("a", "s"), ("u", "s", "vt")),
    lapack.Det: Loops(_named_by_kind("lu"), ("factors", "pivots"), ("value",)),
}


def expand_linear_algebra(
    module: Module, implementation: Implementation, library: bool = False, strong: bool = False
) -> Module:
    """Replace linear-algebra operations by loops; with `library`, where matrices are large, by
    calls of BLAS and LAPACK, which know no strong zero (`strong`).
    """

    def expanded(function: Function) -> Function:
        own = Callees({callee.name: callee for callee in function.callees})
        parts = [
            _Expansion(f, own, implementation, library, strong).function()
            for f in (function, *function.callees)
        ]
        if all(a is b for a, b in zip(parts, (function, *function.callees), strict=True)):
            return function
        own.found.update((callee.name, callee) for callee in parts[1:])
        return own.given_to(parts[0])

    made = tuple(map(expanded, module.functions))
    same = all(a is b for a, b in zip(made, module.functions, strict=True))
    return module if same else replace(module, functions=made)


@dataclass(frozen=True, slots=True)
class _Expansion:
    """Rewrites one function; `callees` are taken along from the loops."""

    of: Function
    callees: Callees
    implementation: Implementation
    library: bool
    strong: bool

    def function(self) -> Function:
        """The function without linear-algebra operations."""
        return self.of.with_body(rebuild_block(self.of.body, {}, self._rewrite))

    def _rewrite(self, op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        emit = Emit(op.span)
        if not isinstance(op, linalg.Matmul) and type(op) not in LOOPS:
            return None
        masked = isinstance(op, linalg.Matmul) and op.masked and self.strong
        if self.library and not masked and type(op) in CALLS:
            return emit.ops, self._either(op, emit, CALLS[type(op)])
        return emit.ops, self._loops(op, emit)

    def _loops(self, op: Op, emit: Emit) -> tuple[Value, ...]:
        if isinstance(op, linalg.Matmul):
            _product(self.of, op, emit)
            return ()
        loops = LOOPS[type(op)]
        operands = [getattr(op, name) for name in (*loops.inputs, *loops.outputs)]
        return self._inlined(emit, loops.name(op), operands)

    def _either(self, op: Op, emit: Emit, call: Call) -> tuple[Value, ...]:
        """The call of a library where the matrices are large, else the loops."""
        with_library, with_loops = Emit(op.span), Emit(op.span)
        library = Library(self.of, with_library, self._inlined)
        condition = call.condition(Library(self.of, emit, self._inlined), op)
        with_library.add(scf.Yield(call.emit(library, op)))
        with_loops.add(scf.Yield(self._loops(op, with_loops)))
        return emit.add(scf.If(condition, with_library.block(), with_loops.block()))

    def _inlined(self, emit: Emit, name: str, operands: Sequence[Value]) -> tuple[Value, ...]:
        """The body of a function of the language on its operands, inputs then outputs; results."""
        element = next(e for v in operands if isinstance(e := _element(v), FloatType))
        body = self.callees.adopt(self.implementation(name, element))
        pairs = list(zip(body.parameters, body.arguments, strict=True))
        env: dict[Value, Value] = {}
        sizes: dict[str, Value] = {}
        given = [(p, v) for p, v in pairs if p.role != "dimension"]
        for (parameter, argument), operand in zip(given, operands, strict=True):
            env[argument] = operand
            if not isinstance(operand.type, MemRefType):
                continue
            extents = self.extents(operand)
            for extent_name, extent in zip(parameter.extents, extents, strict=True):
                if isinstance(extent_name, str) and extent_name not in sizes:
                    sizes[extent_name] = emit.extent(extent)
        env.update((v, sizes[p.name]) for p, v in pairs if p.role == "dimension")
        for inner in clone_ops(body.body.ops[:-1], env):
            emit.add(inner)
        return tuple(env.get(v, v) for v in body.body.terminator.operands)

    def extents(self, buffer: Value) -> tuple[Extent, ...]:
        """The extents of a buffer."""
        return extents_of(self.of, buffer)


def _element(value: Value) -> Type:
    return element_of(value.type) if isinstance(value.type, MemRefType) else value.type


def _product(function: Function, op: linalg.Matmul, emit: Emit) -> None:
    """c[i, j] += a[i, k] b[k, j], with j innermost; b is turned first where that is a column."""
    a, b = extents_of(function, op.a), extents_of(function, op.b)
    rows, inner = a if op.kind[0] == "n" else a[::-1]
    right, columns = (op.b, b[1]) if op.kind[1] == "n" else (_turned(emit, op.b, b), b[0])

    def element(in_row: Emit, i: Value, k: Value, factor: Value, j: Value) -> None:
        product = in_row.mulz if op.masked else in_row.mulf
        term = product(factor, in_row.load(right, (k, j)))
        in_row.store(in_row.addf(in_row.load(op.c, (i, j)), term), op.c, (i, j))

    def row(outer: Emit, indices: tuple[Value, ...]) -> None:
        i, k = indices
        factor = outer.load(op.a, (i, k) if op.kind[0] == "n" else (k, i))
        outer.each((columns,), lambda e, j: element(e, i, k, factor, *j))

    emit.each((rows, inner), row)


def _turned(emit: Emit, matrix: Value, extents: tuple[Extent, ...]) -> Value:
    """The transpose in a buffer of its own."""
    type_ = MemRefType(shape_of(matrix.type)[::-1], element_of(matrix.type))
    made = emit.alloc(type_, extents[::-1])
    emit.each(extents, lambda e, ij: e.store(e.load(matrix, ij), made, ij[::-1]))
    return made


__all__ = ["LOOPS", "Implementation", "expand_linear_algebra"]
