"""Arrays of records: made, copied, gone over, changed element by element and field by field."""

from tests.generator.family import Family
from tests.generator.scope import Scope
from tests.generator.statements import Writer

_PRELUDE = """def total(q: Pair(d)[c]) -> f64:
    result = 0.0
    for e in q:
        e.s += 1.0
        result += tanh(e.s) * sum(sin(e.v))
    for i in range(c):
        q[i].s *= 0.5
    return result + sum(q.s)

def nudged(q: Pair(d)[c], by: f64) -> Pair(d)[c]:
    for i in range(c):
        q[i].v[::-1] += by
        q[i].s = sin(q[i].s * by)
    return q
"""
_COUNT = 3


def _new(w: Writer, scope: Scope, depth: int) -> None:
    if "n" not in w.dimensions:
        return
    name, old = w.fresh("rs"), scope.of("records")
    variable, inner = w.fresh("c"), scope.inner()
    inner.integers.append(variable)
    fields = f"s={w.bounded(inner, 1)}, v=sin({w.array(inner, ('n',), 1)})"
    made = [f"[Pair({fields}) for {variable} in range({_COUNT})]"]
    if old:
        made += [w.choose(old), f"nudged({w.choose(old)}, {w.bounded(scope, 0)})"]
    w.write(depth, f"{name} = {w.choose(made)}")
    scope.add("records", name)


def _change(w: Writer, scope: Scope, depth: int) -> None:
    names = [name for name in scope.of("records") if name not in scope.fixed]
    if not names:
        return
    name, at, value = w.choose(names), _at(w, scope), w.bounded(scope, 1)
    operator = w.choose(["=", "+=", "*="])
    forms = [f"{name}[{at}].s {operator} {value}"]
    forms.append(f"{name}[{at}].v[{w.index(scope, 'n')}] {operator} {value}")
    forms.append(f"{name}[{at}].v {operator} sin({w.array(scope, ('n',), 1)})")
    forms.append(f"{name}[{at}] = Pair(s={value}, v={w.array(scope, ('n',), 0)})")
    forms.append(f"{name}[0], {name}[{at}] = {name}[{at}], {name}[0]")
    w.write(depth, w.choose(forms))


def _at(w: Writer, scope: Scope) -> str:
    return w.choose(["0", "1", "-1", f"{w.integer(scope)} % {_COUNT}"])


def _element(w: Writer, scope: Scope, depth: int) -> None:
    """A copy of one element."""
    if not scope.of("records"):
        return
    name = w.fresh("r")
    w.write(depth, f"{name} = {w.choose(scope.of('records'))}[{_at(w, scope)}]")
    scope.add("f", f"{name}.s")
    scope.add(("n",), f"{name}.v")


def _loop(w: Writer, scope: Scope, depth: int) -> None:
    if not scope.of("records") or depth > 3:
        return
    name, inner = w.fresh("e"), scope.inner()
    w.write(depth, f"for {name} in {w.choose(scope.of('records'))}:")
    inner.add("f", f"{name}.s")
    inner.add(("n",), f"{name}.v")
    inner.fixed |= {f"{name}.s", f"{name}.v"}
    w.loop_body(inner, depth)


def _value(w: Writer, scope: Scope, depth: int) -> str | None:
    if not scope.of("records"):
        return None
    name, at, variable = w.choose(scope.of("records")), _at(w, scope), w.fresh("g")
    inner = scope.inner()
    inner.floats += [f"{variable}.s"] * 3
    forms = [f"{name}[{at}].s", f"tanh(total({name}))", f"sum(sin({name}.s))"]
    forms += [f"sum(cos({name}.v))", f"{name}[{at}].v[{w.index(scope, 'n')}]"]
    forms.append(f"sum({w.bounded(inner, depth)} for {variable} in {name} if {variable}.s > 0.0)")
    return w.choose(forms)


RECORD_ARRAYS = Family(
    "arrays of records",
    _PRELUDE,
    floats=(_value, _value),
    statements=(_new, _change, _change, _element, _loop),
)
