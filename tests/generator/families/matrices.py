"""Products of matrices, einsum, and linear algebra on well-conditioned matrices."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer


def _einsum_array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    if ("n", "m") not in w.shapes:
        return None
    a, b = f"sin({w.array(scope, ('n', 'm'), depth)})", f"cos({w.array(scope, ('n', 'm'), 0)})"
    x, y = w.array(scope, ("n",), 0), w.array(scope, ("m",), 0)
    if shape == ("n",):
        forms = [
            f'einsum("ij,j->i", {a}, {y})',
            f'einsum("ij,ij->i", {a}, {b})',
            f"({a} @ {b}.T) @ {w.atom(x)}",
        ]
    elif shape == ("m",):
        forms = [
            f'einsum("ij,i", {a}, {x})'.replace('"ij,i"', '"ij,i->j"'),
            f'einsum("ij->j", {a})',
            f"{w.atom(x)} @ {a}",
        ]
    else:
        forms = [f'einsum("i,j->ij", sin({x}), {y})', f'einsum("ik,jk,jl->il", {a}, {b}, {b})']
        forms += [
            f"({a} @ {b}.T) @ {a}",
            f"stack({a}, {b})[1] + (stack({a}, {b}) @ {b}.T)[0] @ {b}",
        ]
    return f"tanh({w.choose(forms)})"


def _einsum_float(w: Writer, scope: Scope, depth: int) -> str | None:
    if ("n", "m") not in w.shapes:
        return None
    a = f"sin({w.array(scope, ('n', 'm'), depth)})"
    x, y = w.array(scope, ("n",), 0), w.array(scope, ("m",), 0)
    forms = [f'einsum("ij,i,j->", {a}, {x}, {y})', f"{w.atom(x)} @ {a} @ {w.atom(y)}"]
    return w.choose([*forms, f'einsum("ii", outer({x}, sin({x})))', f"norm({a} + 2.0)"])


def _positive(w: Writer, scope: Scope, depth: int) -> str:
    """A symmetric positive definite matrix of extents (n, n)."""
    a = f"sin({w.array(scope, ('n', 'm'), depth)})"
    return (
        f"2.0 * eye(n) + 0.2 * ({a} @ {a}.T)"
        if w.coin()
        else f"diag(1.5 + sin({w.array(scope, ('n',), depth)}))"
    )


def _regular(w: Writer, scope: Scope, depth: int) -> str:
    """A sum that is a matrix with a heavy diagonal, not symmetric."""
    x, y = w.array(scope, ("n",), depth), w.array(scope, ("n",), 0)
    return f"5.0 * eye(n) + outer(sin({x}), cos({y}))"


def _solved(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    if ("n", "m") not in w.shapes or shape == ("m",):
        return None
    b = f"sin({w.array(scope, shape, depth)})"
    triangle = f"cholesky({_positive(w, scope, 0)})"
    trans = w.choose(["", ", trans=True", ", lower=True"])
    forms = [f"solve({_regular(w, scope, 0)}, {b})", f"solve_triangular({triangle}, {b}{trans})"]
    forms += [f"inv({_regular(w, scope, 0)}) @ {b}", f"{triangle} @ {b}"]
    if shape == ("n",):
        name = w.choose(["cholesky", "inv"])
        forms.append(f"diag({name}({_positive(w, scope, 0)}))")
    return w.choose(forms)


def _determinant(w: Writer, scope: Scope, depth: int) -> str | None:
    if ("n", "m") not in w.shapes:
        return None
    forms = [f"logdet({_positive(w, scope, depth)})", f"log(det({_regular(w, scope, depth)}))"]
    forms.append(f"sum(svd(diag(1.0 + arange(n)) + 0.1 * ({_regular(w, scope, depth)}))[1])")
    forms.append(f"sum(abs(qr({_regular(w, scope, depth)})[1]))")
    forms.append(f"sum(cholesky({_positive(w, scope, depth)}))")
    return f"tanh(0.2 * {w.choose(forms)})"


def _eigen(w: Writer, scope: Scope, depth: int) -> None:
    """Eigenvalues well apart."""
    if ("n", "m") not in w.shapes:
        return
    values, vectors, x = w.fresh("t"), w.fresh("h"), f"sin({w.array(scope, ('n',), 1)})"
    w.write(depth, f"{values}, {vectors} = eigh(diag(4.0 * arange(n)) + 0.5 * outer({x}, {x}))")
    w.write(depth, f"{values} = sin({values} + {vectors} @ {x})")
    scope.add(("n",), values)


PRODUCTS = Family("products", floats=(_einsum_float,), arrays=(_einsum_array,), tolerance=1e-8)
LINEAR_ALGEBRA = Family(
    "linear algebra",
    floats=(_determinant,),
    arrays=(_solved,),
    statements=(_eigen,),
    exact=False,
    tolerance=1e-7,
)
