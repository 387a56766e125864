"""Positional and keyword arguments of a call to the values of a signature's inputs, in order."""

import inspect
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from dpc.compiler.signature import Signature
from dpc.runtime import errors


class Arguments:
    """Binds calls of one signature.

    Inputs behind the last one with a default (tangents and cotangents of a derivative) are filled
    from the end, so that `jvp(f)(x, x_dot)` works where `f` has a second parameter with a default.
    """

    def __init__(self, signature: Signature) -> None:
        self._function = signature.name
        self._names = [slot.name for slot in signature.inputs]
        self._defaults = {s.name: s.default for s in signature.inputs if s.default is not None}
        last = max((i for i, n in enumerate(self._names) if n in self._defaults), default=-1)
        self._trailing = len(self._names) - 1 - last if last >= 0 else 0

    def has_no(self, name: str) -> bool:
        """True if no parameter is called so."""
        return name not in self._names

    def bind(self, given: Sequence[Any], keywords: dict[str, Any]) -> Sequence[Any]:
        """One value for each input; `dpc.TypeError` says what is missing, unknown or twice."""
        if not keywords and len(given) == len(self._names):
            return given
        values = self._positional(given, keywords)
        for name, value in keywords.items():
            if name not in self._names:
                near = get_close_matches(name, self._names, 1)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                raise self._refuse(f"has no parameter `{name}`{hint}")
            if name in values:
                raise self._refuse(f"got two values for `{name}`")
            values[name] = value
        missing = [n for n in self._names if n not in values and n not in self._defaults]
        if missing:
            raise self._refuse(f"needs {_listed(missing)}")
        return [values[n] if n in values else self._defaults[n] for n in self._names]

    def _positional(self, given: Sequence[Any], keywords: dict[str, Any]) -> dict[str, Any]:
        count = len(self._names)
        if len(given) > count:
            takes = f"takes {count} argument{'s' if count != 1 else ''}"
            names = f" ({', '.join(self._names)})" if count else ""
            raise self._refuse(f"{takes}{names}, {len(given)} given")
        tail = self._names[count - self._trailing :]
        split = len(given) - self._trailing
        if not self._trailing or split < 0 or any(n in keywords for n in tail):
            return dict(zip(self._names, given, strict=False))
        values = dict(zip(self._names, given[:split], strict=False))
        values.update(zip(tail, given[split:], strict=True))
        return values

    def _refuse(self, text: str) -> errors.TypeError:
        return errors.TypeError(f"`{self._function}` {text}")


def _listed(names: list[str]) -> str:
    return f"{'a value' if len(names) == 1 else 'values'} for `{'`, `'.join(names)}`"


def inspectable(signature: Signature) -> inspect.Signature:
    """The signature as `inspect.signature` shows it; annotations are types of the language."""
    required_behind = False
    parameters = []
    for slot in reversed(signature.inputs):
        default: Any = inspect.Parameter.empty
        if slot.default is not None and not required_behind:
            default = slot.default
        required_behind = required_behind or slot.default is None
        parameters.append(
            inspect.Parameter(
                slot.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=default,
                annotation=str(slot.type),
            )
        )
    return inspect.Signature(parameters[::-1], return_annotation=result_text(signature))


def result_text(signature: Signature) -> str:
    """The result types in the language's notation."""

    def text(tree: Any) -> str:
        if isinstance(tree, int):
            return str(signature.results[tree].type)
        return f"({', '.join(text(item) for item in tree.items)})"

    return "None" if signature.tree is None else text(signature.tree)
