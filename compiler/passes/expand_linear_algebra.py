"""Replaces linear-algebra operations by loops.

On entry: the loops level, no derivative to be taken any more. On exit: no operation of the table
`LOOPS` and no matrix product is left. The loops of factorisations and solutions are functions of
the language, which the caller compiles: see `dsl/std/_linear_algebra.dp`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.layout import extents_of
from dpc.compiler.dialects import lapack, linalg
from dpc.compiler.ir.core import Function, Module, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block
from dpc.compiler.ir.types import FloatType, element_of

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


def expand_linear_algebra(module: Module, implementation: Implementation) -> Module:
    """Replace linear-algebra operations by loops."""
    return module.map(lambda function: _expanded(function, implementation))


def _expanded(function: Function, implementation: Implementation) -> Function:
    def rewrite(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        emit = Emit(op.span)
        if isinstance(op, linalg.Matmul):
            _product(function, op, emit)
            return emit.ops, ()
        if type(op) in LOOPS:
            return emit.ops, _inlined(function, op, emit, implementation)
        return None

    return function.with_body(rebuild_block(function.body, {}, rewrite))


def _inlined(
    function: Function, op: Op, emit: Emit, implementation: Implementation
) -> tuple[Value, ...]:
    """The body of the function that computes the operation, on its operands; the results."""
    loops = LOOPS[type(op)]
    operands = [getattr(op, name) for name in (*loops.inputs, *loops.outputs)]
    element = element_of(operands[0].type)
    assert isinstance(element, FloatType)
    body = implementation(loops.name(op), element)
    pairs = list(zip(body.parameters, body.arguments, strict=True))
    env: dict[Value, Value] = {}
    sizes: dict[str, Value] = {}
    arrays = [(p, v) for p, v in pairs if p.role != "dimension"]
    for (parameter, argument), operand in zip(arrays, operands, strict=True):
        env[argument] = operand
        for name, extent in zip(parameter.extents, extents_of(function, operand), strict=True):
            if isinstance(name, str) and name not in sizes:
                sizes[name] = emit.extent(extent)
    env.update((v, sizes[p.name]) for p, v in pairs if p.role == "dimension")
    for inner in clone_ops(body.body.ops[:-1], env):
        emit.add(inner)
    return tuple(env.get(v, v) for v in body.body.terminator.operands)


def _product(function: Function, op: linalg.Matmul, emit: Emit) -> None:
    """c[i, j] += a[i, k] b[k, j], with j innermost."""
    a, b = extents_of(function, op.a), extents_of(function, op.b)
    rows, inner = a if op.kind[0] == "n" else a[::-1]
    columns = b[1 if op.kind[1] == "n" else 0]

    def element(in_row: Emit, i: Value, k: Value, factor: Value, j: Value) -> None:
        right = in_row.load(op.b, (k, j) if op.kind[1] == "n" else (j, k))
        product = in_row.mulz if op.masked else in_row.mulf
        total = in_row.addf(in_row.load(op.c, (i, j)), product(factor, right))
        in_row.store(total, op.c, (i, j))

    def row(outer: Emit, indices: tuple[Value, ...]) -> None:
        i, k = indices
        factor = outer.load(op.a, (i, k) if op.kind[0] == "n" else (k, i))
        outer.each((columns,), lambda e, j: element(e, i, k, factor, *j))

    emit.each((rows, inner), row)


__all__ = ["LOOPS", "Implementation", "expand_linear_algebra"]
