"""Which axes `vmap` runs over, as users say it: a number, a tuple, a dictionary."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from dpc.compiler.signature import Signature, Slot
from dpc.dsl.types import Leaf, shape_of
from dpc.runtime import errors
from dpc.runtime.extents import label

Axis = int | None
InAxes = Axis | Sequence[Axis] | Mapping[str, Axis]


def leaf_axes(signature: Signature, in_axes: InAxes) -> tuple[Axis, ...]:
    """One axis for each leaf of the inputs, 0 or more, None for what examples share.

    Raises `dpc.TypeError` that names what does not fit.
    """
    if not signature.inputs:
        raise _refused(signature, "it has no parameters")
    wanted = _by_leaf(signature, in_axes)
    found = []
    for slot in signature.inputs:
        for leaf in slot.leaves:
            axis = wanted[slot.name, leaf.path]
            found.append(None if axis is None else _counted(signature, slot, leaf, axis))
    if all(axis is None for axis in found):
        raise _refused(signature, "in_axes maps no argument: at least one has examples")
    given = (b.name for b in signature.bindings if not b.parameter)
    for name in given:
        if wanted[name, ()] is not None:
            raise _refused(
                signature,
                f"`{name}` determines extents, which all examples share: in_axes is None for it",
            )
    return tuple(found)


def _by_leaf(
    signature: Signature, in_axes: InAxes
) -> dict[tuple[str, tuple[str | int, ...]], Axis]:
    """What was asked for each leaf; by its nearest part named, in a dictionary."""
    slots = signature.inputs
    if isinstance(in_axes, Mapping):
        return _by_name(signature, in_axes)
    if in_axes is None or isinstance(in_axes, int):
        each: Sequence[Axis] = [in_axes] * len(slots)
    elif isinstance(in_axes, list | tuple):
        each = in_axes
    else:
        raise _refused(signature, f"in_axes is a number, a tuple or a dict, not {in_axes!r}")
    if len(each) != len(slots):
        raise _refused(signature, f"in_axes has {len(each)} entries for {len(slots)} parameters")
    for slot, axis in zip(slots, each, strict=True):
        _require_axis(signature, slot.name, axis)
    return {(s.name, e.path): a for s, a in zip(slots, each, strict=True) for e in s.leaves}


def _by_name(
    signature: Signature, in_axes: Mapping[str, Axis]
) -> dict[tuple[str, tuple[str | int, ...]], Axis]:
    found: dict[tuple[str, tuple[str | int, ...]], Axis] = {}
    used: set[str] = set()
    for slot in signature.inputs:
        for leaf in slot.leaves:
            steps = (slot.name, *(str(step) for step in leaf.path))
            names = [".".join(steps[: k + 1]) for k in range(len(steps))]
            used.update(names)
            named = [n for n in names if n in in_axes]
            found[slot.name, leaf.path] = in_axes[named[-1]] if named else None
    for name, axis in in_axes.items():
        if name not in used:
            near = get_close_matches(str(name), sorted(used), 1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise _refused(signature, f"there is no parameter `{name}`{hint}")
        _require_axis(signature, name, axis)
    return found


def _require_axis(signature: Signature, name: str, axis: object) -> None:
    if axis is not None and (not isinstance(axis, int) or isinstance(axis, bool)):
        raise _refused(signature, f"the axis of `{name}` is a number or None, not {axis!r}")


def _counted(signature: Signature, slot: Slot, leaf: Leaf, axis: int) -> int:
    """The axis counted from the front."""
    rank = len(shape_of(leaf.type)) + 1
    if not -rank <= axis < rank:
        axes = "1 axis" if rank == 1 else f"{rank} axes"
        raise _refused(
            signature, f"`{label(slot, leaf.path)}` of many examples has {axes}, no axis {axis}"
        )
    return axis % rank


def _refused(signature: Signature, text: str) -> errors.TypeError:
    return errors.TypeError(f"dpc.vmap of `{signature.name}`: {text}")
