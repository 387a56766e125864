"""Modules of the program's own: constants, records and functions that are imported, also through
another module. `program` moves the functions that `main` may call to a module too.
"""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

_BASE = '''"""What both other modules import."""
HALF = 0.5
STEPS, SCALES = 3, [0.25, 0.5, 0.75]

class Rung:
    height: f64
    marks: f64[k]

def _hidden(x: f64) -> f64:
    return HALF * x

def stepped(x: f64, steps: i64 = STEPS) -> f64:
    y = x
    for i in range(steps):
        y = sin(y + SCALES[i % 3] * _hidden(x))
    return y

def applied(f: Callable[[f64], f64], x: f64[k]) -> f64[k]:
    return [f(v) for v in x]
'''
_MIDDLE = """from base import stepped, Rung, HALF as SCALE

def well(x: f64) -> f64:
    return SCALE * stepped(x, 2)

def raised(r: Rung(k), by: f64) -> Rung(k):
    r.height += well(by)
    r.marks *= cos(by)
    return r

def rooted(c: f64) -> f64:
    x = c
    for i in range(12):
        x = 0.5 * (x + c / x)
    return x

@custom_vjp(rooted)
def rooted_vjp(c: f64, out: f64, d_out: f64) -> f64:
    return d_out / (2.0 * out)
"""
_PRELUDE = """from base import HALF, Rung, stepped, applied as over_each
from middle import well as outer_well, raised, rooted
"""


def _float(w: Writer, scope: Scope, depth: int) -> str:
    x, v = w.bounded(scope, depth), w.fresh("v")
    forms = [f"stepped({x}, {w.integer(scope)} % 3)", f"stepped({x})", f"outer_well({x}) * HALF"]
    forms += [f"rooted(1.5 + {x})", f"grad(outer_well)({x})", f"grad(rooted)(1.5 + {x})"]
    return w.choose([*forms, f"grad(lambda {v}: sin({v}) * grad(stepped)({v}))({x})"])


def _array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    if len(shape) == 2:
        return f"stepped({w.array(scope, shape, depth)}, {w.integer(scope)} % 3)"
    v, factor = w.fresh("v"), w.bounded(scope, 0)
    function = w.choose(["outer_well", f"lambda {v}: sin({v} * {factor})"])
    return f"over_each({function}, {w.array(scope, shape, depth)})"


def _rung(w: Writer, scope: Scope, depth: int) -> None:
    """A record of another module, changed by a function of a third."""
    if not w.dimensions:
        return
    dimension, name = w.choose(w.dimensions), w.fresh("o")
    marks = w.array(scope, (dimension,), 1)
    w.write(depth, f"{name} = Rung(height={w.bounded(scope, 1)}, marks=sin({marks}))")
    w.write(depth, f"{name} = raised({name}, {w.bounded(scope, 0)})")
    scope.add("f", f"{name}.height")
    scope.add((dimension,), f"{name}.marks")


IMPORTS = Family(
    "imports",
    _PRELUDE,
    floats=(_float, _float),
    arrays=(_array,),
    statements=(_rung,),
    modules=(("base", _BASE), ("middle", _MIDDLE)),
    tolerance=1e-6,
)
