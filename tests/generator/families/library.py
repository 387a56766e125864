"""Functions of the standard library, which is written in the language itself."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

_PRELUDE = """from stats import normal_lpdf, gamma_lpdf, beta_lpdf as beta, student_t_lpdf
from signal import conv1d_full, conv1d_same, conv2d_same
from interp import linear as interpolated, natural
from ode import rk4
"""


def _density(w: Writer, scope: Scope, depth: int) -> str:
    one, other = w.bounded(scope, depth), w.bounded(scope, 0)
    forms = [f"normal_lpdf({one}, {other}, 1.5 + {other})", f"gamma_lpdf(1.5 + {one}, 2.0, 1.5)"]
    forms += [
        f"beta(0.5 + 0.3 * {one}, 2.0, 1.5 + {other})",
        f"student_t_lpdf({one}, 3.0, {other}, 1.0)",
    ]
    return f"tanh({w.choose(forms)})"


def _curve(w: Writer, scope: Scope, depth: int) -> str | None:
    if not w.dimensions:
        return None
    array = w.array(scope, (w.choose(w.dimensions),), depth)
    points = f"concat({array}, [0.5, {w.bounded(scope, 0)}])"
    name = w.choose(["interpolated", "natural"])
    made = f"{name}(0.3 + 0.2 * {w.bounded(scope, 0)}, arange(len({points})) * 1.0, {points})"
    y, t = w.fresh("y"), w.fresh("v")
    step = f"rk4(lambda {t}, {y}: sin({y} + {t}), {array}, 0.0, 0.5, 2)"
    return w.choose([f"tanh({made})", f"tanh(sum({step}))"])


def _convolved(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    inner = w.array(scope, shape, depth)
    kernel = f"[{w.bounded(scope, 0)}, 0.5, {w.bounded(scope, 0)}]"
    if len(shape) == 2:
        return f"conv2d_same({inner}, [{kernel}, {kernel}, {kernel}])"
    return w.choose(
        [f"conv1d_same({inner}, {kernel})", f"conv1d_full({inner}, {kernel})[:{shape[0]}]"]
    )


LIBRARY = Family(
    "standard library",
    _PRELUDE,
    floats=(_density, _curve),
    arrays=(_convolved,),
    exact=False,  # densities call lgamma
    tolerance=1e-7,
)
