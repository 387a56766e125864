"""Reductions with axes, of generators with several clauses and conditions, of comprehensions."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

_SMOOTH = ("sum", "mean", "logsumexp")


def _along(w: Writer, scope: Scope, depth: int) -> str | None:
    """A reduction of reductions."""
    if ("n", "m") not in w.shapes:
        return None
    inner = f"sin({w.array(scope, ('n', 'm'), depth)})"
    name, axis = w.choose([*_SMOOTH, "prod", "var"]), w.choose(["0", "1", "-1"])
    keep = w.choose(["", ", keepdims=True"])
    return f"tanh(sum(cos({name}({inner}, axis={axis}{keep}))))"


def _along_array(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    if ("n", "m") not in w.shapes:
        return None
    inner = f"sin({w.array(scope, ('n', 'm'), depth)})"
    name = w.choose([*_SMOOTH, "prod", "var", "std"])
    if name == "std":
        inner = f"({inner} + arange(m) + arange(n)[:, None])"
    if len(shape) == 2:
        kept = f"{name}({inner}, axis={w.choose(['0', '1'])}, keepdims=True)"
        return f"tanh({kept} + {w.array(scope, shape, 0)})"
    axis = "1" if shape == ("n",) else "0"
    return w.choose(
        [
            f"tanh({name}({inner}, axis={axis}))",
            f"sum(softmax({inner}, axis={axis}) * {inner}, axis={axis})",
        ]
    )


def _generator(w: Writer, scope: Scope, depth: int) -> str:
    """A reduction of a generator with two clauses, the second one dependent."""
    one, two, inner = w.fresh("g"), w.fresh("g"), scope.inner()
    dimension = w.choose([*w.dimensions, ""])
    (inner.indices.setdefault(dimension, []) if dimension else inner.integers).append(one)
    inner.integers.append(two)
    condition = w.choose(["", f" if {w.boolean(inner, 0)}", f" if {one} != {two}"])
    element, ranges = w.bounded(inner, depth), w.choose([one, f"{one}, 3", f"{one} + 1, -1, -1"])
    clauses = f"for {one} in range({dimension or 3}) for {two} in range({ranges}){condition}"
    name = w.choose(["sum", "sum", "prod", "logsumexp1"])
    if name == "logsumexp1":  # of nothing it is minus infinity
        return f"tanh(log(1.0 + exp(logsumexp({element} {clauses}))))"
    return f"tanh({name}({element} {clauses}))"


def _values(w: Writer, scope: Scope, depth: int) -> str | None:
    """Over the elements of an array."""
    if not w.dimensions:
        return None
    variable, inner = w.fresh("g"), scope.inner()
    inner.floats += [variable] * 3
    array = w.array(scope, (w.choose(w.dimensions),), 0)
    condition = w.choose(["", f" if {variable} > {w.choose(['0.0', '-5.0'])}"])
    return f"tanh(sum({w.bounded(inner, depth)} for {variable} in {array}{condition}))"


def _condition(w: Writer, scope: Scope, depth: int) -> str:
    """Truth values of generators and arrays."""
    variable, inner = w.fresh("g"), scope.inner()
    inner.integers.append(variable)
    name = w.choose(["any", "all"])
    made = f"{name}({w.boolean(inner, 0)} for {variable} in range(3))"
    if w.dimensions and w.coin():
        made = f"{name}({w.array(scope, (w.choose(w.dimensions),), 0)} < {w.float(scope, 0)})"
    return f"({w.float(scope, depth)} if {made} else {w.float(scope, 0)})"


def _extreme(w: Writer, scope: Scope, depth: int) -> str | None:
    """Least and largest, and where; derivatives jump."""
    if ("n", "m") not in w.shapes or w.smooth:
        return None
    matrix, name = w.array(scope, ("n", "m"), depth), w.choose(["min", "max"])
    vector, variable = w.array(scope, ("n",), 0), w.fresh("g")
    forms = [f"sum(sin({name}({matrix}, axis={w.choose(['0', '1'])})))"]
    forms.append(f"{name}(sin({vector}[{variable}]) for {variable} in range(n))")
    forms.append(f"{w.atom(vector)}[arg{name}({vector})]")
    forms.append(f"sum(f64(arg{name}({matrix}, axis=0) % 3))")
    return w.choose([*forms, f"{name}({w.bounded(scope, 0)}, {w.bounded(scope, 0)}, 0.25)"])


REDUCTIONS = Family(
    "reductions",
    floats=(_along, _generator, _generator, _values, _condition, _extreme),
    arrays=(_along_array,),
)
