"""Further statements: parts of arrays, scattered elements, records, integer arrays."""

from collections.abc import Callable

from tests.generator.expressions import Choose, Scope, Shape
from tests.generator.wide import WideExpressions

PRELUDE = """class Pair:
    s: f64
    v: f64[n]

def applied(g: Callable[[f64], f64], x: f64) -> f64:
    return g(x) + 0.5 * g(0.25 * x)
"""


class Changes:
    """Statements for a writer of functions."""

    choose: Choose
    expressions: WideExpressions

    def write(self, depth: int, text: str) -> None:
        """Add a line."""
        raise NotImplementedError

    def assignable(self, scope: Scope) -> list[tuple[Shape, str]]:
        """Arrays that may be changed."""
        raise NotImplementedError

    def more_statements(self, scope: Scope) -> list[Callable[[Scope, int], None]]:
        """The statements of this file that make sense in a scope."""
        forms: list[Callable[[Scope, int], None]] = []
        if self.assignable(scope):
            forms.append(self.change_slice)
        if "n" in self.expressions.dimensions:
            forms.append(self.new_record)
        if scope.permutations:
            forms.append(self.new_permutation)
            if any(shape[0] == "n" for shape, _ in self.assignable(scope)):
                forms.append(self.scatter)
        return forms

    def change_slice(self, scope: Scope, depth: int) -> None:
        """A part of an array from another part of it or of one like it."""
        shape, name = self.choose(self.assignable(scope))
        source = self.choose(scope.arrays[shape])
        parts = [("1:", ":-1"), (":-1", "1:"), ("::-1", ":"), (":", "::-1"), ("::2", "::2")]
        target, part = self.choose(parts)
        operator = self.choose(["=", "+=", "*="])
        self.write(depth, f"{name}[{target}] {operator} sin({source}[{part}])")

    def scatter(self, scope: Scope, depth: int) -> None:
        """Elements stored where an integer array says, each once."""
        arrays = [(s, name) for s, name in self.assignable(scope) if s[0] == "n"]
        shape, name = self.choose(arrays)
        value = f"sin({self.expressions.array(scope, shape, 1)})"
        operator = self.choose(["=", "+=", "*="])
        self.write(depth, f"{name}[{self.choose(scope.permutations)}] {operator} {value}")

    def new_record(self, scope: Scope, depth: int) -> None:
        """A record, made of its fields or copied; its fields are names like any other."""
        name = self.expressions.fresh("r")
        scalar = self.expressions.bounded(scope, 1)
        vector = f"sin({self.expressions.array(scope, ('n',), 1)})"
        records = [n[:-2] for n in scope.floats if n.endswith(".s")]
        values = [f"Pair(s={scalar}, v={vector})", *records]
        self.write(depth, f"{name} = {self.choose(values)}")
        scope.floats.append(f"{name}.s")
        scope.add_array(("n",), f"{name}.v")

    def new_permutation(self, scope: Scope, depth: int) -> None:
        """An integer array that holds each index once."""
        name, old = self.expressions.fresh("z"), self.choose(scope.permutations)
        value = self.choose([old, f"{old}[::-1]", f"({old} + 1) % n", f"{old}[{old}]"])
        self.write(depth, f"{name} = {value}")
        scope.permutations.append(name)
