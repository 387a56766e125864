"""What a place in a program knows: the names that have a value there."""

from dataclasses import dataclass, field, replace

Shape = tuple[str, ...]
Kind = str | Shape
SHAPES: tuple[Shape, ...] = (("n",), ("m",), ("n", "m"))


@dataclass
class Scope:
    """Names that have a value here. `indices` are loop variables below a dimension's extent,
    `permutations` integer arrays of extent n that hold each of 0..n-1 once, `kinds` names of other
    types, by a word of the family that made them; `fixed` are names that must not be assigned.
    """

    floats: list[str] = field(default_factory=list)
    integers: list[str] = field(default_factory=list)
    booleans: list[str] = field(default_factory=list)
    arrays: dict[Shape, list[str]] = field(default_factory=dict)
    indices: dict[str, list[str]] = field(default_factory=dict)
    permutations: list[str] = field(default_factory=list)
    kinds: dict[str, list[str]] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    def inner(self) -> "Scope":
        """The scope of a block: what it adds is not seen outside."""
        return replace(
            self,
            floats=list(self.floats),
            integers=list(self.integers),
            booleans=list(self.booleans),
            arrays={shape: list(names) for shape, names in self.arrays.items()},
            indices={dimension: list(names) for dimension, names in self.indices.items()},
            permutations=list(self.permutations),
            kinds={kind: list(names) for kind, names in self.kinds.items()},
        )

    def add(self, kind: Kind, name: str) -> None:
        """A name of an array shape, or of the kind "f", "i", "b", "z" (permutation) or another."""
        if isinstance(kind, tuple):
            self.arrays.setdefault(kind, []).append(name)
            return
        basic = {"f": self.floats, "i": self.integers, "b": self.booleans, "z": self.permutations}
        basic.get(kind, self.kinds.setdefault(kind, [])).append(name)

    def of(self, kind: str) -> list[str]:
        """The names of a family's kind."""
        return self.kinds.get(kind, [])

    def assignable(self) -> list[tuple[Shape, str]]:
        """Arrays that may be changed."""
        return [(s, n) for s, names in self.arrays.items() for n in names if n not in self.fixed]

    def assignable_floats(self) -> list[str]:
        """Floats that may be changed."""
        return [name for name in self.floats if name not in self.fixed]


@dataclass(frozen=True)
class Helper:
    """A function that may be called: kinds of its parameters and of its result, which is "f" or a
    shape.
    """

    name: str
    parameters: tuple[Kind, ...]
    result: Kind
