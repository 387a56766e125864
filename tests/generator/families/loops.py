"""Loops of their own kinds: parallel ones, with checkpoints, left in the middle, recurrences."""

from tests.generator.family import Family
from tests.generator.scope import Scope
from tests.generator.statements import Writer


def _recurrence(w: Writer, scope: Scope, depth: int) -> None:
    """Elements from those before; sums, products, and `v[i] = v[i] + x` against `v[i] += x`."""
    vectors = [(s, name) for s, name in scope.assignable() if len(s) == 1]
    if not vectors:
        return
    (dimension,), name = w.choose(vectors)
    i, inner = w.fresh("i"), scope.inner()
    inner.indices.setdefault(dimension, []).append(i)
    inner.fixed |= {i}
    bounds = w.choose([f"1, {dimension}", f"{dimension} - 1, 0, -1"])
    w.write(depth, f"for {i} in range({bounds}):")
    value = w.bounded(inner, 1)
    forms = [f"{name}[{i}] = sin({name}[{i} - 1]) * {value}"]
    forms.append(f"{name}[{i}] = {name}[{i}] + {name}[{i} - 1] * {value}")
    forms.append(f"{name}[{i}] += sin({name}[{i} - 1]) * {value}")
    forms.append(f"{name}[{i} - 1], {name}[{i}] = {name}[{i}], sin({name}[{i} - 1]) * {value}")
    w.write(depth + 1, w.choose(forms))
    floats = scope.assignable_floats()
    if floats and w.coin():
        x = w.choose(floats)
        w.write(depth + 1, w.choose([f"{x} *= {name}[{i}]", f"{x} = sin({x} + {name}[{i} - 1])"]))


def _left(w: Writer, scope: Scope, depth: int) -> None:
    """A `while True` with `break` and `continue`."""
    if depth > 3:
        return
    count, x = w.fresh("s"), w.fresh("x")
    w.write(depth, f"{count}, {x} = 0, {w.bounded(scope, 1)}")
    w.write(depth, "while True:")
    w.write(depth + 1, f"{count} += 1")
    w.write(depth + 1, f"if {count} > {w.choose(['1', '3', '4'])} or {w.boolean(scope, 0)}:")
    w.write(depth + 2, "break")
    inner = scope.inner()
    inner.floats += [x] * 2
    inner.integers.append(count)
    w.write(depth + 1, f"{x} = {w.bounded(inner, 1)}")
    w.write(depth + 1, f"if {w.boolean(inner, 1)}:")
    w.write(depth + 2, "continue")
    w.write(depth + 1, f"{x} {w.choose(['+=', '*='])} {w.bounded(inner, 1)}")
    scope.floats.append(x)


def _annotated(w: Writer, scope: Scope, depth: int) -> None:
    """A loop with a bound on what its reverse keeps."""
    if depth > 3 or w.loops >= w.deepest:
        return
    inner, name = scope.inner(), w.fresh("i")
    bound = w.choose(["slots=2", 'memory="1KiB"', "slots=3, disk_slots=2"])
    if w.coin():
        dimension = w.choose([*w.dimensions, ""])
        (inner.indices.setdefault(dimension, []) if dimension else inner.integers).append(name)
        w.write(depth, f"for {name} in checkpoint(range({dimension or 5}), {bound}):")
    else:
        inner.integers.append(name)
        w.write(depth, f"{name} = 0")
        condition = w.choose(["", f" and {w.boolean(scope, 0)}"])
        w.write(depth, f"while checkpoint({name} < 4{condition}, {bound}):")
        w.write(depth + 1, f"{name} += 1")
    inner.fixed |= {name}
    w.loop_body(inner, depth)


def _parallel(w: Writer, scope: Scope, depth: int) -> None:
    """Each iteration stores its own element or row, and adds to sums."""
    targets = [(s, name) for s, name in scope.assignable() if s[0] in w.dimensions]
    if not targets:
        return
    shape, name = w.choose(targets)
    i, inner, x, total = w.fresh("i"), scope.inner(), w.fresh("x"), w.fresh("x")
    # What the loop stores into, it does not read elsewhere.
    inner.arrays = {s: [n for n in names if n != name] for s, names in scope.arrays.items()}
    inner.indices.setdefault(shape[0], []).extend([i] * 3)
    records = {name.split(".")[0]}
    inner.floats = [f for f in inner.floats if f.split(".")[0] not in records]
    inner.kinds = {}
    w.write(depth, f"{total} = {w.bounded(scope, 0)}")
    w.write(
        depth, f"for {i} in parallel(range({w.choose([shape[0], f'{shape[0]} - 1, -1, -1'])})):"
    )
    w.write(depth + 1, f"{x} = {w.bounded(inner, 1)}")
    if w.coin():
        w.write(depth + 1, f"if {x} < 0.25:")
        w.write(depth + 2, w.choose(["continue", f"{x} *= sin({x})"]))
    operator = w.choose(["=", "+=", "*="])
    w.write(depth + 1, f"{name}[{i}] {operator} sin({x} + 0.5 * f64({i}))")
    w.write(depth + 1, f"{total} += {x} * {x}")
    scope.floats.append(total)


RECURRENCES = Family("recurrences", statements=(_recurrence, _recurrence, _left))
CHECKPOINTS = Family("checkpoints", statements=(_annotated,))
PARALLEL = Family("parallel loops", statements=(_parallel,))
