"""Functions whose derivatives are rules of their own, right ones, also inside of derivatives."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

_PRELUDE = """def root_of(c: f64) -> f64:
    x = c
    for i in range(12):
        x = 0.5 * (x + c / x)
    return x

@custom_vjp(root_of)
def root_of_vjp(c: f64, out: f64, d_out: f64) -> f64:
    return d_out / (2.0 * out)

def wave(x: f64[n], y: f64) -> f64[n]:
    return sin(x * y)

@custom_jvp(wave)
def wave_jvp(x: f64[n], y: f64, x_dot: f64[n], y_dot: f64) -> (f64[n], f64[n]):
    return wave(x, y), cos(x * y) * (x_dot * y + x * y_dot)

def turned(x: f64, y: f64, k: i64) -> (f64, f64):
    return sin(x) * y, cos(y) + f64(k)

@custom_vjp(turned)
def turned_vjp(x: f64, y: f64, k: i64, one: f64, two: f64, d_one: f64, d_two: f64) -> (f64, f64):
    return cos(x) * y * d_one, sin(x) * d_one - sin(y) * d_two
"""


def _root(w: Writer, scope: Scope, depth: int) -> str:
    inner = f"root_of(1.5 + {w.bounded(scope, depth)})"
    return w.choose([inner, f"grad(root_of)(1.5 + {w.bounded(scope, 0)})", f"sin({inner})"])


def _wave(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    if len(shape) == 2:
        return None
    return f"wave({w.array(scope, shape, depth)}, {w.bounded(scope, 0)})"


def _turned(w: Writer, scope: Scope, depth: int) -> None:
    one, other = w.fresh("x"), w.fresh("x")
    arguments = f"{w.bounded(scope, 1)}, {w.bounded(scope, 0)}, {w.integer(scope)} % 3"
    w.write(depth, f"{one}, {other} = turned({arguments})")
    scope.floats += [one, other]


RULES = Family(
    "derivative rules",
    _PRELUDE,
    floats=(_root, _root),
    arrays=(_wave,),
    statements=(_turned,),
    tolerance=1e-6,
)
