"""Shapes, extents and indices: E0301 to E0319."""

from dataclasses import dataclass
from typing import ClassVar

from dpc.dsl.diagnostics import Diagnostic, WithOrigin


def axes_text(*counts: int) -> str:
    """`1 axis`, `2 axes`, `1 or 2 axes`."""
    return f"{' or '.join(map(str, counts))} {'axis' if counts == (1,) else 'axes'}"


@dataclass(frozen=True, kw_only=True)
class ShapeMismatch(WithOrigin):
    """Shapes that differ for every value of the dimensions."""

    code: ClassVar[str] = "E0301"
    title: ClassVar[str] = "{what}: shapes {left} and {right} do not match"
    label: ClassVar[str] = "{equation} is never true"
    hint: ClassVar[str] = "{advice}"

    what: str
    left: str
    right: str
    equation: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class WrongRank(WithOrigin):
    """A value with another number of axes than its place has."""

    code: ClassVar[str] = "E0302"
    title: ClassVar[str] = "{what} has type `{found}`, expected {expected}"
    label: ClassVar[str] = "`{found}`"
    hint: ClassVar[str] = "{advice}"

    what: str
    found: str
    expected: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class ConstantOutOfBounds(Diagnostic):
    """A constant index or bound outside a constant extent."""

    code: ClassVar[str] = "E0303"
    title: ClassVar[str] = "index {index} is out of bounds for axis {axis} with extent {extent}"
    label: ClassVar[str] = "out of bounds"

    index: str
    axis: int
    extent: str


@dataclass(frozen=True, kw_only=True)
class UnknownDimension(Diagnostic):
    """A dimension variable that no argument determines."""

    code: ClassVar[str] = "E0304"
    title: ClassVar[str] = "unknown dimension `{name}`"
    label: ClassVar[str] = "no argument determines it"
    hint: ClassVar[str] = (
        "a dimension must stand alone in some parameter's shape, or be the only unknown of a "
        "linear one, or be an integer parameter or constant"
    )

    name: str


@dataclass(frozen=True, kw_only=True)
class TooManyIndices(Diagnostic):
    """More indices than axes."""

    code: ClassVar[str] = "E0305"
    title: ClassVar[str] = "{given} indices for `{found}`, which has "
    label: ClassVar[str] = "too many indices"

    given: int
    found: str
    rank: int

    @property
    def message(self) -> str:
        return super().message + axes_text(self.rank)


@dataclass(frozen=True, kw_only=True)
class NegativeExtent(Diagnostic):
    """An extent that is negative for certain."""

    code: ClassVar[str] = "E0306"
    title: ClassVar[str] = "negative extent {extent}"
    label: ClassVar[str] = "an extent is at least 0"

    extent: str


@dataclass(frozen=True, kw_only=True)
class ExtentOutOfScope(Diagnostic):
    """A use of an array whose extent is known only in a block that has ended."""

    code: ClassVar[str] = "E0307"
    title: ClassVar[str] = "{what} has an extent `{extent}` that is known only {where}"
    label: ClassVar[str] = "extent `{extent}` is not known here"
    hint: ClassVar[str] = "compute the extent before the block and allocate the array there"

    what: str
    extent: str
    where: str = "inside an earlier block"


@dataclass(frozen=True, kw_only=True)
class BadDimension(Diagnostic):
    """Something other than an integer expression over dimension names as an extent."""

    code: ClassVar[str] = "E0308"
    title: ClassVar[str] = "`{text}` is not an extent"
    label: ClassVar[str] = "expected an integer expression over dimension names"
    hint: ClassVar[str] = "{advice}"

    text: str
    advice: str = "use names, integers, `+`, `-`, `*` and `//` by a positive constant"


@dataclass(frozen=True, kw_only=True)
class BadAxis(Diagnostic):
    """An axis that the array does not have."""

    code: ClassVar[str] = "E0309"
    title: ClassVar[str] = "axis {axis} does not exist in `{found}`"
    label: ClassVar[str] = "axes are {lowest} to {highest}"

    axis: int
    found: str
    lowest: int
    highest: int


@dataclass(frozen=True, kw_only=True)
class RaggedLiteral(WithOrigin):
    """Rows of an array literal of different shapes."""

    code: ClassVar[str] = "E0310"
    title: ClassVar[str] = "the rows of this array differ in shape"
    label: ClassVar[str] = "{found}, the first is {expected}"

    found: str
    expected: str


@dataclass(frozen=True, kw_only=True)
class DependentExtent(Diagnostic):
    """A comprehension one of whose extents changes from element to element."""

    code: ClassVar[str] = "E0311"
    title: ClassVar[str] = "the extent `{extent}` depends on `{variable}`"
    label: ClassVar[str] = "changes from element to element"
    hint: ClassVar[str] = "a comprehension makes a rectangular array: pad, or use a loop"

    extent: str
    variable: str


@dataclass(frozen=True, kw_only=True)
class ZeroStep(Diagnostic):
    """A range or slice with step 0."""

    code: ClassVar[str] = "E0312"
    title: ClassVar[str] = "a step can't be 0"
    label: ClassVar[str] = "zero"
