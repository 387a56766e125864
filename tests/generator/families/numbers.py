"""Numbers of other types: f32 among f64, integers that wrap, truth values in arithmetic."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

_SINGLE = """def single(x: f32, y: f32[n]) -> f32:
    total = f32(0.5)
    for v in y:
        total = sin(total + v * x)
    return total
"""
_INTEGERS = """def hashed(k: i64, by: i64) -> i64:
    for i in range(3):
        k = k * 6364136223846793005 + 1442695040888963407
        k += by // 3
    return k

def floored(k: i64, by: i64) -> i64:
    d = by if by != 0 else -7
    return (k // d) * 3 + k % d - (-k) // d + (-k) % d
"""


def _single_float(w: Writer, scope: Scope, depth: int) -> str:
    one, other = w.bounded(scope, depth), w.bounded(scope, 0)
    forms = [f"f64(f32({one}) * f32({other}))", f"f64(tanh(f32({one}) + f32({other})))"]
    if w.dimensions:
        array = f"sin({w.array(scope, (w.choose(w.dimensions),), depth)})"
        forms += [f"f64(single(f32({one}), f32({array})))", f"f64(sum(f32({array})))"]
    return w.choose(forms)


def _single_array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    inner = f"f32(sin({w.array(scope, shape, depth)}))"
    return w.choose(
        [f"f64({inner} * {inner})", f"f64(exp({inner}))", f"f64(cumsum({inner})) * 0.2"]
    )


def _integer_float(w: Writer, scope: Scope, depth: int) -> str:
    """A float of what the wrapping of integers decides."""
    one, other = _integer(w, scope, depth), w.integer(scope)
    forms = [f"f64({one} % 7) * 0.25", f"sin(f64({one} % 100))", f"({one} % 5) / 4"]
    forms.append(f"({w.bounded(scope, 0)} if {one} % 3 < 2 else {w.bounded(scope, 0)})")
    forms.append(f"{w.bounded(scope, 0)} ** ({one} % 4)")
    forms.append(f"f64(int(10.0 * {w.bounded(scope, 0)}) + {other})")
    return w.choose([*forms, f"f64(({one} < {other}) + ({other} > 1) * 2)"])


def _integer(w: Writer, scope: Scope, depth: int) -> str:
    one, other = w.integer(scope), w.integer(scope)
    forms = [
        f"hashed({one}, {other})",
        f"floored({one} - 3, {other} - 2)",
        f"({one} - {other}) ** 3",
    ]
    forms += [
        f"i64(i32(hashed({one}, 3) % 1000) * i32(715827882))",
        f"(-{one}) // 2",
        f"abs({one} - 4)",
    ]
    forms += [f"min({one}, {other})", f"max({one}, 2)"]
    if scope.permutations:
        z = w.choose(scope.permutations)
        forms += [f"sum({z} * {z})", f"max({z})", f"hashed({z}[0], {other})", f"sum({z} % 2 == 1)"]
    return w.choose(forms)


def _new_integer(w: Writer, scope: Scope, depth: int) -> None:
    name = w.fresh("j")
    w.write(depth, f"{name} = {_integer(w, scope, 0)} % {w.choose(['5', '-3 + 7'])}")
    w.write(depth, f"{name} {w.choose(['+=', '*='])} {w.integer(scope)}")
    w.write(depth, f"{name} %= 6")
    scope.integers.append(name)


def _truth(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    """Truth values of arrays combined."""
    array, other = w.array(scope, shape, depth), w.array(scope, shape, 0)
    one, two = f"({array} < {w.float(scope, 0)})", f"({other} > 0.25)"
    mask = w.choose([f"{one} & {two}", f"{one} | ~{two}", f"{one} ^ {two}"])
    return f"where({mask}, {other}, {w.bounded(scope, 0)})"


SINGLE = Family(
    "single precision", _SINGLE, floats=(_single_float,), arrays=(_single_array,), tolerance=1e-4
)
INTEGERS = Family(
    "integers",
    _INTEGERS,
    floats=(_integer_float, _integer_float),
    arrays=(_truth,),
    statements=(_new_integer,),
)
