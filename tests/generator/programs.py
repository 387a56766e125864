"""Random well-typed programs: source text and arguments to call it with.

Every program is legal, terminates soon, raises nothing, and keeps all floats finite and small.
With `smooth` there are no kinks but those of branches, so a derivative exists almost everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st

from tests.generator.changes import PRELUDE, Changes
from tests.generator.expressions import BOUNDED, Helper, Scope, Shape
from tests.generator.wide import WideExpressions

T = TypeVar("T")


@dataclass(frozen=True)
class Program:
    """A module, the function to call, and its arguments by name."""

    text: str
    function: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class _Parameter:
    name: str
    annotation: str
    kind: str | Shape


_MAIN = (
    _Parameter("a", "f64", "f"),
    _Parameter("b", "f64", "f"),
    _Parameter("k", "i64", "i"),
    _Parameter("flag", "bool", "b"),
    _Parameter("u", "f64[n]", ("n",)),
    _Parameter("w", "f64[m]", ("m",)),
    _Parameter("p", "f64[n, m]", ("n", "m")),
    _Parameter("z", "i64[n]", "z"),
    _Parameter("r", "Pair(n)", "r"),
)
_HELPERS = (
    ("scalar", (_Parameter("a", "f64", "f"), _Parameter("k", "i64", "i")), "f64", "f"),
    ("folded", (_Parameter("u", "f64[n]", ("n",)), _Parameter("b", "f64", "f")), "f64", "f"),
    ("mapped", (_Parameter("u", "f64[n]", ("n",)), _Parameter("b", "f64", "f")), "f64[n]", ("n",)),
)


class _Writer(Changes):
    """Writes functions by the choices of `draw`."""

    def __init__(self, draw: st.DrawFn, smooth: bool) -> None:
        self.draw = draw
        self.smooth = smooth
        self.lines: list[str] = []
        self.helpers: list[Helper] = []
        self.budget = 0

    def choose(self, options: Sequence[T]) -> T:
        return self.draw(st.sampled_from(list(options)))

    def write(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    # --- functions ----------------------------------------------------------------------------

    def function(
        self, name: str, parameters: Sequence[_Parameter], result: str, kind: str | Shape
    ) -> None:
        """A function; it may call those written before it."""
        dimensions = [
            d
            for d in ("n", "m")
            if any(isinstance(p.kind, tuple) and d in p.kind for p in parameters)
        ]
        self.expressions = WideExpressions(self.choose, dimensions, self.helpers, self.smooth)
        self.result = kind
        self.budget = self.draw(st.integers(2, 8))
        scope = Scope()
        for parameter in parameters:
            self.declare(scope, parameter.kind, parameter.name)
        annotated = ", ".join(f"{p.name}: {p.annotation}" for p in parameters)
        self.write(0, f"def {name}({annotated}) -> {result}:")
        self.statements(scope, 1, in_loop=False)
        self.write(1, f"return {self.value(scope)}")
        self.write(0, "")

    def declare(self, scope: Scope, kind: str | Shape, name: str) -> None:
        if isinstance(kind, tuple):
            scope.add_array(kind, name)
        elif kind == "r":
            scope.floats.append(f"{name}.s")
            scope.add_array(("n",), f"{name}.v")
        elif kind == "z":
            scope.permutations.append(name)
        else:
            {"f": scope.floats, "i": scope.integers, "b": scope.booleans}[kind].append(name)

    def value(self, scope: Scope) -> str:
        """A value of the function's result type."""
        if self.result == "f":
            return self.expressions.float(scope, 3)
        assert isinstance(self.result, tuple)
        return self.expressions.array(scope, self.result, 2)

    # --- statements ---------------------------------------------------------------------------

    def statements(self, scope: Scope, depth: int, in_loop: bool) -> None:
        """A block of at least one statement."""
        for _ in range(self.draw(st.integers(1, 4))):
            self.budget -= 1
            forms: list[Callable[[Scope, int], None]] = [
                self.new_float,
                self.change_float,
                self.new_array,
                self.change_array,
                self.change_element,
                self.new_scalar,
                self.swap,
            ]
            if self.budget > 0 and depth < 4:
                forms += [self.branch, self.for_range, self.for_array, self.while_loop] * 2
                forms.append(self.early_return)
                if in_loop:
                    forms.append(self.jump)
            self.choose([*forms, *self.more_statements(scope)])(scope, depth)

    def block(self, scope: Scope, depth: int, in_loop: bool) -> None:
        self.statements(scope.inner(), depth + 1, in_loop or self.inside_loop)

    inside_loop = False

    def new_float(self, scope: Scope, depth: int) -> None:
        name = self.expressions.fresh("x")
        self.write(depth, f"{name} = {self.expressions.bounded(scope, 2)}")
        scope.floats.append(name)

    def new_scalar(self, scope: Scope, depth: int) -> None:
        if self.choose([True, False]):
            name = self.expressions.fresh("q")
            self.write(depth, f"{name} = {self.expressions.boolean(scope, 1)}")
            scope.booleans.append(name)
        else:
            name = self.expressions.fresh("j")
            self.write(depth, f"{name} = {self.expressions.integer(scope)} % 5")
            scope.integers.append(name)

    def change_float(self, scope: Scope, depth: int) -> None:
        names = [name for name in scope.floats if name not in scope.fixed]
        if not names:
            return self.new_float(scope, depth)
        value = self.expressions.bounded(scope, 2)
        operator = self.choose(["=", "+=", "-=", "*="])
        return self.write(depth, f"{self.choose(names)} {operator} {value}")

    def new_array(self, scope: Scope, depth: int) -> None:
        if not self.expressions.shapes:
            return self.new_float(scope, depth)
        shape, name = self.choose(self.expressions.shapes), self.expressions.fresh("t")
        filled = f"zeros({', '.join(shape)})"
        value = f"{self.choose(BOUNDED)}({self.expressions.array(scope, shape, 2)})"
        self.write(depth, f"{name} = {self.choose([filled, value])}")
        return scope.add_array(shape, name)

    def assignable(self, scope: Scope) -> list[tuple[Shape, str]]:
        return [(s, n) for s, names in scope.arrays.items() for n in names if n not in scope.fixed]

    def change_array(self, scope: Scope, depth: int) -> None:
        arrays = self.assignable(scope)
        if not arrays:
            return self.new_array(scope, depth)
        shape, name = self.choose(arrays)
        value = f"sin({self.expressions.array(scope, shape, 2)})"
        operator = self.choose(["=", "+=", "*="])
        return self.write(depth, f"{name} {operator} {value}")

    def change_element(self, scope: Scope, depth: int) -> None:
        arrays = self.assignable(scope)
        if not arrays:
            return self.new_array(scope, depth)
        shape, name = self.choose(arrays)
        operator = self.choose(["=", "+=", "-=", "*="])
        if len(shape) == 2 and self.choose([True, False]):
            row = f"{name}[{self.expressions.index(scope, 'n')}, :]"
            value = f"sin({self.expressions.array(scope, ('m',), 1)})"
            return self.write(depth, f"{row} {operator} {value}")
        place = f"{name}[{', '.join(self.expressions.index(scope, d) for d in shape)}]"
        return self.write(depth, f"{place} {operator} {self.expressions.bounded(scope, 2)}")

    def swap(self, scope: Scope, depth: int) -> None:
        names = [name for name in scope.floats if name not in scope.fixed]
        if len(names) < 2:
            return self.new_float(scope, depth)
        first, second = names[0], self.choose(names[1:])
        return self.write(depth, f"{first}, {second} = {second}, {first}")

    def branch(self, scope: Scope, depth: int) -> None:
        self.write(depth, f"if {self.expressions.boolean(scope, 1)}:")
        self.block(scope, depth, in_loop=False)
        if self.choose([True, False]):
            self.write(depth, f"elif {self.expressions.boolean(scope, 1)}:")
            self.block(scope, depth, in_loop=False)
        if self.choose([True, False]):
            self.write(depth, "else:")
            self.block(scope, depth, in_loop=False)

    def loop_body(self, scope: Scope, depth: int) -> None:
        outside, self.inside_loop = self.inside_loop, True
        self.block(scope, depth, in_loop=True)
        self.inside_loop = outside

    def for_range(self, scope: Scope, depth: int) -> None:
        inner, name = scope.inner(), self.expressions.fresh("i")
        dimension = self.choose([*self.expressions.dimensions, ""])
        if dimension:
            inner.indices.setdefault(dimension, []).append(name)
            bounds = self.choose([dimension, f"{dimension} - 1, -1, -1", f"0, {dimension}, 2"])
        else:
            inner.integers.append(name)
            bounds = self.choose(
                ["3", "1, 4", "4, 0, -2", f"{self.expressions.integer(scope)} % 4"]
            )
        inner.fixed |= {name}
        self.write(depth, f"for {name} in range({bounds}):")
        self.loop_body(inner, depth)

    def for_array(self, scope: Scope, depth: int) -> None:
        if not self.expressions.shapes:
            return self.for_range(scope, depth)
        inner, name = scope.inner(), self.expressions.fresh("e")
        shape = self.choose(self.expressions.shapes)
        self.write(depth, f"for {name} in {self.expressions.array(scope, shape, 0)}:")
        self.declare(inner, shape[1:] or "f", name)
        inner.fixed |= {name}
        return self.loop_body(inner, depth)

    def while_loop(self, scope: Scope, depth: int) -> None:
        name = self.expressions.fresh("s")
        limit = self.choose([2, 3])
        condition = self.choose(["", f" and {self.expressions.boolean(scope, 1)}"])
        self.write(depth, f"{name} = 0")
        self.write(depth, f"while {name} < {limit}{condition}:")
        self.write(depth + 1, f"{name} += 1")
        inner = scope.inner()
        inner.integers.append(name)
        inner.fixed |= {name}
        self.loop_body(inner, depth)

    def jump(self, scope: Scope, depth: int) -> None:
        self.write(depth, f"if {self.expressions.boolean(scope, 1)}:")
        self.write(depth + 1, self.choose(["break", "continue"]))

    def early_return(self, scope: Scope, depth: int) -> None:
        self.write(depth, f"if {self.expressions.boolean(scope, 1)}:")
        self.write(depth + 1, f"return {self.value(scope)}")


@st.composite
def programs(draw: st.DrawFn, *, smooth: bool = True, scalar_result: bool = True) -> Program:
    """A program whose function `main` takes floats, an integer, a bool, vectors and a matrix."""
    writer = _Writer(draw, smooth)
    writer.write(0, PRELUDE)
    for name, parameters, result, helper_kind in _HELPERS:
        if draw(st.booleans()):
            writer.function(name, parameters, result, helper_kind)
            taken = tuple(parameter.kind for parameter in parameters)
            writer.helpers.append(Helper(name, taken, helper_kind))
    kinds: tuple[str | Shape, ...] = ("f",) if scalar_result else ("f", ("n",), ("n", "m"))
    kind = draw(st.sampled_from(kinds))
    result = "f64" if isinstance(kind, str) else f"f64[{', '.join(kind)}]"
    writer.function("main", _MAIN, result, kind)
    return Program("\n".join(writer.lines), "main", draw(arguments()))


@st.composite
def arguments(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments for `main`: floats in [-2, 2], extents from 1 to 4."""
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    return {
        "a": float(random.uniform(-2, 2)),
        "b": float(random.uniform(-2, 2)),
        "k": draw(st.integers(0, 5)),
        "flag": draw(st.booleans()),
        "u": random.uniform(-2, 2, n),
        "w": random.uniform(-2, 2, m),
        "p": random.uniform(-2, 2, (n, m)),
        "z": random.permutation(n),
        "r": {"s": float(random.uniform(-2, 2)), "v": random.uniform(-2, 2, n)},
    }
