"""Functions of scalars called with arrays; type variables; aliases."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

_LIFTED = """def bent(x: f64, y: f64, k: i64 = 1) -> f64:
    for i in range(k % 3):
        if x > y:
            x = sin(x) * y
        else:
            return cos(x) - 0.5 * y
    return tanh(x + y)

def sign_of(x: f64) -> i64:
    return 1 if x > 0.5 else -2
"""
_GENERIC = """Vector = f64[n]

def blended(s: f64, x: T, y: T) -> T:
    x = s * x
    return sin(x) - 0.5 * y

def doubled(x: T) -> T:
    return blended(0.5, x, x)

def length(x: Vector) -> f64:
    y: Vector = x
    y *= y
    return sqrt(1.0 + sum(y))

def leading(x: T[n]) -> T:
    return x[0]
"""


def _lifted_array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    """Arrays of one shape, or of shapes that broadcast, or an array and a scalar."""
    one, scalar = f"sin({w.array(scope, shape, depth)})", w.bounded(scope, depth)
    others = [scalar, w.array(scope, shape, 0)]
    if len(shape) == 2:
        others += [w.array(scope, ("m",), 0), f"{w.atom(w.array(scope, ('n',), 0))}[:, None]"]
    arguments = f"{one}, {w.choose(others)}"
    forms = [f"bent({arguments})", f"bent({arguments}, k={w.integer(scope)})"]
    forms.append(f"bent({scalar}, {one})")
    if shape == ("n",) and scope.permutations:
        forms.append(f"bent({arguments}, {w.choose(scope.permutations)})")
    return w.choose([*forms, f"{scalar} * sign_of({one})"])


def _lifted_float(w: Writer, scope: Scope, depth: int) -> str:
    one, other = w.bounded(scope, depth), w.bounded(scope, 0)
    return w.choose([f"bent({one}, {other}, {w.integer(scope)})", f"bent(y={one}, x={other})"])


def _generic_float(w: Writer, scope: Scope, depth: int) -> str:
    one, other = w.bounded(scope, depth), w.bounded(scope, 0)
    forms = [f"blended({one}, {other}, {one})", f"doubled({one})"]
    if w.dimensions:
        array = f"sin({w.array(scope, (w.choose(w.dimensions),), depth)})"
        forms += [f"length({array})", f"leading({array})", f"sum(doubled({array}))"]
    return w.choose(forms)


def _generic_array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    one, other = w.array(scope, shape, depth), w.array(scope, shape, 0)
    forms = [f"blended({w.bounded(scope, 0)}, {one}, sin({other}))", f"doubled({one})"]
    return w.choose(forms)


LIFTED = Family("functions of scalars", _LIFTED, floats=(_lifted_float,), arrays=(_lifted_array,))
GENERIC = Family("type variables", _GENERIC, floats=(_generic_float,), arrays=(_generic_array,))
