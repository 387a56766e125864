"""Random well-typed expressions over the names in scope.

Float values stay below about 100 in magnitude, whatever the inputs in [-2, 2]: products have
bounded factors, and every function is used where it is smooth. Indices are in bounds as long as
every dimension is at least 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

Shape = tuple[str, ...]
T = TypeVar("T")

BOUNDED = ("tanh", "sin", "cos", "sigmoid")
SHAPES: tuple[Shape, ...] = (("n",), ("m",), ("n", "m"))


class Choose(Protocol):
    """Picks one of several values."""

    def __call__(self, options: Sequence[T]) -> T: ...


@dataclass
class Scope:
    """Names that have a value here. `indices` are loop variables below a dimension's extent,
    `permutations` integer arrays of extent n that hold each of 0..n-1 once;
    `fixed` are names that must not be assigned.
    """

    floats: list[str] = field(default_factory=list)
    integers: list[str] = field(default_factory=list)
    booleans: list[str] = field(default_factory=list)
    arrays: dict[Shape, list[str]] = field(default_factory=dict)
    indices: dict[str, list[str]] = field(default_factory=dict)
    permutations: list[str] = field(default_factory=list)
    fixed: frozenset[str] = frozenset()

    def inner(self) -> "Scope":
        """The scope of a block: what it adds is not seen outside."""
        return Scope(
            list(self.floats),
            list(self.integers),
            list(self.booleans),
            {shape: list(names) for shape, names in self.arrays.items()},
            {dimension: list(names) for dimension, names in self.indices.items()},
            list(self.permutations),
            self.fixed,
        )

    def add_array(self, shape: Shape, name: str) -> None:
        self.arrays.setdefault(shape, []).append(name)


@dataclass(frozen=True)
class Helper:
    """A function that may be called: parameter kinds "f", "i" or a shape; result "f" or a shape."""

    name: str
    parameters: tuple[str | Shape, ...]
    result: str | Shape


class Expressions:
    """Writes expressions by the choices of `choose`, over arrays of the dimensions given."""

    def __init__(
        self, choose: Choose, dimensions: Sequence[str], helpers: Sequence[Helper], smooth: bool
    ) -> None:
        self.choose = choose
        self.dimensions = dimensions
        self.shapes = [shape for shape in SHAPES if set(shape) <= set(dimensions)]
        self.helpers = [
            h
            for h in helpers
            if all(isinstance(k, str) or k in self.shapes for k in (h.result, *h.parameters))
        ]
        self.smooth = smooth
        self.count = 0

    def fresh(self, stem: str) -> str:
        """A name not used before."""
        self.count += 1
        return f"{stem}{self.count}"

    # --- scalars ------------------------------------------------------------------------------

    def float(self, scope: Scope, depth: int) -> str:
        """A float expression."""
        if depth <= 0:
            return self.float_leaf(scope)
        forms: list[Callable[[Scope, int], str]] = [
            self.float_sum,
            self.float_product,
            self.float_quotient,
            self.float_function,
            self.float_power,
            self.float_choice,
            self.generator,
            lambda s, d: self.float_leaf(s),
        ]
        if self.shapes:
            forms.append(self.reduction)
        if any(h.result == "f" for h in self.helpers):
            forms.append(lambda s, d: self.call(s, d, "f"))
        if not self.smooth:
            forms.append(self.float_kink)
        return self.choose([*forms, *self.more_floats(scope)])(scope, depth - 1)

    def more_floats(self, scope: Scope) -> list[Callable[[Scope, int], str]]:
        """Further forms of a float; a subclass adds them."""
        return []

    def more_arrays(self, scope: Scope, shape: Shape) -> list[Callable[[Scope, Shape, int], str]]:
        """Further forms of an array; a subclass adds them."""
        return []

    def float_leaf(self, scope: Scope) -> str:
        options: list[Callable[[], str]] = [lambda: self.choose(["0.5", "1.0", "-0.25", "2"])]
        if scope.floats:
            options += [lambda: self.choose(scope.floats)] * 3
        shapes = [shape for shape, names in scope.arrays.items() if names]
        if shapes:
            options += [lambda: self.element(scope, self.choose(shapes))] * 2
        if scope.integers:
            options.append(lambda: f"f64({self.choose(scope.integers)})")
        return self.choose(options)()

    def bounded(self, scope: Scope, depth: int) -> str:
        """A float expression in [-1, 1]."""
        return f"{self.choose(BOUNDED)}({self.float(scope, depth)})"

    def float_sum(self, scope: Scope, depth: int) -> str:
        operator = self.choose(["+", "-"])
        return f"({self.float(scope, depth)} {operator} {self.float(scope, depth)})"

    def float_product(self, scope: Scope, depth: int) -> str:
        return f"{self.bounded(scope, depth)} * {self.atom(self.float(scope, depth))}"

    def float_quotient(self, scope: Scope, depth: int) -> str:
        return f"{self.atom(self.float(scope, depth))} / (2.0 + {self.bounded(scope, depth)})"

    def float_function(self, scope: Scope, depth: int) -> str:
        inner = self.bounded(scope, depth)
        forms = [f"{name}({inner})" for name in ("exp", "expm1", "softplus", "atan", "sinh", "erf")]
        forms += [f"sqrt(1.5 + {inner})", f"log(1.5 + {inner})", f"-{inner}"]
        return self.choose(forms)

    def float_power(self, scope: Scope, depth: int) -> str:
        inner = self.bounded(scope, depth)
        return self.choose([f"{inner} ** 2", f"{inner} ** 3", f"(1.5 + {inner}) ** 0.7"])

    def float_choice(self, scope: Scope, depth: int) -> str:
        then, otherwise = self.float(scope, depth), self.float(scope, depth)
        condition = self.boolean(scope, depth)
        forms = [f"({then} if {condition} else {otherwise})"]
        return self.choose([*forms, f"where({condition}, {then}, {otherwise})"])

    def float_kink(self, scope: Scope, depth: int) -> str:
        a, b = self.float(scope, depth), self.float(scope, depth)
        return self.choose([f"abs({a})", f"min({a}, {b})", f"max({a}, {b})", f"relu({a})"])

    def call(self, scope: Scope, depth: int, result: str | Shape) -> str:
        """A call of a function with that result."""
        helper = self.choose([h for h in self.helpers if h.result == result])
        arguments = [self.argument(scope, depth, kind) for kind in helper.parameters]
        return f"{helper.name}({', '.join(arguments)})"

    def argument(self, scope: Scope, depth: int, kind: str | Shape) -> str:
        """An argument for a parameter of that kind."""
        if isinstance(kind, tuple):
            return self.array(scope, kind, 0)
        return self.bounded(scope, depth) if kind == "f" else self.integer(scope)

    def integer(self, scope: Scope) -> str:
        """A small non-negative integer."""
        names = [*scope.integers, *(i for names in scope.indices.values() for i in names)]
        forms = ["1", "2", "3"]
        if names:
            a, b = self.choose(names), self.choose(names)
            forms += [a, b, f"({a} + {b})", f"{a} * 2", f"({a} + 3) // 2", f"{a} % 3"]
        return self.choose(forms)

    def boolean(self, scope: Scope, depth: int) -> str:
        """A condition."""
        forms: list[Callable[[], str]] = [
            lambda: f"{self.float(scope, depth)} < {self.float(scope, 0)}",
            lambda: f"{self.integer(scope)} {self.choose(['<', '>=', '==', '!='])} 2",
            lambda: f"-1.5 < {self.float(scope, 0)} <= 1.5",
        ]
        if scope.booleans:
            forms.append(lambda: self.choose(scope.booleans))
        if depth > 0:
            word = self.choose(["and", "or"])
            forms.append(
                lambda: f"({self.boolean(scope, depth - 1)} {word} {self.boolean(scope, 0)})"
            )
            forms.append(lambda: f"(not {self.boolean(scope, depth - 1)})")
        return self.choose(forms)()

    # --- elements and reductions --------------------------------------------------------------

    def index(self, scope: Scope, dimension: str) -> str:
        """An index below a dimension's extent."""
        forms = ["0", "-1", f"{self.integer(scope)} % {dimension}"]
        forms += scope.indices.get(dimension, []) * 3
        return self.choose(forms)

    def element(self, scope: Scope, shape: Shape) -> str:
        """An element of an array in scope."""
        name = self.choose(scope.arrays[shape])
        return f"{name}[{', '.join(self.index(scope, dimension) for dimension in shape)}]"

    def reduction(self, scope: Scope, depth: int) -> str:
        """A whole array made one float."""
        shape = self.choose(self.shapes)
        inner = self.array(scope, shape, depth)
        if len(shape) == 1 and self.choose([True, False]):
            return f"dot({inner}, {self.array(scope, shape, 0)})"
        forms = [f"{name}({inner})" for name in ("sum", "mean", "logsumexp")]
        if not self.smooth:
            forms += [f"max({inner})", f"min({inner})"]
        return self.choose(forms)

    def generator(self, scope: Scope, depth: int) -> str:
        """A reduction of a generator."""
        inner, variable = scope.inner(), self.fresh("g")
        dimension = self.choose([*self.dimensions, ""])
        if dimension:
            inner.indices.setdefault(dimension, []).append(variable)
        else:
            inner.integers.append(variable)
        condition = self.choose(["", f" if {variable} != 1"])
        element = self.bounded(inner, depth)
        return f"sum({element} for {variable} in range({dimension or 3}){condition})"

    # --- arrays -------------------------------------------------------------------------------

    def array(self, scope: Scope, shape: Shape, depth: int) -> str:
        """An array expression; its elements are bounded like scalars."""
        names = scope.arrays.get(shape, [])
        if depth <= 0:
            extents = shape[0] if len(shape) == 1 else f"({', '.join(shape)})"
            filled = f"full({extents}, {self.bounded(scope, 0)})"
            return self.choose(names) if names else filled
        forms: list[Callable[[Scope, Shape, int], str]] = [
            self.array_sum,
            self.array_product,
            self.array_function,
            self.array_comprehension,
            lambda s, shape, d: self.array(s, shape, 0),
        ]
        if SHAPES[-1] in self.shapes:
            forms.append(self.array_of_other_shape)
        if any(h.result == shape for h in self.helpers):
            forms.append(lambda s, shape, d: self.call(s, d, shape))
        return self.choose([*forms, *self.more_arrays(scope, shape)])(scope, shape, depth - 1)

    def array_sum(self, scope: Scope, shape: Shape, depth: int) -> str:
        left, operator = self.array(scope, shape, depth), self.choose(["+", "-"])
        right = self.choose([self.array(scope, shape, depth), self.float(scope, 0)])
        return f"({left} {operator} {right})"

    def array_product(self, scope: Scope, shape: Shape, depth: int) -> str:
        factor = self.choose(
            [self.bounded(scope, depth), f"sin({self.array(scope, shape, depth)})"]
        )
        return f"{self.atom(self.array(scope, shape, depth))} * {factor}"

    def array_function(self, scope: Scope, shape: Shape, depth: int) -> str:
        inner = self.array(scope, shape, depth)
        name = self.choose(BOUNDED)
        return self.choose([f"{name}({inner})", f"exp({name}({inner}))", f"-{self.atom(inner)}"])

    def array_comprehension(self, scope: Scope, shape: Shape, depth: int) -> str:
        inner = scope.inner()
        clauses = []
        for dimension in shape:
            variable = self.fresh("c")
            inner.indices.setdefault(dimension, []).append(variable)
            clauses.append(f" for {variable} in range({dimension})")
        return f"[{self.bounded(inner, depth)}{''.join(clauses)}]"

    def array_of_other_shape(self, scope: Scope, shape: Shape, depth: int) -> str:
        """Products, transposes, rows, sums along an axis, broadcasts."""
        n, m, matrix = ("n",), ("m",), ("n", "m")
        if shape == matrix:
            column, row = self.array(scope, n, depth), self.array(scope, m, depth)
            forms = [f"sin({column})[:, None] * sin({row})"]
            return self.choose([*forms, f"({self.array(scope, matrix, depth)} + {row})"])
        whole = self.array(scope, matrix, 0)
        if shape == n:
            forms = [
                f"sin({whole}) @ {self.atom(self.array(scope, m, depth))}",
                f"mean({whole}, axis=1)",
            ]
            return self.choose([*forms, f"{self.atom(whole)}[:, {self.index(scope, 'm')}]"])
        forms = [
            f"sin({whole}).T @ {self.atom(self.array(scope, n, depth))}",
            f"sum({whole}, axis=0)",
        ]
        return self.choose([*forms, f"{self.atom(whole)}[{self.index(scope, 'n')}]"])

    @staticmethod
    def atom(text: str) -> str:
        """Parenthesised, unless it is a name."""
        return text if text.isidentifier() else f"({text})"
