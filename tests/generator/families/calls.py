"""Calls: defaults, keywords, one array passed twice, extents that are expressions, parameters that
are assigned, functions without a result, integer parameters that are extents.
"""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

_PRELUDE = """RATE = 0.25
SCALE = tanh(2.0 * RATE)
FIRST, SECOND = range(2)

def mixed(x: f64[n], y: f64[n], rate: f64 = RATE, power: i64 = 2) -> f64:
    x[:] = sin(x) + rate
    total = 0.0
    for i in range(n):
        total += x[i] * sin(y[i]) ** power
        y[i] = x[i] * SCALE
    return tanh(total + sum(x * y))

def neighbours(x: f64[n + 1]) -> f64[n]:
    return 0.5 * (x[1:] - x[:-1])

def paired(x: f64[2 * l]) -> f64[l]:
    return sin(x[:l]) * x[l:]

def widened(x: f64[n], extra: i64) -> f64[n + extra]:
    result = zeros(n + extra)
    result[:n] = x
    return result

def checked(x: f64, k: i64):
    assert k >= 0, f"negative {k}"
    assert x == x
"""


def _mixed(w: Writer, scope: Scope, depth: int) -> str | None:
    if not w.dimensions:
        return None
    shape: Shape = (w.choose(w.dimensions),)
    one = w.array(scope, shape, depth)
    other = w.choose([one, w.array(scope, shape, 0)])
    rate = w.bounded(scope, 0)
    extra = w.choose(["", f", {rate}", f", power={w.choose(['0', '1', '3'])}", f", rate={rate}"])
    return w.choose([f"mixed({one}, {other}{extra})", f"mixed(y={one}, x={other}, power=FIRST)"])


def _extents(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    if len(shape) == 2:
        return None
    array, dimension = w.array(scope, shape, depth), shape[0]
    forms = [
        f"neighbours(concat({array}, [{w.bounded(scope, 0)}]))",
        f"paired(concat({array}, {array}))",
    ]
    return w.choose([*forms, f"widened({array}, {w.integer(scope)})[:{dimension}]"])


def _statement(w: Writer, scope: Scope, depth: int) -> None:
    w.write(depth, f"checked({w.bounded(scope, 1)}, {w.integer(scope)})")


CALLS = Family("calls", _PRELUDE, floats=(_mixed,), arrays=(_extents,), statements=(_statement,))
