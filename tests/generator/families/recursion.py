"""Recursive functions, direct and mutual, of scalars and of arrays, also inside of derivatives."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer

_PRELUDE = """def split_in_two(v: f64[k]) -> f64:
    if len(v) == 0:
        return 0.5
    if len(v) == 1:
        return sin(v[0])
    half = len(v) // 2
    return sin(split_in_two(v[:half]) + 0.5 * split_in_two(v[half:]))

def climbed(x: f64, steps: i64) -> f64:
    if steps <= 0:
        return x
    return sin(descended(0.9 * x + 0.25, steps - 1))

def descended(x: f64, steps: i64) -> f64:
    if steps <= 0:
        return cos(x)
    return 0.5 * x * climbed(x, steps - 2)

def rippled(v: f64[k], steps: i64) -> f64[k]:
    if steps <= 0:
        return v
    before = rippled(sin(v), steps - 1)
    before[0:len(v) // 2] *= 0.5
    return before + 0.5 * v
"""


def _split_in_two(w: Writer, scope: Scope, depth: int) -> str:
    vectors = [shape for shape in w.shapes if len(shape) == 1]
    if not vectors:
        return _climbed(w, scope, depth)
    return f"split_in_two(sin({w.array(scope, w.choose(vectors), depth)}))"


def _climbed(w: Writer, scope: Scope, depth: int) -> str:
    name = w.choose(["climbed", "descended", "grad(climbed)"])
    return f"{name}({w.bounded(scope, depth)}, {w.integer(scope)} % 5)"


def _rippled(w: Writer, scope: Scope, shape: Shape, depth: int) -> str | None:
    if len(shape) == 2:
        return None
    return f"rippled({w.array(scope, shape, depth)}, {w.integer(scope)} % 4)"


RECURSION = Family("recursion", _PRELUDE, floats=(_split_in_two, _climbed), arrays=(_rippled,))
