"""Records, nested ones, their fields, arithmetic field by field, as arguments and results."""

from tests.generator.family import Family
from tests.generator.scope import Scope
from tests.generator.statements import Writer

_PRELUDE = """class Outer:
    first: Pair(n)
    gain: f64
    steps: i64
    on: bool
    second: Pair(n)

def energy(q: Pair) -> f64:
    q.s += 1.0
    return sum(sin(q.v)) * tanh(q.s)

def rotated(q: Pair(n), by: f64) -> Pair(n):
    q.v[::-1] *= cos(by)
    return Pair(s=sin(q.s + by), v=q.v)

def exchanged(o: Outer(n)) -> Outer(n):
    o.first, o.second = o.second, o.first
    o.steps = (o.steps + 1) % 7
    if o.on:
        o.gain *= 0.5
    return o
"""


def _pairs(scope: Scope) -> list[str]:
    pairs = [n[:-2] for n in scope.floats if n.endswith(".s")]
    return [*pairs, *(f"{o}.{part}" for o in scope.of("outer") for part in ("first", "second"))]


def _pair(w: Writer, scope: Scope, depth: int) -> str:
    """A record."""
    found = _pairs(scope)
    if not found or depth <= 0 or w.choose([True, False, False]):
        return f"Pair(s={w.bounded(scope, depth)}, v=sin({w.array(scope, ('n',), depth)}))"
    one, other = w.choose(found), w.choose(found)
    forms = [one, f"sin({one} + {other})", f"cos({one}) / 2.0", f"-tanh({one})"]
    forms.append(f"rotated({one}, {w.bounded(scope, depth - 1)})")
    forms.append(f"0.5 * {one} - {other} * {w.bounded(scope, 0)}")
    return w.choose([*forms, f"({one} if {w.boolean(scope, depth - 1)} else {other})"])


def _new_pair(w: Writer, scope: Scope, depth: int) -> None:
    """A record; its fields are names like any other."""
    if "n" not in w.dimensions:
        return
    name = w.fresh("r")
    w.write(depth, f"{name} = {_pair(w, scope, 2)}")
    scope.add("f", f"{name}.s")
    scope.add(("n",), f"{name}.v")


def _new_outer(w: Writer, scope: Scope, depth: int) -> None:
    if "n" not in w.dimensions:
        return
    name, old = w.fresh("o"), scope.of("outer")
    first, second, gain = _pair(w, scope, 1), _pair(w, scope, 1), w.bounded(scope, 1)
    fields = f"first={first}, gain={gain}, steps={w.integer(scope)}, on={w.boolean(scope, 0)}"
    choices = [f"Outer({fields}, second={second})"]
    if old:
        choices += [w.choose(old), f"exchanged({w.choose(old)})", f"0.5 * {w.choose(old)}"]
    w.write(depth, f"{name} = {w.choose(choices)}")
    scope.add("outer", name)
    scope.add("f", f"{name}.gain")
    scope.add(("n",), f"{name}.second.v")


def _change_field(w: Writer, scope: Scope, depth: int) -> None:
    found = [r for r in _pairs(scope) if r.split(".")[0] not in scope.fixed]
    if not found:
        return
    record, value = w.choose(found), w.bounded(scope, 1)
    forms = [f"{record}.v[{w.index(scope, 'n')}] {w.choose(['=', '+=', '*='])} {value}"]
    forms.append(f"{record}.v {w.choose(['=', '+='])} sin({w.array(scope, ('n',), 1)})")
    forms += [f"{record}.s *= {value}", f"{record} = {_pair(w, scope, 1)}"]
    w.write(depth, w.choose([*forms, f"{record} += sin({w.choose(found)})"]))


def _swap_records(w: Writer, scope: Scope, depth: int) -> None:
    found = [r for r in _pairs(scope) if r.split(".")[0] not in scope.fixed]
    if len(found) > 1:
        w.write(depth, f"{found[0]}, {found[1]} = {found[1]}, {found[0]}")


def _energy(w: Writer, scope: Scope, depth: int) -> str | None:
    if "n" not in w.dimensions:
        return None
    return f"energy({_pair(w, scope, depth)})"


RECORDS = Family(
    "records",
    _PRELUDE,
    floats=(_energy,),
    statements=(_new_pair, _new_outer, _change_field, _change_field, _swap_records),
)
