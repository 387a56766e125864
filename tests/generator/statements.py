"""Random well-typed statements: what every program may have, and what its families add."""

from collections.abc import Callable, Sequence
from random import Random

from tests.generator.expressions import BOUNDED, Expressions
from tests.generator.family import Family, Statement
from tests.generator.scope import Kind, Scope


class Writer(Expressions):
    """Writes the functions of a program, line by line."""

    def __init__(self, random: Random, families: Sequence[Family], smooth: bool) -> None:
        super().__init__(random, families, smooth)
        self.lines: list[str] = []
        self.result: Kind = "f"
        self.budget = 0
        self.loops = 0  # around the statement being written
        self.deepest = 2  # loops in loops, for families that add more of them

    def write(self, depth: int, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * depth + text)

    def value(self, scope: Scope) -> str:
        """A value of the function's result type."""
        if isinstance(self.result, tuple):
            return self.array(scope, self.result, 2)
        return self.float(scope, 3)

    # --- statements ---------------------------------------------------------------------------

    def statements(self, scope: Scope, depth: int, in_loop: bool) -> None:
        """A block of at least one statement."""
        for _ in range(self.random.randint(1, 4)):
            self.budget -= 1
            added = [form for family in self.families for form in family.statements]
            if added and self.coin():
                statement: Statement = self.choose(added)
                before = len(self.lines)
                statement(self, scope, depth)
                if len(self.lines) == before:
                    self.new_float(scope, depth)
                continue
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
            self.choose(forms)(scope, depth)

    def block(self, scope: Scope, depth: int, in_loop: bool) -> None:
        self.statements(scope.inner(), depth + 1, in_loop or self.loops > 0)

    def new_float(self, scope: Scope, depth: int) -> None:
        name = self.fresh("x")
        self.write(depth, f"{name} = {self.bounded(scope, 2)}")
        scope.floats.append(name)

    def new_scalar(self, scope: Scope, depth: int) -> None:
        if self.coin():
            name = self.fresh("q")
            self.write(depth, f"{name} = {self.boolean(scope, 1)}")
            scope.booleans.append(name)
        else:
            name = self.fresh("j")
            self.write(depth, f"{name} = {self.integer(scope)} % 5")
            scope.integers.append(name)

    def change_float(self, scope: Scope, depth: int) -> None:
        names = scope.assignable_floats()
        if not names:
            return self.new_float(scope, depth)
        value = self.bounded(scope, 2)
        operator = self.choose(["=", "+=", "-=", "*="])
        return self.write(depth, f"{self.choose(names)} {operator} {value}")

    def new_array(self, scope: Scope, depth: int) -> None:
        if not self.shapes:
            return self.new_float(scope, depth)
        shape, name = self.choose(self.shapes), self.fresh("t")
        filled = f"zeros({', '.join(shape)})"
        value = f"{self.choose(BOUNDED)}({self.array(scope, shape, 2)})"
        self.write(depth, f"{name} = {self.choose([filled, value])}")
        return scope.add(shape, name)

    def change_array(self, scope: Scope, depth: int) -> None:
        arrays = scope.assignable()
        if not arrays:
            return self.new_array(scope, depth)
        shape, name = self.choose(arrays)
        value = f"sin({self.array(scope, shape, 2)})"
        operator = self.choose(["=", "+=", "*="])
        return self.write(depth, f"{name} {operator} {value}")

    def change_element(self, scope: Scope, depth: int) -> None:
        arrays = scope.assignable()
        if not arrays:
            return self.new_array(scope, depth)
        shape, name = self.choose(arrays)
        operator = self.choose(["=", "+=", "-=", "*="])
        if len(shape) == 2 and self.coin():
            row = f"{name}[{self.index(scope, 'n')}, :]"
            value = f"sin({self.array(scope, ('m',), 1)})"
            return self.write(depth, f"{row} {operator} {value}")
        place = f"{name}[{', '.join(self.index(scope, d) for d in shape)}]"
        return self.write(depth, f"{place} {operator} {self.bounded(scope, 2)}")

    def swap(self, scope: Scope, depth: int) -> None:
        names = scope.assignable_floats()
        if len(names) < 2:
            return self.new_float(scope, depth)
        first, second = names[0], self.choose(names[1:])
        return self.write(depth, f"{first}, {second} = {second}, {first}")

    def branch(self, scope: Scope, depth: int) -> None:
        self.write(depth, f"if {self.boolean(scope, 1)}:")
        self.block(scope, depth, in_loop=False)
        if self.coin():
            self.write(depth, f"elif {self.boolean(scope, 1)}:")
            self.block(scope, depth, in_loop=False)
        if self.coin():
            self.write(depth, "else:")
            self.block(scope, depth, in_loop=False)

    def loop_body(self, scope: Scope, depth: int) -> None:
        self.loops += 1
        self.block(scope, depth, in_loop=True)
        self.loops -= 1

    def for_range(self, scope: Scope, depth: int) -> None:
        inner, name = scope.inner(), self.fresh("i")
        dimension = self.choose([*self.dimensions, ""])
        if dimension:
            inner.indices.setdefault(dimension, []).append(name)
            bounds = self.choose([dimension, f"{dimension} - 1, -1, -1", f"0, {dimension}, 2"])
        else:
            inner.integers.append(name)
            bounds = self.choose(["3", "1, 4", "4, 0, -2", f"{self.integer(scope)} % 4"])
        inner.fixed |= {name}
        self.write(depth, f"for {name} in range({bounds}):")
        self.loop_body(inner, depth)

    def for_array(self, scope: Scope, depth: int) -> None:
        if not self.shapes:
            return self.for_range(scope, depth)
        inner, name = scope.inner(), self.fresh("e")
        shape = self.choose(self.shapes)
        self.write(depth, f"for {name} in {self.array(scope, shape, 0)}:")
        inner.add(shape[1:] or "f", name)
        inner.fixed |= {name}
        return self.loop_body(inner, depth)

    def while_loop(self, scope: Scope, depth: int) -> None:
        name = self.fresh("s")
        limit = self.choose([2, 3])
        condition = self.choose(["", f" and {self.boolean(scope, 1)}"])
        self.write(depth, f"{name} = 0")
        self.write(depth, f"while {name} < {limit}{condition}:")
        self.write(depth + 1, f"{name} += 1")
        inner = scope.inner()
        inner.integers.append(name)
        inner.fixed |= {name}
        self.loop_body(inner, depth)

    def jump(self, scope: Scope, depth: int) -> None:
        self.write(depth, f"if {self.boolean(scope, 1)}:")
        self.write(depth + 1, self.choose(["break", "continue"]))

    def early_return(self, scope: Scope, depth: int) -> None:
        self.write(depth, f"if {self.boolean(scope, 1)}:")
        self.write(depth + 1, f"return {self.value(scope)}")
