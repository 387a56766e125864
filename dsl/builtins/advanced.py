"""Linear algebra, random numbers and differentiation: known by name, not there yet."""

from dpc.dsl.builtins.entry import Builtin, missing

ADVANCED = (
    Builtin("kron", "linear algebra", "kron(a, b)", "The Kronecker product.", "kron"),
    Builtin(
        "cross",
        "linear algebra",
        "cross(a, b)",
        "The cross product of 3-vectors, along the last axis.",
        "cross",
    ),
    Builtin(
        "einsum",
        "linear algebra",
        'einsum("ij,jk->ik", a, b, ...)',
        "Sums of products by index letters.",
        "einsum",
    ),
    *missing(
        "linear algebra",
        ("qr(a)", "Orthogonal times upper triangular."),
        ("eigh(a)", "Eigenvalues and vectors of a symmetric matrix."),
        ("svd(a)", "Singular values and vectors."),
    ),
    Builtin("uniform", "random", "uniform(seed, i)", "The i-th number in 0 .. 1.", "random"),
    Builtin("normal", "random", "normal(seed, i)", "The i-th standard normal number.", "random"),
    *missing(
        "differentiation",
        ("grad(f, wrt)", "The gradient function."),
        ("value_and_grad(f, wrt)", "Value and gradient."),
        ("jvp(f, x, dx)", "Value and directional derivative."),
        ("vjp(f, x, ct)", "Value and transposed derivative."),
        ("jacobian(f, wrt)", "The Jacobian function."),
        ("hessian(f, wrt)", "The Hessian function."),
        ("hvp(f, wrt)", "Hessian times vector."),
        ("stop_gradient(x)", "x, without derivative."),
        ("custom_vjp(f)", "A reverse rule."),
        ("custom_jvp(f)", "A forward rule."),
        ("extern(library, symbol)", "A C function."),
    ),
)
