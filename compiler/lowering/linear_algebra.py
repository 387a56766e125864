"""Linear algebra: operands and results in buffers, and the checks that an operation asks for."""

from collections.abc import Callable

from dpc.compiler.dialects import arith, array, lapack, linalg, memref
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import I1, I64, INDEX
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.buffers import allocate, assign_whole
from dpc.compiler.lowering.indexing import buffer_of
from dpc.compiler.lowering.ir_types import element_type
from dpc.compiler.lowering.reductions import lower_matmul, reduce_space
from dpc.compiler.lowering.scope import Leaves, Scope
from dpc.dsl import typed
from dpc.dsl import types as source
from dpc.dsl.shapes import ONE
from dpc.dsl.types import ArrayType, shape_of


def _as_matrix(value: Array) -> Array:
    """The array; a vector as a matrix of one column."""
    if value.type.rank == 2:
        return value
    type_ = ArrayType(value.type.element, (*value.type.shape, ONE))
    return value.reindexed(type_, lambda indices: indices[:1])


def in_buffer(scope: Scope, node: typed.Expr) -> tuple[Value, ArrayType]:
    """A buffer with the value of a matrix, or of a vector as a matrix of one column."""
    assert isinstance(node.type, ArrayType)
    known = buffer_of(scope, node)
    if known is not None and node.type.rank == 2:
        return known, node.type
    value = _as_matrix(scope.array(node))
    read = None if value.tensor is None else value.tensor.op
    if isinstance(read, array.Read) and value.stable:
        return read.buffer, value.type
    buffer = allocate(scope, value.type)
    assign_whole(scope, value, buffer)
    return buffer, value.type


def result(scope: Scope, buffer: Value, stored: ArrayType, wanted: ArrayType) -> Array:
    """The array in a buffer, a column as a vector where one is wanted."""
    value = scope.of_tensor(stored, scope.emit(array.Read(buffer)))
    if wanted.rank == stored.rank:
        return value
    zero = scope.constant(0, INDEX)
    return value.reindexed(wanted, lambda indices: (*indices, zero))


def _cholesky(scope: Scope, node: typed.LinearAlgebra) -> Leaves:
    a, type_ = in_buffer(scope, node.operands[0])
    factor = allocate(scope, type_)
    info = scope.emit(lapack.Cholesky(a, factor))
    _succeeded(scope, info, "the matrix is not positive definite: its leading minor {} is not")
    return (result(scope, factor, type_, type_),)


def _solve_triangular(scope: Scope, node: typed.LinearAlgebra) -> Leaves:
    (a, a_type), (b, b_type) = (in_buffer(scope, o) for o in node.operands)
    lower, trans = node.options
    _regular_diagonal(scope, a, a_type)
    x = allocate(scope, b_type)
    kind = ("l" if lower else "u") + ("t" if trans else "n")
    scope.add(lapack.SolveTriangular(a, b, x, kind))
    assert isinstance(node.type, ArrayType)
    return (result(scope, x, b_type, node.type),)


def _lu(scope: Scope, node: typed.Expr) -> tuple[tuple[Value, Value, Value], ArrayType, Value]:
    """A matrix, its factors and pivots; its type; which pivot is 0."""
    a, type_ = in_buffer(scope, node)
    factors = allocate(scope, type_)
    pivots = allocate(scope, ArrayType(source.I64, type_.shape[:1]))
    return (a, factors, pivots), type_, scope.emit(lapack.Lu(a, factors, pivots))


def _solve(scope: Scope, node: typed.LinearAlgebra) -> Leaves:
    lu, _, info = _lu(scope, node.operands[0])
    _succeeded(scope, info, _SINGULAR)
    b, b_type = in_buffer(scope, node.operands[1])
    x = allocate(scope, b_type)
    scope.add(lapack.LuSolve(*lu, b, x, "n"))
    assert isinstance(node.type, ArrayType)
    return (result(scope, x, b_type, node.type),)


def _inverse(scope: Scope, node: typed.LinearAlgebra) -> Leaves:
    lu, type_, info = _lu(scope, node.operands[0])
    _succeeded(scope, info, _SINGULAR)
    one = scope.constant(1.0, element_type(type_))
    zero = scope.zero(type_.element)

    def identity(indices: tuple[Value, ...]) -> Value:
        return scope.emit(arith.Select(scope.emit(arith.CmpI("eq", *indices)), one, zero))

    b, x = allocate(scope, type_), allocate(scope, type_)
    assign_whole(scope, scope.generate(type_, identity), b)
    scope.add(lapack.LuSolve(*lu, b, x, "n"))
    return (result(scope, x, type_, type_),)


def _determinant(scope: Scope, node: typed.LinearAlgebra) -> Leaves:
    lu, type_, _ = _lu(scope, node.operands[0])
    value = allocate(scope, ArrayType(type_.element, (ONE, ONE)))
    scope.add(lapack.Det(*lu, value, "log" if node.name == "logdet" else "det"))
    zero = scope.constant(0, INDEX)
    return (scope.emit(memref.Load(value, (zero, zero))),)


def _eigh(scope: Scope, node: typed.LinearAlgebra) -> Leaves:
    a, type_ = in_buffer(scope, node.operands[0])
    column = ArrayType(type_.element, (type_.shape[0], ONE))
    w, v = allocate(scope, column), allocate(scope, type_)
    info = scope.emit(lapack.Eigh(a, w, v))
    converged = scope.emit(arith.CmpI("eq", info, scope.constant(0, I64)))
    scope.check(converged, "singular", "the eigenvalues did not converge: is there a NaN?")
    values = result(scope, w, column, ArrayType(type_.element, type_.shape[:1]))
    return (values, result(scope, v, type_, type_))


def _qr(scope: Scope, node: typed.LinearAlgebra) -> Leaves:
    a, _ = in_buffer(scope, node.operands[0])
    q_type, r_type = _types(node)
    q, r = allocate(scope, q_type), allocate(scope, r_type)
    scope.add(lapack.Qr(a, q, r))
    return (result(scope, q, q_type, q_type), result(scope, r, r_type, r_type))


def _svd(scope: Scope, node: typed.LinearAlgebra) -> Leaves:
    a, _ = in_buffer(scope, node.operands[0])
    u_type, s_type, vt_type = _types(node)
    column = ArrayType(s_type.element, (*s_type.shape, ONE))
    u, s, vt = (allocate(scope, t) for t in (u_type, column, vt_type))
    info = scope.emit(lapack.Svd(a, u, s, vt))
    converged = scope.emit(arith.CmpI("eq", info, scope.constant(0, I64)))
    scope.check(converged, "singular", "the singular values did not converge: is there a NaN?")
    values = result(scope, s, column, s_type)
    return (result(scope, u, u_type, u_type), values, result(scope, vt, vt_type, vt_type))


def _types(node: typed.LinearAlgebra) -> tuple[ArrayType, ...]:
    """The arrays of a result that is a tuple."""
    assert isinstance(node.type, source.TupleType)
    return tuple(t for t in node.type.items if isinstance(t, ArrayType))


_SINGULAR = "the matrix is singular: pivot {} is 0"


def _succeeded(scope: Scope, info: Value, message: str) -> None:
    zero = scope.constant(0, I64)
    scope.check(scope.emit(arith.CmpI("eq", info, zero)), "singular", message, info)


def _regular_diagonal(scope: Scope, a: Value, type_: ArrayType) -> None:
    matrix = scope.of_tensor(type_, scope.emit(array.Read(a)))
    zero = scope.zero(type_.element)

    def nonzero(indices: tuple[Value, ...]) -> Value:
        element = matrix.element((indices[0], indices[0]))
        return scope.emit(arith.CmpF("une", element, zero))

    extents = (scope.extent(type_.shape[0]),)
    regular = reduce_space(scope, "and", extents, scope.constant(True, I1), nonzero)
    scope.check(regular, "singular", "the matrix is singular: its diagonal holds a zero")


_OPERATIONS: dict[str, Callable[[Scope, typed.LinearAlgebra], Leaves]] = {
    "cholesky": _cholesky,
    "solve_triangular": _solve_triangular,
    "solve": _solve,
    "inv": _inverse,
    "eigh": _eigh,
    "qr": _qr,
    "svd": _svd,
    "det": _determinant,
    "logdet": _determinant,
}


def lower_linear_algebra(scope: Scope, node: typed.Expr) -> Leaves:
    """A call of a linear-algebra built-in."""
    assert isinstance(node, typed.LinearAlgebra)
    return _OPERATIONS[node.name](scope, node)


_SMALL = 8  # products of matrices no larger are loops that fuse with what is around them


def _factor(scope: Scope, node: typed.Expr) -> tuple[Value, str]:
    """A factor in a buffer, and t where its transpose is the factor."""
    if isinstance(node, typed.Transpose):
        return in_buffer(scope, node.operand)[0], "t"
    return in_buffer(scope, node)[0], "n"


def lower_product(scope: Scope, node: typed.Expr) -> Leaves:
    """`a @ b`: of two matrices one operation, unless all extents are small constants."""
    assert isinstance(node, typed.MatMul)
    shapes = [shape_of(o.type) for o in (node.left, node.right) if isinstance(o.type, ArrayType)]
    extents = [e.value for shape in shapes for e in shape]
    small = all(e is not None and e <= _SMALL for e in extents)
    floats = isinstance(node.type, ArrayType) and node.type.element.is_float
    if small or not floats or any(len(shape) != 2 for shape in shapes):
        return lower_matmul(scope, node)
    assert isinstance(node.type, ArrayType)
    (a, left), (b, right) = _factor(scope, node.left), _factor(scope, node.right)
    c = allocate(scope, node.type)
    scope.add(linalg.Fill(scope.zero(node.type.element), c))
    scope.add(linalg.Matmul(a, b, c, left + right, False))
    return (result(scope, c, node.type, node.type),)
