"""Functions that take functions, and the derivatives of these by values and captures."""

from tests.generator.family import Family
from tests.generator.scope import Scope
from tests.generator.statements import Writer

_PRELUDE = """def twice(f: Callable[[f64], f64], x: f64) -> f64:
    return 0.5 * f(sin(f(x)))

def along(f: Callable[[f64], f64], x: f64, y: f64) -> f64:
    return grad(twice)(f, x) * sin(y)
"""
_FUNCTIONS = ("sin({v} * {c})", "cos({v}) + {c}", "{v} * {v} * {c}", "exp(-{v} * {v}) - {c} * {v}")


def _function(w: Writer, scope: Scope) -> str:
    variable = w.fresh("v")
    text = w.choose(_FUNCTIONS).format(v=variable, c=w.bounded(scope, 0))
    return f"lambda {variable}: {text}"


def _twice(w: Writer, scope: Scope, depth: int) -> str:
    x, y = w.bounded(scope, depth), w.bounded(scope, 0)
    forms = [
        f"twice({_function(w, scope)}, {x})",
        f"along({_function(w, scope)}, {x}, {y})",
        f"grad(twice)({_function(w, scope)}, {x})",
        f"grad({_function(w, scope)})({x})",
    ]
    return f"sin({w.choose(forms)})"


TEMPLATES = Family(
    "functions that take functions", _PRELUDE, floats=(_twice, _twice), tolerance=1e-6
)
