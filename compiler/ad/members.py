"""Who takes part in a function over many members, and how labels say so.

The members are the points of one or several index spaces (`segments`), one after another. What
belongs to a member stands in arrays that have the axes of each segment besides its own:

    vmap       one segment of one axis; inputs and results stacked along it
    Jacobians  a segment for each float leaf that directions run over; the member's direction is a
               unit vector (`seeds`), its derivative one column or row of the result
"""

from dataclasses import dataclass, field

from dpc.compiler.ir.core import Function

Label = tuple[object, ...]
Extents = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Members:
    """What differs from member to member, by label.

    segments: their extents, as in `Parameter.extents`.
    mapped, stacked: inputs and results, with the position of the segment's axes among their own.
    seeds: inputs that are 1 at the member's own indices and 0 elsewhere, with their segment.
    summed: results added up over all members. Other results are dropped.
    exact: in every run all lanes have a member.
    shows_once: all members start from the same arguments, so that checks and prints are those of
        one run, also where there is no member.
    """

    segments: tuple[Extents, ...]
    mapped: dict[Label, int] = field(default_factory=dict)
    seeds: dict[Label, int] = field(default_factory=dict)
    stacked: dict[Label, int] = field(default_factory=dict)
    summed: frozenset[Label] = frozenset()
    exact: bool = False
    shows_once: bool = False


def member(segment: int, label: Label) -> Label:
    """The label of what a segment's members have in the place of `label`."""
    return ("member", segment, label)


def lane(number: int, label: Label) -> Label:
    """The label of what one of several members has in one run."""
    return ("lane", number, label)


def lane_of(label: Label) -> tuple[int | None, Label]:
    """The lane, None for what all share, and the label it stands for."""
    if label and label[0] == "lane":
        _, number, inner = label
        assert isinstance(number, int)
        assert isinstance(inner, tuple)
        return number, inner
    return None, label


@dataclass(frozen=True, slots=True)
class Labelled:
    """A function with a label on every input, scalar result and output."""

    function: Function
    inputs: tuple[Label, ...]
    scalars: tuple[Label, ...]
    outputs: tuple[Label, ...]
