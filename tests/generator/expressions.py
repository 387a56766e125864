"""Random well-typed expressions over the names in scope: what every program may have.

The families add theirs. Float values stay below about 100 in magnitude, whatever the inputs in
[-2, 2]: products have bounded factors, and every function is used where it is smooth.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, TypeVar, cast

from tests.generator.family import ArrayForm, Family, FloatForm
from tests.generator.scope import SHAPES, Helper, Kind, Scope, Shape

if TYPE_CHECKING:
    from tests.generator.statements import Writer

SCALARS = ("i32", "i64", "f32", "f64")
T = TypeVar("T")
BOUNDED = ("tanh", "sin", "cos", "sigmoid")


class Expressions:
    """Writes expressions by the choices of a random source, over arrays of the dimensions given."""

    def __init__(self, random: Random, families: Sequence[Family], smooth: bool) -> None:
        self.random = random
        self.families = families
        self.smooth = smooth
        self.count = 0
        self.helpers: list[Helper] = []
        self.begin(())

    def begin(self, dimensions: Sequence[str]) -> None:
        """Write a function over arrays of these dimensions."""
        self.dimensions = dimensions
        self.shapes = [shape for shape in SHAPES if set(shape) <= set(dimensions)]

    def choose(self, options: Sequence[T]) -> T:
        """One of several values."""
        return self.random.choice(options)

    def coin(self) -> bool:
        """One of two ways."""
        return self.random.random() < 0.5

    def callable_helpers(self, result: Kind) -> list[Helper]:
        """The functions with that result that can be called here."""
        return [
            h
            for h in self.helpers
            if h.result == result
            and all(isinstance(k, str) or k in self.shapes for k in h.parameters)
        ]

    def fresh(self, stem: str) -> str:
        """A name not used before, and no type's: to Python `i32` is one name, whatever it is."""
        self.count += 1
        name = f"{stem}{self.count}"
        return self.fresh(stem) if name in SCALARS else name

    # --- scalars ------------------------------------------------------------------------------

    def float(self, scope: Scope, depth: int) -> str:
        """A float expression."""
        if depth <= 0:
            return self.float_leaf(scope)
        added = [form for family in self.families for form in family.floats]
        if added and self.coin():
            form: FloatForm = self.choose(added)
            text = form(cast("Writer", self), scope, depth - 1)
            return self.float_leaf(scope) if text is None else text
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
        if self.callable_helpers("f"):
            forms.append(lambda s, d: self.call(s, d, "f"))
        if not self.smooth:
            forms.append(self.float_kink)
        return self.choose(forms)(scope, depth - 1)

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

    def call(self, scope: Scope, depth: int, result: Kind) -> str:
        """A call of a function with that result."""
        helper = self.choose(self.callable_helpers(result))
        arguments = [self.argument(scope, depth, kind) for kind in helper.parameters]
        return f"{helper.name}({', '.join(arguments)})"

    def argument(self, scope: Scope, depth: int, kind: Kind) -> str:
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
        if len(shape) == 1 and self.coin():
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
        added = [form for family in self.families for form in family.arrays]
        if added and self.coin():
            form: ArrayForm = self.choose(added)
            text = form(cast("Writer", self), scope, shape, depth - 1)
            return self.array(scope, shape, 0) if text is None else text
        forms: list[Callable[[Scope, Shape, int], str]] = [
            self.array_sum,
            self.array_product,
            self.array_function,
            self.array_comprehension,
            lambda s, shape, d: self.array(s, shape, 0),
        ]
        if SHAPES[-1] in self.shapes:
            forms.append(self.array_of_other_shape)
        if self.callable_helpers(shape):
            forms.append(lambda s, shape, d: self.call(s, d, shape))
        return self.choose(forms)(scope, shape, depth - 1)

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
