"""Linear algebra, random numbers and differentiation: known by name, not there yet."""

from dpc.dsl.builtins.entry import Builtin

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
    Builtin("uniform", "random", "uniform(seed, i)", "The i-th number in 0 .. 1.", "random"),
    Builtin("normal", "random", "normal(seed, i)", "The i-th standard normal number.", "random"),
    Builtin(
        "extern", "differentiation", 'extern("library", "symbol")', "A C function.", "decorator"
    ),
    Builtin("custom_vjp", "differentiation", "custom_vjp(f)", "A reverse rule.", "decorator"),
    Builtin("custom_jvp", "differentiation", "custom_jvp(f)", "A forward rule.", "decorator"),
    *(
        Builtin(name, "differentiation", f"{name}(f, wrt=x)", doc, "operator", ("f", "wrt"))
        for name, doc in (
            ("grad", "The gradient of a function with a float result."),
            ("value_and_grad", "Value and gradient."),
            ("jacobian", "The Jacobian: the shape of the result, then that of the parameter."),
            ("hessian", "The Hessian of a function with a float result."),
            ("hvp", "The Hessian times a vector, the last argument."),
        )
    ),
    Builtin(
        "jvp", "differentiation", "jvp(f, (x, y), (dx, dy))",
        "(value, tangent): the value and its derivative along tangents of the float parameters.",
        "jvp", ("f", "x", "dx"),
    ),
    Builtin(
        "vjp", "differentiation", "vjp(f, (x, y), ct)",
        "(value, (ct_x, ct_y)): the value and the cotangents of the float parameters.",
        "vjp", ("f", "x", "ct"),
    ),
)  # fmt: skip
