"""What to differentiate with respect to, as users say it: names, positions, fields."""

from collections.abc import Sequence
from difflib import get_close_matches

from dpc.compiler.signature import Signature
from dpc.dsl.types import RecordType, Type
from dpc.runtime import errors
from dpc.runtime.values import float_leaves, is_differentiable

Wrt = str | int | Sequence[str | int] | None


def resolved(signature: Signature, wrt: Wrt) -> str | tuple[str, ...] | None:
    """A name or field path (`m.w`), or several, checked to hold floats; None for the default.

    The transforms check again, with places in the source; here the answer comes at once.
    """
    if wrt is None:
        if not any(is_differentiable(slot) for slot in signature.inputs):
            raise errors.TypeError(f"`{signature.name}` has no parameter that holds floats")
        return None
    if isinstance(wrt, str | int):
        return _resolve(signature, wrt)
    if not isinstance(wrt, list | tuple):
        raise errors.TypeError(f"wrt= is a name, a position, or a tuple of these, not {wrt!r}")
    if not wrt:
        raise errors.TypeError("wrt= needs at least one parameter")
    names = tuple(_resolve(signature, item) for item in wrt)
    for position, name in enumerate(names):
        for other in names[:position]:
            if name == other:
                raise errors.TypeError(f"wrt= has `{name}` twice")
            if f"{name}.".startswith(f"{other}.") or f"{other}.".startswith(f"{name}."):
                raise errors.TypeError(f"wrt= has a part of `{min(name, other)}` twice")
    return names


def _resolve(signature: Signature, item: str | int) -> str:
    names = [slot.name for slot in signature.inputs]
    if not isinstance(item, str | int) or isinstance(item, bool):
        raise errors.TypeError(f"wrt= holds names and positions, not {item!r}")
    if isinstance(item, int):
        if not -len(names) <= item < len(names):
            raise errors.TypeError(
                f"`{signature.name}` has no parameter at position {item} (it has {len(names)})"
            )
        item = names[item]
    root, *fields = item.split(".")
    if root not in names:
        near = get_close_matches(root, names, 1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise errors.TypeError(f"`{signature.name}` has no parameter `{root}`{hint}")
    type_ = _field(signature.inputs[names.index(root)].type, root, fields)
    if not float_leaves(type_):
        raise errors.TypeError(
            f"`{item}` of `{signature.name}` is {type_}, which holds no floats to differentiate"
        )
    return item


def _field(type_: Type, path: str, fields: list[str]) -> Type:
    for name in fields:
        inner = type_.field(name) if isinstance(type_, RecordType) else None
        if inner is None:
            raise errors.TypeError(f"`{path}` is {type_}, which has no field `{name}`")
        type_, path = inner, f"{path}.{name}"
    return type_
