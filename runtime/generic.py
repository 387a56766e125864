"""Functions with type variables called from Python: specialised for the types of the arguments.

Arrays and NumPy scalars say what a type variable is; Python's numbers and lists adapt to them, and
decide only where nothing else does. A transform of such a function is made when the types are
known.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from threading import RLock
from typing import Any

import numpy as np

from dpc.compiler.driver import Compiled, Options
from dpc.compiler.signature import Entry, Signature
from dpc.dsl import typed
from dpc.dsl.check.type_variables import generalised
from dpc.dsl.diagnostics import CompileError
from dpc.dsl.shapes import Poly
from dpc.dsl.types import (
    BOOL,
    F32,
    F64,
    I32,
    I64,
    ArrayType,
    RecordType,
    ScalarType,
    TupleType,
    Type,
    element_of,
)
from dpc.runtime import errors
from dpc.runtime.arguments import DTYPES, describe
from dpc.runtime.function import Function
from dpc.runtime.options import merged
from dpc.runtime.origin import Primal
from dpc.runtime.records import Classes

Transform = Callable[[Function], Function]
Types = dict[str, Type]
KINDS = (BOOL, I32, I64, F32, F64)  # what an array's dtype becomes: the first that keeps it


class Generic:
    """A function with type variables of a module: its specialisations, each made once.

    `reduced`: how pickle makes it again, out of the module's texts.
    """

    is_derivative = False

    def __init__(
        self,
        function: typed.Generic,
        module: typed.Module,
        classes: Classes,
        reduced: tuple[Any, ...],
    ) -> None:
        self.name = function.name
        self.doc = function.doc
        self.function = function
        self.classes = classes
        self._module = module
        self._reduced = reduced
        self._made: dict[tuple[tuple[str, Type], ...], Primal] = {}
        self._lock = RLock()

    def __reduce__(self) -> tuple[Any, ...]:
        return self._reduced

    @property
    def primal(self) -> Primal:
        """There is none before the types are known."""
        raise self._unknown()

    def signature(self, options: Options) -> Signature:
        """Known only when the types are."""
        raise self._unknown()

    def entry(self, options: Options, reverse: bool = False) -> Entry:
        """Known only when the types are."""
        raise self._unknown()

    def reverses(self, options: Options) -> bool:
        """Known only when the types are."""
        raise self._unknown()

    def _unknown(self) -> errors.TypeError:
        return errors.TypeError(
            f"the types of `{self.name}` follow from its arguments: `{self.name}.of(x)` is the"
            " function for the types of x"
        )

    @property
    def text(self) -> str:
        """`axpy(a: f64, x: T, y: T) -> T`."""
        listed = ", ".join(f"{p.name}: {p.text}" for p in self.function.parameters)
        result = f" -> {self.function.result}" if self.function.result else ""
        return f"{self.name}({listed}){result}"

    def record(self, name: str) -> RecordType | None:
        """A record of the module by its own name."""
        known = (r for r in self._module.records.values() if r.name == name)
        return next(known, None)

    def specialised(self, types: Types) -> Primal:
        """The origin for these types; `dpc.TypeError` says why there is none."""
        key = tuple(sorted(types.items()))
        with self._lock:
            if key not in self._made:
                try:
                    function = self.function.specialised(types)
                except CompileError as error:
                    listed = ", ".join(f"{name} = {type_}" for name, type_ in types.items())
                    text = f"`{self.name}` can't be called with {listed}:{error}"
                    raise errors.TypeError(text) from None
                module = replace(self._module, functions={self.name: function}, imports={})
                self._made[key] = Primal(
                    Compiled(module), self.name, self.classes, (_specialised, (self, key)), self.doc
                )
            return self._made[key]


def _specialised(generic: Generic, types: tuple[tuple[str, Type], ...]) -> Primal:
    """What pickle makes again."""
    return generic.specialised(dict(types))


class GenericFunction(Function):
    """A function with type variables, or what transforms made of one; called like any other."""

    def __init__(
        self, generic: Generic, options: Options, steps: tuple[Transform, ...] = (), name: str = ""
    ) -> None:
        super().__init__(generic, options)
        self.generic = generic
        self._steps = steps
        self._of: dict[Primal, Function] = {}
        self.__name__ = self.__qualname__ = name or generic.name

    def __reduce__(self) -> tuple[Any, ...]:
        return GenericFunction, (self.generic, self._options, self._steps, self.__name__)

    def __repr__(self) -> str:
        made = "" if self.__name__ == self.generic.name else f"{self.__name__}: "
        return f"<dpc.Function {made}{self.generic.text}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.of(*args, **kwargs)(*args, **kwargs)

    def of(self, *args: Any, **kwargs: Any) -> Function:
        """The function for the types of these arguments."""
        primal = self.generic.specialised(self._types(args, kwargs))
        made = self._of.get(primal)
        if made is None:
            made = Function(primal, self._options)
            for step in self._steps:
                made = step(made)
            self._of[primal] = made
        return made

    def options(self, **changes: Any) -> "GenericFunction":
        """The same function with other options."""
        chosen = merged(self._options, changes)
        return GenericFunction(self.generic, chosen, self._steps, self.__name__)

    def then(self, transform: str, step: Transform) -> "GenericFunction":
        """What a transform makes of the function, whatever the types."""
        name = f"{transform}({self.__name__})"
        return GenericFunction(self.generic, self._options, (*self._steps, step), name)

    def _types(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Types:
        """What the arguments say of each type variable."""
        parameters = self.generic.function.parameters
        given = dict(zip((p.name for p in parameters), args)) | kwargs
        found: Types = {}
        for weak in (False, True):
            told: Types = {}
            for p in parameters:
                known = p.variable is None or p.variable in found or p.name not in given
                if known or _is_weak(given[p.name]) != weak:
                    continue
                assert p.variable is not None
                type_ = self._type(p, given[p.name])
                if p.variable not in told or (weak and _wider(type_, told[p.variable])):
                    told[p.variable] = type_
            found |= told
        for p in parameters:
            if p.variable is not None and p.variable not in found:
                near = get_close_matches(p.name, kwargs, 1)
                hint = f"; did you mean `{p.name}` by `{near[0]}`?" if near else ""
                raise errors.TypeError(f"`{self.__name__}` needs a value for `{p.name}`{hint}")
        return found

    def _type(self, parameter: typed.GenericParameter, value: Any) -> Type:
        """The type of an argument, or for an array of a variable that of its elements."""
        record = self._record(value)
        if record is not None and parameter.whole:
            return generalised(record, parameter.variable or "")
        element, rank = self._array_type(parameter, value)
        if not rank or not parameter.whole:
            return element
        name = parameter.variable
        return ArrayType(element, tuple(Poly.dimension(f"{name}.{k}") for k in range(rank)))

    def _record(self, value: Any) -> RecordType | None:
        """The record type of an object of one of the module's classes."""
        for (name, _), made in self.generic.classes.items():
            if type(value) is made:
                return self.generic.record(name)
        return None

    def _array_type(self, parameter: typed.GenericParameter, value: Any) -> tuple[ScalarType, int]:
        try:
            array = np.asarray(value)
        except (ValueError, TypeError):
            array = np.asarray(None)
        for kind in KINDS:
            if array.dtype.kind in "biuf" and np.can_cast(array.dtype, DTYPES[kind.name], "safe"):
                return kind, array.ndim
        raise errors.TypeError(
            f"`{parameter.name}` of `{self.generic.name}`: expected {parameter.text}, given"
            f" {describe(value)}; it has no type of the language"
        )


def _is_weak(value: Any) -> bool:
    """Python's numbers, and lists of them, adapt to what arrays say."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    python = isinstance(value, bool | int | float | list | tuple)
    return python and not isinstance(value, np.generic)


def _wider(new: Type, old: Type) -> bool:
    """A float among integers decides."""
    if isinstance(new, RecordType | TupleType) or isinstance(old, RecordType | TupleType):
        return False
    return KINDS.index(element_of(new)) > KINDS.index(element_of(old))
