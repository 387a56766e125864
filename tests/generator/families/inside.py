"""Derivatives inside the language, of smooth functions, nested; stop_gradient."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

_PRELUDE = """def well(x: f64, y: f64) -> f64:
    return sin(x * y) + 0.5 * cos(x)

def field(x: f64[n], y: f64) -> f64:
    total = 0.0
    for i in range(n):
        total = sin(0.5 * total + x[i] * y)
    return total + 0.1 * sum(x * x)

def flow(x: f64[n], y: f64) -> f64[n]:
    return sin(x * y) + 0.1 * mean(x)

def stored(q: Pair(n), y: f64) -> f64:
    q.v *= sin(q.s)
    return sin(y) * sum(sin(q.v)) + 0.2 * q.s
"""


def _scalar(w: Writer, scope: Scope, depth: int) -> str:
    x, y, v = w.bounded(scope, depth), w.bounded(scope, 0), w.fresh("v")
    forms = [f"grad(well)({x}, {y})", f"grad(well, wrt=y)({x}, {y})", f"hessian(well)({x}, {y})"]
    forms += [f"hvp(well, wrt=y)({x}, {y}, 0.5)", f"jacobian(well)({x}, {y})"]
    forms.append(f"grad(lambda {v}: {v} * grad(well)({v}, {y}))({x})")
    inner = w.fresh("v")
    forms.append(f"grad(lambda {v}: sin({v}) * grad(lambda {inner}: {v} * sin({inner}))({y}))({x})")
    return f"tanh({w.choose(forms)})"


def _of_array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    if len(shape) == 2:
        return None
    x, y = f"sin({w.array(scope, shape, depth)})", w.bounded(scope, 0)
    forms = [f"grad(field)({x}, {y})", f"hvp(field, wrt=x)({x}, {y}, cos({x}))"]
    forms += [f"hessian(field)({x}, {y}) @ {x}", f"jacobian(flow)({x}, {y}) @ {x}"]
    forms.append(f"jacobian(flow, wrt=y)({x}, {y})")
    forms.append(f"grad(lambda t: sum(grad(field)(t, {y}) * t))({x})")
    return f"tanh({w.choose(forms)})"


def _pairs(w: Writer, scope: Scope, depth: int) -> None:
    """Values with their derivatives, taken apart."""
    if not w.dimensions:
        return
    dimension = w.choose(w.dimensions)
    x, y = f"sin({w.array(scope, (dimension,), 1)})", w.bounded(scope, 1)
    value, slope, array = w.fresh("x"), w.fresh("x"), w.fresh("t")
    forms = [f"{value}, ({array}, {slope}) = value_and_grad(field, wrt=(x, y))({x}, {y})"]
    forms.append(f"{value}, ({array}, {slope}) = vjp(field, ({x}, {y}), {w.bounded(scope, 0)})")
    both = f"jvp(field, ({x}, {y}), (cos({x}), 0.5))"
    if w.coin():
        w.write(depth, f"{value}, {slope} = {both}")
    else:
        w.write(depth, w.choose(forms))
        w.write(depth, f"{array} = tanh({array})")
        scope.add((dimension,), array)
    w.write(depth, f"{value}, {slope} = tanh({value}), sin({slope})")
    scope.floats += [value, slope]


def _record(w: Writer, scope: Scope, depth: int) -> None:
    """The gradient of a record, and of one of its fields."""
    if "n" not in w.dimensions:
        return
    name, array = w.fresh("r"), w.fresh("t")
    made = f"Pair(s={w.bounded(scope, 1)}, v=sin({w.array(scope, ('n',), 1)}))"
    y = w.bounded(scope, 0)
    if w.coin():
        w.write(depth, f"{name} = tanh(grad(stored)({made}, {y}))")
        scope.add("f", f"{name}.s")
        scope.add(("n",), f"{name}.v")
    else:
        w.write(depth, f"{array} = tanh(grad(stored, wrt=q.v)({made}, {y}))")
        scope.add(("n",), array)


def _stopped(w: Writer, scope: Scope, depth: int) -> str:
    return f"stop_gradient({w.bounded(scope, depth)}) * {w.bounded(scope, 0)}"


def _stopped_array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    return f"stop_gradient({w.array(scope, shape, depth)})"


DERIVATIVES = Family(
    "derivatives inside",
    _PRELUDE,
    floats=(_scalar,),
    arrays=(_of_array,),
    statements=(_pairs, _record),
    tolerance=1e-6,
)
STOPPED = Family("stop_gradient", floats=(_stopped,), arrays=(_stopped_array,), cut=True)
