"""Functions with derivative rules of their own against the same programs without the rules."""

import re
from typing import Any

import numpy as np
import pytest

import dpc

# Each rule is right, so that the program with its decorators left out has the same derivatives.
PROGRAMS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "scalar vjp": (
        """
def root(a: f64) -> f64:
    x = 0.5 * (1.0 + a)
    for i in range(12):
        x = 0.5 * (x + a / x)
    return x

@custom_vjp(root)
def root_vjp(a: f64, out: f64, d_out: f64) -> f64:
    return d_out / (2.0 * out)

def f(x: f64[n]) -> f64:
    total = 0.0
    for i in range(n):
        if x[i] > 0.5:
            total += x[i] * root(x[i] + total)
    return root(total) + sum(root(x))
""",
        (np.array([0.7, 0.3, 1.9, 2.4]),),
    ),
    "scalar jvp of several parameters": (
        """
def mixed(x: f64, k: i64, y: f64) -> f64:
    return x ** k * sin(y)

@custom_jvp(mixed)
def mixed_jvp(x: f64, k: i64, y: f64, dx: f64, dy: f64) -> (f64, f64):
    return mixed(x, k, y), k * x ** (k - 1) * sin(y) * dx + mixed(x, k, y + 0.5 * pi) * dy

def f(x: f64[n], y: f64) -> f64:
    s = y
    for i in range(n):
        s = mixed(x[i], i + 1, s)
    return s * mixed(y, 2, y)
""",
        (np.array([0.7, 1.3, 0.9]), 0.4),
    ),
    "array vjp": (
        """
def squares(x: f64[n], w: f64[m, n]) -> f64[m]:
    return [sum(w[i, j] * x[j] ** 2 for j in range(n)) for i in range(m)]

@custom_vjp(squares)
def squares_vjp(v: f64[k], w: f64[l, k], y: f64[l], dy: f64[l]) -> (f64[k], f64[l, k]):
    dv = zeros(k)
    for i in range(l):
        for j in range(k):
            dv[j] += 2.0 * dy[i] * w[i, j] * v[j]
    return dv, [dy[i] * v[j] ** 2 for i in range(l) for j in range(k)]

def f(x: f64[n], w: f64[n, n]) -> f64:
    for t in range(3):
        x = 0.1 * squares(x, w) + sin(x)
    return dot(x, squares(x, w))
""",
        (np.array([0.7, 1.3, 0.9]), np.arange(9.0).reshape(3, 3) / 9.0),
    ),
    "array jvp": (
        """
def normalised(x: f64[n]) -> f64[n]:
    return x / norm(x)

@custom_jvp(normalised)
def normalised_jvp(x: f64[n], dx: f64[n]) -> (f64[n], f64[n]):
    y = normalised(x)
    return y, (dx - y * dot(y, dx)) / norm(x)

def f(x: f64[n]) -> f64:
    s = 0.0
    t = 0
    while t < 3:
        x = normalised(x) + 0.3 * exp(x)
        s += x[0] * x[n - 1]
        t += 1
    return s + sum(normalised(x[1:]))
""",
        (np.array([0.7, -1.3, 0.9]),),
    ),
    "records and tuples": (
        """
class Model:
    w: f64[d]
    k: i64
    b: f64

def both(m: Model(d), x: f64[n]) -> (f64, i64, Model(d)):
    return dot(x, x) * m.b, m.k, Model(w=m.w * m.b, k=m.k + 1, b=m.b ** 2)

@custom_vjp(both)
def both_vjp(
    m: Model(d), x: f64[n], s: f64, k: i64, out: Model(d), ds: f64, dm: Model(d)
) -> (Model(d), f64[n]):
    db = dot(x, x) * ds + dot(m.w, dm.w) + 2.0 * m.b * dm.b
    return Model(w=dm.w * m.b, k=7, b=db), 2.0 * ds * m.b * x

def f(w: f64[d], b: f64, x: f64[n]) -> f64:
    s, k, m = both(Model(w=w, k=2, b=b), x)
    t, l, m = both(m, x)
    return s * t + k * l * sum(sin(m.w)) + m.b
""",
        (np.array([0.7, 1.3]), 0.8, np.array([0.2, -0.4, 1.1])),
    ),
    "records and tuples, forward": (
        """
class Model:
    w: f64[d]
    k: i64
    b: f64

def both(m: Model(d), x: f64[n]) -> (f64, i64, Model(d)):
    return dot(x, x) * m.b, m.k, Model(w=m.w * m.b, k=m.k + 1, b=m.b ** 2)

@custom_jvp(both)
def both_jvp(
    m: Model(d), x: f64[n], dm: Model(d), dx: f64[n]
) -> ((f64, i64, Model(d)), (f64, i64, Model(d))):
    s, k, out = both(m, x)
    ds = 2.0 * dot(x, dx) * m.b + dot(x, x) * dm.b
    dw = dm.w * m.b + m.w * dm.b
    return (s, k, out), (ds, 0, Model(w=dw, k=3, b=2.0 * m.b * dm.b))

def f(w: f64[d], b: f64, x: f64[n]) -> f64:
    s, k, m = both(Model(w=w, k=2, b=b), x)
    t, l, m = both(m, x)
    return s * t + k * l * sum(sin(m.w)) + m.b
""",
        (np.array([0.7, 1.3]), 0.8, np.array([0.2, -0.4, 1.1])),
    ),
    "rules that use rules and derivatives": (
        """
def inner(x: f64) -> f64:
    return sin(x) * x

@custom_jvp(inner)
def inner_jvp(x: f64, dx: f64) -> (f64, f64):
    return inner(x), (cos(x) * x + sin(x)) * dx

def energy(x: f64[n]) -> f64:
    return sum(inner(x)) ** 2

def slope(x: f64[n]) -> f64[n]:
    return grad(energy)(x)

@custom_vjp(slope)
def slope_vjp(x: f64[n], out: f64[n], d: f64[n]) -> f64[n]:
    return hvp(energy)(x, d)

def f(x: f64[n]) -> f64:
    return sum(slope(x) ** 2) + inner(x[0])
""",
        (np.array([0.7, -1.3, 0.9]),),
    ),
    "empty arrays": (
        """
def double(x: f64[n], s: f64) -> (f64[n], f64):
    return 2.0 * x * s, sum(x)

@custom_vjp(double)
def double_vjp(x: f64[n], s: f64, a: f64[n], b: f64, da: f64[n], db: f64) -> (f64[n], f64):
    return 2.0 * s * da + db, 2.0 * dot(x, da)

def f(x: f64[n], s: f64) -> f64:
    a, b = double(x, s)
    return sum(a * a) + b * s + sin(s)
""",
        (np.zeros(0), 0.5),
    ),
    "single precision": (
        """
def cube(x: f32[n]) -> f32[n]:
    return x * x * x

@custom_vjp(cube)
def cube_vjp(x: f32[n], y: f32[n], dy: f32[n]) -> f32[n]:
    return 3.0 * x * x * dy

def f(x: f32[n]) -> f32:
    return sum(cube(cube(x)) * x)
""",
        (np.array([0.7, 1.1], np.float32),),
    ),
}
NAMES = {"scalar jvp of several parameters": ("x", "y")}

HIGHER = """
def g(ARGS) -> f64:
    return sum(grad(f)(GIVEN) ** 2)

def h(ARGS) -> f64:
    value, tangent = jvp(f, (GIVEN,), (GIVEN,))
    _, gradient = vjp(f, (GIVEN,), tangent)
    return value * tangent + FIRST
"""


def _plain(source: str) -> str:
    return re.sub(r"@custom_\w+\(\w+\)\n", "", source)


def _modules(source: str) -> tuple[Any, Any]:
    return dpc.compile(source, math="strict"), dpc.compile(_plain(source), math="strict")


def _same(left: Any, right: Any, tolerance: float) -> None:
    if isinstance(right, tuple):
        for a, b in zip(left, right, strict=True):
            _same(a, b, tolerance)
    else:
        np.testing.assert_allclose(left, right, rtol=tolerance, atol=tolerance)


def _tolerance(arguments: tuple[Any, ...]) -> float:
    return 2e-5 if getattr(arguments[0], "dtype", None) == np.float32 else 1e-9


@pytest.mark.parametrize("name", PROGRAMS)
def test_first_and_second_order_agree_with_the_body(name: str) -> None:
    source, arguments = PROGRAMS[name]
    ruled, plain = _modules(source)
    tolerance = _tolerance(arguments)
    _same(ruled.f(*arguments), plain.f(*arguments), tolerance)
    every = tuple(p for p in ("x", "w", "b", "y", "s") if p in _parameters(source))
    gradients = [dpc.grad(m.f, wrt=every) for m in (ruled, plain)]
    _same(gradients[0](*arguments), gradients[1](*arguments), tolerance)
    tangents = [np.asarray(a) * 0.3 + 0.1 for a in arguments]
    _same(
        dpc.jvp(ruled.f)(*arguments, *tangents), dpc.jvp(plain.f)(*arguments, *tangents), tolerance
    )
    second = [dpc.jvp(g)(*arguments, *tangents)[1] for g in gradients]
    _same(second[0], second[1], 10 * tolerance)
    moved = [dpc.jvp(m.f) for m in (ruled, plain)]
    given = (*arguments, *tangents)
    cotangent = (0.3, 0.9) if tolerance < 1e-6 else (np.float32(0.3), np.float32(0.9))
    back = [dpc.vjp(j)(*given, cotangent)[1] for j in moved]
    _same(back[0], back[1], 10 * tolerance)


def _parameters(source: str) -> list[str]:
    found = re.search(r"def f\((.*?)\)", source)
    assert found
    return [p.split(":")[0].strip() for p in re.split(r",(?![^\[]*\])", found[1])]


@pytest.mark.parametrize(
    "name", [n for n in PROGRAMS if n not in ("single precision", "empty arrays")]
)
def test_derivatives_inside_the_language_agree_with_the_body(name: str) -> None:
    source, arguments = PROGRAMS[name]
    found = re.search(r"def f\((.*?)\)", source)
    assert found
    names = _parameters(source)
    several = len(names) > 1
    first = "sum(gradient[0])" if several else "sum(gradient)"
    more = HIGHER.replace("ARGS", found[1]).replace("FIRST", first)
    more = more.replace("(GIVEN,)", f"({', '.join(names)})" if several else names[0])
    ruled, plain = _modules(source + more.replace("GIVEN", ", ".join(names)))
    for function in ("g", "h"):
        one, two = getattr(ruled, function), getattr(plain, function)
        _same(one(*arguments), two(*arguments), 1e-9)
        _same(dpc.grad(one)(*arguments), dpc.grad(two)(*arguments), 1e-8)


def test_a_rule_replaces_the_derivative() -> None:
    for mode, signature in (
        ("custom_vjp(f)", "x: f64, out: f64, d: f64) -> f64:\n    return 7.0 * d"),
        ("custom_jvp(f)", "x: f64, d: f64) -> (f64, f64):\n    return 5.0, 7.0 * d"),
    ):
        source = f"def f(x: f64) -> f64:\n    return x * x\n@{mode}\ndef rule({signature}\n"
        module = dpc.compile(source + "def g(x: f64) -> f64:\n    return f(f(x))\n")
        assert module.g(3.0) == 81.0
        assert dpc.grad(module.g)(3.0) == 49.0
        value, tangent = dpc.jvp(module.g)(3.0, 1.0)
        assert tangent == 49.0
        assert value == (81.0 if mode == "custom_vjp(f)" else 5.0)
        assert not dpc.check_grad(module.g, 3.0).ok


def test_a_rule_that_is_not_linear_fails_the_check() -> None:
    module = dpc.compile("""
def f(x: f64) -> f64:
    return x * x

@custom_vjp(f)
def rule(x: f64, out: f64, d: f64) -> f64:
    return 2.0 * x * d * d
""")
    assert not dpc.check_grad(module.f, 3.0).ok


def test_checks_of_a_function_with_a_rule_stay() -> None:
    module = dpc.compile("""
def f(x: f64) -> f64:
    assert x > 0.0, "positive"
    return x * x

@custom_vjp(f)
def rule(x: f64, out: f64, d: f64) -> f64:
    return 2.0 * x * d

def g(x: f64) -> f64:
    unused = f(x - 1.0)
    return x + 0.0 * unused
""")
    with pytest.raises(dpc.RuntimeError, match="positive"):
        module.g(0.5)
    with pytest.raises(dpc.RuntimeError, match="positive"):
        dpc.grad(module.f)(-1.0)


@pytest.mark.parametrize("name", ["array vjp", "array jvp"])
def test_jacobians_and_hessians_agree_with_the_body(name: str) -> None:
    source, arguments = PROGRAMS[name]
    called = "squares(x, w)" if "vjp" in name else "normalised(x)"
    found = re.search(r"def f\((.*?)\)", source)
    assert found
    source += f"\ndef s({found[1]}) -> f64[n]:\n    return {called} * x[0]\n"
    ruled, plain = _modules(source)
    for mode in ("forward", "reverse"):
        jacobians = [dpc.jacobian(m.s, wrt="x", mode=mode)(*arguments) for m in (ruled, plain)]
        _same(jacobians[0], jacobians[1], 1e-9)
    hessians = [dpc.hessian(m.f, wrt="x")(*arguments) for m in (ruled, plain)]
    _same(hessians[0], hessians[1], 1e-8)


CALLABLE = """
def applied(f: Callable[[f64[n], i64], f64[n]], k: i64, x: f64[n], s: f64 = 2.0) -> f64[n]:
    return s * f(x, k) + x

@custom_jvp(applied)
def applied_jvp(
    f: Callable[[f64[m], i64], f64[m]], k: i64, x: f64[m], s: f64,
    d_f: Callable[[f64[m], i64], f64[m]], d_x: f64[m], d_s: f64,
) -> (f64[m], f64[m]):
    y = applied(f, k, x, s)
    value, moved = jvp(lambda z: f(z, k), x, d_x)
    return y, d_s * value + s * (moved + d_f(x, k)) + d_x

def scale(x: f64[n], k: i64) -> f64[n]:
    return k * x

def f(x: f64[n], w: f64) -> f64:
    a = applied(lambda y, k: w * y ** k + sum(x) * y, 3, x)
    b = applied(scale, 2, a, w)
    inner = lambda y, k: applied(lambda z, l: z * w + y[0] * l, k, y) + a
    c = applied(inner, 2, b, s=w)
    return dot(a, c) + sum(sin(b))
"""


def test_rules_of_functions_that_take_functions_agree_with_the_body() -> None:
    ruled, plain = _modules(
        CALLABLE + "\ndef g(x: f64[n], w: f64) -> f64:\n    return sum(grad(f)(x, w) ** 2)\n"
    )
    x, w = np.array([0.4, -0.7, 1.1]), 0.6
    for name in ("f", "g"):
        one, two = getattr(ruled, name), getattr(plain, name)
        _same(one(x, w), two(x, w), 1e-9)
        gradients = [dpc.grad(h, wrt=("x", "w")) for h in (one, two)]
        _same(gradients[0](x, w), gradients[1](x, w), 1e-8)
    second = [dpc.jvp(dpc.grad(m.f))(x, w, x, 0.3)[1] for m in (ruled, plain)]
    _same(second[0], second[1], 1e-8)
