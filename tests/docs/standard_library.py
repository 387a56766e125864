"""Writes docs/standard-library.md: a line for each function, from its docstring, and an example.

python -m tests.docs.standard_library > docs/standard-library.md
"""

from collections.abc import Iterator

from dpc.dsl import ast
from dpc.dsl.diagnostics import Sink
from dpc.dsl.parse import parse
from dpc.dsl.program import standard_source

HEAD = """\
# The standard library

Modules that every program can import, written in the language itself: `dsl/std/*.dp` in the
sources, `std/NAME.dp` in messages. A module of the same name beside the importing file comes first.
Functions are differentiable in all their float parameters. From Python they are reached through a
program that imports them."""

# Module -> a program that uses it. The order is the page's.
EXAMPLES = {
    "stats": '''\
import numpy as np
import dpc

m = dpc.compile("""
from stats import gamma_lpdf, normal_lpdf

def log_posterior(mu: f64, sigma: f64, y: f64[n]) -> f64:
    return sum(normal_lpdf(y, mu, sigma)) + normal_lpdf(mu, 0.0, 10.0) + gamma_lpdf(sigma, 2.0, 1.0)
""")
y = np.array([1.0, 2.0, 4.0])
print(round(m.log_posterior(2.0, 1.5, y), 6))
print(round(dpc.grad(m.log_posterior, wrt="mu")(2.0, 1.5, y), 6))
''',
    "interp": '''\
m = dpc.compile("""
from interp import hermite, natural_slopes

def misfit(y: f64[n], x: f64[n], t: f64[m], seen: f64[m]) -> f64:
    slopes = natural_slopes(x, y)
    return sum((hermite(t[i], x, y, slopes) - seen[i]) ** 2 for i in range(m))
""")
x, t = np.array([0.0, 1.0, 3.0]), np.array([0.5, 2.0])
print(dpc.grad(m.misfit)(np.array([1.0, 2.0, 0.0]), x, t, np.array([1.5, 1.5])).round(6))
''',
    "signal": '''\
m = dpc.compile("""
from signal import conv1d_valid

def misfit(kernel: f64[m], x: f64[n + m - 1], y: f64[n]) -> f64:
    return sum((conv1d_valid(x, kernel) - y) ** 2)
""")
print(dpc.grad(m.misfit)(np.array([0.5, 0.5]), np.array([1.0, 3.0, 2.0]), np.array([2.0, 3.0])))
''',
    "ode": '''\
m = dpc.compile("""
from ode import dopri5

def misfit(rate: f64, capacity: f64, t: f64[m], seen: f64[m]) -> f64:
    path = dopri5(lambda s, y: rate * y * (1.0 - y / capacity), [1.0], t)
    return sum((path[:, 0] - seen) ** 2)
""")
t, seen = np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.5, 4.5])
print(round(dpc.grad(m.misfit)(1.0, 10.0, t, seen), 4))
''',
    "optim": '''\
m = dpc.compile("""
from optim import lbfgs

def weights(x: f64[n, d], y: f64[n], penalty: f64) -> f64[d]:
    return lbfgs(
        lambda w: sum(softplus(-y * (x @ w))) + 0.5 * penalty * dot(w, w), zeros(d)
    )
""")
x, y = np.array([[1.0, 2.0], [0.0, 1.0], [-1.0, 0.5]]), np.array([1.0, -1.0, 1.0])
print(m.weights(x, y, 1.0).round(6))
print(dpc.jvp(m.weights, wrt="penalty")(x, y, 1.0, 1.0)[1].round(6))
''',
    "implicit": '''\
m = dpc.compile("""
from implicit import root

def cube_root(a: f64) -> f64:
    x = root(lambda x: x ** 3 - a, [1.0])
    return x[0]
""")
print(round(m.cube_root(8.0), 6), round(dpc.grad(m.cube_root)(8.0), 6))
''',
}
OUTPUTS = {
    "stats": "-9.420381\n0.424444\n",
    "interp": "[ 0.109375  0.148438 -0.007812]\n",
    "signal": "[-2. -3.]\n",
    "ode": "-0.558\n",
    "optim": "[-0.082804  0.341958]\n[ 0.094313 -0.168305]\n",
    "implicit": "2.0 0.083333\n",
}


def page() -> str:
    """The text of the page."""
    return "\n\n".join([HEAD, *(part for name in EXAMPLES for part in _module(name))]) + "\n"


def tree_of(name: str) -> ast.ModuleTree:
    """A module's syntax tree."""
    return parse(standard_source(name), Sink())


def functions_of(tree: ast.ModuleTree) -> Iterator[ast.FunctionDef]:
    """The functions that are meant for others."""
    for item in tree.items:
        if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
            yield item


def _module(name: str) -> Iterator[str]:
    tree = tree_of(name)
    summary, _, rest = (tree.doc or "").strip().partition("\n\n")
    yield f"## {name}"
    yield summary
    if rest:
        yield rest
    rows = [_row(f) for f in functions_of(tree)]
    yield "\n".join(["| function | |", "| --- | --- |", *rows])
    yield f"```python\n{EXAMPLES[name]}```"
    yield f"```text\n{OUTPUTS[name]}```"


def _row(function: ast.FunctionDef) -> str:
    inputs = ", ".join(" ".join(p.span.text.split()) for p in function.parameters)
    result = f" -> {function.result.span.text}" if function.result is not None else ""
    says = " ".join((function.doc or "").split("\n\n")[0].split())
    return f"| `{function.name}({inputs}){result}` | {says} |"


if __name__ == "__main__":
    print(page(), end="")
