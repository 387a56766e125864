"""Further expressions: slices, gathers, rearranged arrays, functions as values.

All mean the same to Python over NumPy: a lambda is called where it stands, and indices are used
where NumPy and dp agree about repeated ones.
"""

from collections.abc import Callable

from tests.generator.expressions import Expressions, Scope, Shape


class WideExpressions(Expressions):
    """The expressions with those of this file."""

    def more_floats(self, scope: Scope) -> list[Callable[[Scope, int], str]]:
        forms: list[Callable[[Scope, int], str]] = [self.applied]
        if any(scope.arrays.get(shape) for shape in self.shapes):
            forms.append(self.slice_reduction)
        return forms

    def more_arrays(self, scope: Scope, shape: Shape) -> list[Callable[[Scope, Shape, int], str]]:
        forms: list[Callable[[Scope, Shape, int], str]] = [
            self.reversed_array,
            self.rearranged,
            self.chosen,
        ]
        if shape[0] == "n" and scope.permutations:
            forms += [self.gathered] * 2
        return forms

    def applied(self, scope: Scope, depth: int) -> str:
        """A lambda that captures what is in scope, handed to a function."""
        variable = self.fresh("v")
        inner = scope.inner()
        inner.floats += [variable] * 3
        body = self.bounded(inner, depth)
        return f"applied(lambda {variable}: {body}, {self.bounded(scope, depth)})"

    def slice_reduction(self, scope: Scope, depth: int) -> str:
        """A part of an array, which may be empty, made one float."""
        shape = self.choose([s for s in self.shapes if scope.arrays.get(s)])
        name = self.choose(scope.arrays[shape])
        at = self.bound(scope, shape[0])
        parts = ["1:", ":-1", "::2", f"{at}:", f":{at}", "::-1"]
        if len(shape) == 2:
            row, column = self.index(scope, shape[0]), self.index(scope, "m")
            parts += [":, 1:", "::-1, ::2", f"{row}, :", f":, {column}"]
        if len(shape) == 1 and self.choose([True, False]):
            return f"dot({name}[1:], sin({name}[:-1]))"
        return f"sum(sin({name}[{self.choose(parts)}]))"

    def bound(self, scope: Scope, dimension: str) -> str:
        """A bound of a slice."""
        forms = ["0", dimension, f"{self.integer(scope)} % {dimension}"]
        return self.choose([*forms, *scope.indices.get(dimension, [])])

    def reversed_array(self, scope: Scope, shape: Shape, depth: int) -> str:
        inner = self.atom(self.array(scope, shape, depth))
        parts = ["::-1"] if len(shape) == 1 else ["::-1", ":, ::-1", "::-1, ::-1"]
        return f"{inner}[{self.choose(parts)}]"

    def rearranged(self, scope: Scope, shape: Shape, depth: int) -> str:
        """Elements moved, or summed up on the way."""
        inner = self.array(scope, shape, depth)
        forms = [f"flip({inner})", f"roll({inner}, {self.integer(scope)})", f"softmax({inner})"]
        forms += [f"tanh(cumsum({inner}))", f"concat({inner}, {inner})[:{shape[0]}]"]
        if not self.smooth:
            forms.append(f"sort({inner})")
        return self.choose(forms)

    def chosen(self, scope: Scope, shape: Shape, depth: int) -> str:
        """One of two arrays, element by element."""
        left, right = self.array(scope, shape, depth), self.array(scope, shape, 0)
        condition = f"{self.atom(right)} < {self.float(scope, 0)}"
        if shape == ("n",) and scope.permutations:
            name = self.choose(scope.permutations)
            condition = self.choose([condition, f"{name} % 2 == 0"])
        return f"where({condition}, {left}, {right})"

    def gathered(self, scope: Scope, shape: Shape, depth: int) -> str:
        """Rows or elements in another order, or repeated."""
        name = self.choose(scope.permutations)
        index = self.choose([name, f"{name} // 2", f"({name} + {self.integer(scope)}) % n"])
        return f"{self.atom(self.array(scope, shape, depth))}[{index}]"
