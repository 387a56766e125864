"""Functions as values: lambdas, functions in functions, what they capture, names of functions."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

_PRELUDE = """def applied(g: Callable[[f64], f64], x: f64) -> f64:
    return g(x) + 0.5 * g(0.25 * x)

def folded_by(step: Callable[[f64, f64], f64], x: f64[n], start: f64) -> f64:
    state = start
    for i in range(n):
        state = sin(step(state, x[i]))
    return state

def mapped_by(g: Callable[[f64[n]], f64[n]], x: f64[n]) -> f64[n]:
    y = g(x)
    x[:] = 0.5 * x
    return sin(y) + g(x)

def composed(g: Callable[[f64], f64], h: Callable[[f64], f64], x: f64) -> f64:
    return applied(lambda y: sin(g(h(y))), x)

def halved(x: f64) -> f64:
    return 0.5 * x
"""


def _inside(w: Writer, scope: Scope, *names: str) -> Scope:
    """The scope of a function's body: what is captured is not assigned."""
    inner = scope.inner()
    inner.floats += list(names) * 3
    return inner


def _function(w: Writer, scope: Scope, depth: int) -> str:
    """A function of a float."""
    variable = w.fresh("v")
    body = w.bounded(_inside(w, scope, variable), depth)
    forms = [f"lambda {variable}: {body}"] * 3 + ["halved", "sin", "tanh", *scope.of("function")]
    return w.choose(forms)


def _applied(w: Writer, scope: Scope, depth: int) -> str:
    return f"applied({_function(w, scope, depth)}, {w.bounded(scope, depth)})"


def _composed(w: Writer, scope: Scope, depth: int) -> str:
    inner, outer = _function(w, scope, depth), _function(w, scope, depth)
    return f"composed({outer}, {inner}, {w.bounded(scope, 0)})"


def _folded(w: Writer, scope: Scope, depth: int) -> str | None:
    if not w.shapes:
        return None
    shape: Shape = (w.choose(w.dimensions),)
    state, item = w.fresh("v"), w.fresh("v")
    body = w.bounded(_inside(w, scope, state, item), depth)
    step = w.choose(
        [f"lambda {state}, {item}: {body}", "atan2", "hypot"]
        if not w.smooth
        else [f"lambda {state}, {item}: {body}"]
    )
    return f"folded_by({step}, {w.array(scope, shape, depth)}, {w.bounded(scope, 0)})"


def _mapped(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    if len(shape) > 1:
        return None
    variable = w.fresh("y")
    inner = scope.inner()
    inner.arrays.setdefault(shape, []).extend([variable] * 3)
    body = f"sin({w.array(inner, shape, depth)})"
    return f"mapped_by(lambda {variable}: {body}, {w.array(scope, shape, 0)})"


def _local_function(w: Writer, scope: Scope, depth: int) -> None:
    """A function with statements that captures; what it captured may change afterwards."""
    name, variable, local = w.fresh("g"), w.fresh("v"), w.fresh("x")
    inner = _inside(w, scope, variable)
    w.write(depth, f"def {name}({variable}: f64) -> f64:")
    w.write(depth + 1, f"{local} = {w.bounded(inner, 1)}")
    inner.floats.append(local)
    if w.coin():
        w.write(depth + 1, f"if {local} > {w.choose(['0.0', '0.5'])}:")
        w.write(depth + 2, f"{local} *= {w.bounded(inner, 0)}")
    w.write(depth + 1, f"return {w.bounded(inner, 1)}")
    scope.add("function", name)


def _local_lambda(w: Writer, scope: Scope, depth: int) -> None:
    name, variable = w.fresh("g"), w.fresh("v")
    body = w.bounded(_inside(w, scope, variable), 1)
    w.write(depth, f"{name} = lambda {variable}: {body}")
    scope.add("function", name)


def _called(w: Writer, scope: Scope, depth: int) -> str | None:
    names = scope.of("function")
    return f"{w.choose(names)}({w.bounded(scope, depth)})" if names else None


CALLABLES = Family(
    "callables",
    _PRELUDE,
    floats=(_applied, _composed, _folded, _called, _called),
    arrays=(_mapped,),
    statements=(_local_function, _local_lambda),
)
