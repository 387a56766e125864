"""Where a `Function` comes from: a function of a module, or a derivative of another origin.

Origins are recipes: with other options the same recipe yields another entry, which is how
`f.options(...)` reaches through any number of transforms.
"""

from dataclasses import replace
from threading import RLock
from typing import Any, Protocol

from dpc.compiler.ad import direct, jacobians, transforms
from dpc.compiler.ad.compressed import compressed
from dpc.compiler.ad.recorded import recorded
from dpc.compiler.ad.vmap import Axes, vmap
from dpc.compiler.driver import Compiled, Options, as_module, simplifier
from dpc.compiler.passes.in_place import in_place
from dpc.compiler.signature import Entry, Signature
from dpc.runtime.records import Classes


class Origin(Protocol):
    """What a `Function` needs to know."""

    @property
    def name(self) -> str:
        """The name it is shown under."""

    @property
    def doc(self) -> str | None:
        """Its docstring."""

    @property
    def classes(self) -> Classes:
        """The record classes of its module."""

    @property
    def is_derivative(self) -> bool:
        """True when a transform made it."""

    @property
    def primal(self) -> "Primal":
        """The module's function it all began with."""

    def signature(self, options: Options) -> Signature:
        """Parameters and results."""

    def entry(self, options: Options, reverse: bool = False) -> Entry:
        """Signature and loops-level IR; `reverse`: reverse mode will differentiate it."""

    def reverses(self, options: Options) -> bool:
        """True if it is a reverse pass, or what further transforms made of one."""


class Primal:
    """A function of a module. `reduced`: how pickle makes it again, out of the module's texts."""

    is_derivative = False

    def __init__(
        self,
        compiled: Compiled,
        name: str,
        classes: Classes,
        reduced: tuple[Any, ...],
        doc: str | None,
    ) -> None:
        self.compiled = compiled
        self.name = name
        self.classes = classes
        self.doc = doc
        self._reduced = reduced

    def __reduce__(self) -> tuple[Any, ...]:
        return self._reduced

    @property
    def primal(self) -> "Primal":
        """Itself."""
        return self

    def signature(self, options: Options) -> Signature:
        """Parameters and results; known without compiling anything."""
        return self.compiled.signature(self.name)

    def entry(self, options: Options, reverse: bool = False) -> Entry:
        """Signature and loops-level IR."""
        return self.compiled.entry(self.name, options, reverse)

    def reverses(self, options: Options) -> bool:
        """False: a gradient that the function takes inside is its own affair."""
        return False


class Transformed:
    """What a transform made of an origin; made on first need, once for each set of options."""

    def __init__(self, of: Origin, transform: str) -> None:
        self.of = of
        self.name = f"{transform}({of.name})"
        self.doc = f"{_SAYS[transform]} `{of.name}`." + (f"\n\n{of.doc}" if of.doc else "")
        self.classes = of.classes
        self.is_derivative = of.is_derivative
        self._entries: dict[tuple[Options, bool], Entry] = {}
        self._lock = RLock()

    @property
    def primal(self) -> Primal:
        """The module's function it all began with."""
        return self.of.primal

    def signature(self, options: Options) -> Signature:
        """Parameters and results; needs the transform itself."""
        return self.entry(options).signature

    def entry(self, options: Options, reverse: bool = False) -> Entry:
        """Signature and loops-level IR."""
        with self._lock:
            if (options, reverse) not in self._entries:
                self._entries[options, reverse] = self._make(options, reverse)
            return self._entries[options, reverse]

    def reverses(self, options: Options) -> bool:
        """True if it is a reverse pass, or what further transforms made of one."""
        return self._is_reverse(options) or self.of.reverses(options)

    def _is_reverse(self, options: Options) -> bool:
        return False

    def _make(self, options: Options, reverse: bool) -> Entry:
        raise NotImplementedError


class Derivative(Transformed):
    """A derivative of an origin.

    transform: a name in `TRANSFORMS`; wrt: a name or field path, or several, None for the
    transform's default; mode: of "jacobian" alone.
    """

    def __init__(
        self, of: Origin, transform: str, wrt: str | tuple[str, ...] | None, mode: str = ""
    ) -> None:
        super().__init__(of, transform)
        self.is_derivative = True
        self.transform = transform
        self.wrt = wrt
        self._mode = mode

    @property
    def choices(self) -> dict[str, Any]:
        """What it was asked for, beside the transform: empty or None for the default."""
        return {"wrt": self.wrt, "mode": self._mode}

    def __reduce__(self) -> tuple[Any, ...]:
        return Derivative, (self.of, self.transform, self.wrt, self._mode)

    def _make(self, options: Options, reverse: bool) -> Entry:
        simplify = simplifier(options)
        if self.transform == "jacobian":
            of = self.of.entry(options, reverse)
            mode = self._mode_of(of)
            of = self.of.entry(options, reverse or mode == "reverse")
            return jacobians.jacobian(of, self.wrt, simplify, mode)
        of = self.of.entry(options, reverse or self.transform != "jvp")
        return TRANSFORMS[self.transform](of, self.wrt, simplify)

    def _mode_of(self, of: Entry) -> str:
        """The mode of a Jacobian."""
        return jacobians.mode_of(of, self.wrt, self._mode)

    def _is_reverse(self, options: Options) -> bool:
        if self.transform == "jacobian":
            return self._mode_of(self.of.entry(options)) == "reverse"
        return self.transform != "jvp"


class Batched(Transformed):
    """An origin over many examples; `axes` as for `compiler.ad.vmap`."""

    def __init__(self, of: Origin, axes: Axes) -> None:
        super().__init__(of, "vmap")
        self._axes = axes

    def __reduce__(self) -> tuple[Any, ...]:
        return Batched, (self.of, self._axes)

    def _make(self, options: Options, reverse: bool) -> Entry:
        return vmap(self.of.entry(options, reverse), self._axes, simplifier(options))


class Products(Transformed):
    """Products of an origin's Jacobian with many vectors; see `compiler.ad.compressed`."""

    def __init__(
        self, of: Origin, wrt: str | tuple[str, ...] | None, mode: str, lanes: int
    ) -> None:
        super().__init__(of, "jacobian")
        self.is_derivative = True
        self._wrt = wrt
        self._mode = mode
        self._lanes = lanes

    def _is_reverse(self, options: Options) -> bool:
        return self._mode == "reverse"

    def _make(self, options: Options, reverse: bool) -> Entry:
        of = self.of.entry(options, reverse or self._mode == "reverse")
        return compressed(of, self._wrt, simplifier(options), self._mode, self._lanes)


class Local(Transformed):
    """The local derivatives of an origin, or their columns; see `compiler.ad.direct`."""

    def __init__(
        self, of: Origin, wrt: str | tuple[str, ...] | None, mode: str, *, columns: bool
    ) -> None:
        super().__init__(of, "jacobian")
        self.is_derivative = not columns
        self._wrt = wrt
        self._mode = mode
        self._written: dict[Options, direct.Written] = {}

    def pairs(self, options: Options) -> tuple[direct.Pair, ...]:
        """What its results are; raises `NotDirect`."""
        self.entry(options)
        return self._written[options].pairs

    def _make(self, options: Options, reverse: bool) -> Entry:
        of = self.of.entry(options, reverse=self._mode != "forward")
        (function,) = in_place(as_module(of.function)).functions
        entry = replace(of, function=function)
        if self.is_derivative:
            made = direct.values(entry, self._wrt, simplifier(options), self._mode)
        else:
            made = direct.columns(entry, self._wrt, simplifier(options))
        self._written[options] = made
        return made.entry


class Recorded(Transformed):
    """What an origin's results depend on; see `compiler.ad.recorded`."""

    def __init__(self, of: Origin, wrt: str | tuple[str, ...] | None) -> None:
        super().__init__(of, "jacobian")
        self.is_derivative = False
        self._wrt = wrt

    def _make(self, options: Options, reverse: bool) -> Entry:
        return recorded(self.of.entry(options), self._wrt, simplifier(options))


TRANSFORMS = {
    "grad": transforms.grad,
    "value_and_grad": transforms.value_and_grad,
    "jvp": transforms.jvp,
    "vjp": transforms.vjp,
    "hessian": jacobians.hessian,
    "hvp": jacobians.hvp,
}
_SAYS = {
    "grad": "The gradient of",
    "value_and_grad": "Value and gradient of",
    "jvp": "Value and tangent of",
    "vjp": "Value and cotangents of",
    "jacobian": "The Jacobian of",
    "hessian": "The Hessian of",
    "hvp": "The Hessian times a direction of",
    "vmap": "Over many examples:",
}
