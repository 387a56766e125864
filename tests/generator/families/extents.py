"""Extents known at run time only: locals, results, empty arrays."""

from tests.generator.family import Family
from tests.generator.scope import Scope
from tests.generator.statements import Writer

_PRELUDE = """def above(x: f64[n], limit: f64) -> f64[k]:
    count = sum(1 for v in x if v > limit)
    found = zeros(count)
    j = 0
    for v in x:
        if v > limit:
            found[j] = v
            j += 1
    return found

def steps(start: f64, count: i64) -> f64[count]:
    found = zeros(count)
    for i in range(count):
        start = sin(start + 1.0)
        found[i] = start
    return found
"""


def _sum(w: Writer, scope: Scope, depth: int) -> str | None:
    if not w.dimensions:
        return None
    array, value = w.array(scope, (w.choose(w.dimensions),), depth), w.bounded(scope, 0)
    forms = [f"sum(sin(above({array}, {value})))", f"f64(len(above({array}, 0.25)))"]
    forms += [f"sum(steps({value}, {w.integer(scope)}))", "sum(zeros(0))", "prod(ones(0))"]
    return w.choose(forms)


def _local(w: Writer, scope: Scope, depth: int) -> None:
    """An array whose extent is a value, changed and summed up."""
    name, x, i, inner = w.fresh("t"), w.fresh("x"), w.fresh("i"), scope.inner()
    made = [f"zeros({w.integer(scope)})", f"steps({w.bounded(scope, 0)}, {w.integer(scope)} % 4)"]
    if w.dimensions:
        dimension = w.choose(w.dimensions)
        array = w.atom(w.array(scope, (dimension,), 1))
        at = f"{w.integer(scope)} % {dimension}"
        made += [f"{array}[{at}:]", f"{array}[:{at}]", f"above({array}, 0.25)", f"{array}[::2]"]
    w.write(depth, f"{name} = {w.choose(made)}")
    inner.integers.append(i)
    w.write(depth, f"for {i} in range(len({name})):")
    operator = w.choose(["=", "+=", "*="])
    w.write(depth + 1, f"{name}[{i}] {operator} {w.bounded(inner, 1)}")
    w.write(depth, f"{x} = sin(sum({name}) + dot({name}, {name}))")
    scope.floats.append(x)


EXTENTS = Family("run-time extents", _PRELUDE, floats=(_sum,), statements=(_local, _local))
