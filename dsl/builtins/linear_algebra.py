"""Linear algebra: factorisations and solutions of linear systems."""

from dpc.dsl.builtins.entry import Builtin


def _row(signature: str, doc: str, kind: str) -> Builtin:
    return Builtin(signature.split("(")[0], "linear algebra", signature, doc, kind)


LINEAR_ALGEBRA = (
    _row(
        "cholesky(a)",
        "The lower triangular l with l @ l.T == a; reads the lower triangle of a.",
        "factorisation",
    ),
    _row("solve(a, b)", "The x with a @ x == b; b is a vector or a matrix.", "solve"),
    _row("inv(a)", "The inverse.", "factorisation"),
    _row("det(a)", "The determinant.", "determinant"),
    _row(
        "logdet(a)",
        "The logarithm of the determinant; NaN where that is negative.",
        "determinant",
    ),
    _row(
        "eigh(a)",
        "(w, v): ascending eigenvalues, eigenvectors as columns; reads the lower triangle of a.",
        "eigh",
    ),
    _row(
        "qr(a)",
        "(q, r): a == q @ r, orthonormal columns, upper triangular with a diagonal >= 0; reduced.",
        "qr",
    ),
    _row(
        "svd(a)",
        "(u, s, vt): a == (u * s) @ vt, s descending, orthonormal columns and rows; reduced.",
        "svd",
    ),
    _row(
        "solve_triangular(a, b, lower=True, trans=False)",
        "The x with a @ x == b, or a.T @ x == b; reads one triangle of a.",
        "solve_triangular",
    ),
)
