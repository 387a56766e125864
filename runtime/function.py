"""`dpc.Function`: a compiled function or a derivative of one, called like a Python function."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING, Any

from dpc.compiler.driver import Options
from dpc.compiler.signature import Entry, Signature
from dpc.runtime import errors, stages
from dpc.runtime.binding import Arguments, inspectable, result_text
from dpc.runtime.budget import NO_LIMIT, budget_of, given
from dpc.runtime.call_path import WORTH_IT, short_call
from dpc.runtime.marshal import Allocate, Frame, Marshaller
from dpc.runtime.native_function import NativeFunction
from dpc.runtime.options import merged
from dpc.runtime.origin import Origin
from dpc.runtime.plan import Plan, plan_of
from dpc.runtime.recall import Recalled, keep, recall
from dpc.runtime.report import Report, report_of
from dpc.runtime.sizing import SizedCalls
from dpc.runtime.targets import Targets
from dpc.runtime.usage import Usage, usage_of


class Function:
    """A function of a `.dp` module, or what a transform made of one.

    Compiled on the first call, once; no call with other shapes compiles again. Safe to call from
    several threads at once. Never changes its arguments; results are new arrays, or those given as
    `out=` in the structure of the result: `f(x, out=y)`, `value_and_grad(f)(x, out=(None, g))`.
    """

    # What a call reaches first: `_call_in_python`, or the C function of `call_path`.
    __slots__ = ("__dict__", "__weakref__", "_call")

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    def __init__(self, origin: Origin, options: Options) -> None:
        self._call: Callable[..., Any] = self._call_in_python
        self._calls = 0
        self._origin = origin
        self._options = options
        self._lock = RLock()
        self._border: tuple[Arguments, Marshaller] | None = None
        self._native: NativeFunction | None = None
        self._strong: NativeFunction | None = None
        self._recalled: Recalled | None = None
        self._looked = False
        self._sized = SizedCalls()
        self._budget = NO_LIMIT
        self._thrifty = origin.is_derivative and given(options)  # tapes in parts, states kept
        self._differentiates = origin.is_derivative
        self.__name__ = origin.name
        self.__qualname__ = origin.name
        self.__doc__ = origin.doc

    # --- what it is --------------------------------------------------------------------------

    @property
    def signature(self) -> Signature:
        """Parameters and results, with shapes."""
        return self._origin.signature(self._options)

    @property
    def __signature__(self) -> inspect.Signature:
        return inspectable(self.signature)

    def __reduce__(self) -> tuple[Any, ...]:
        return Function, (self._origin, self._options)

    def __repr__(self) -> str:
        inputs = ", ".join(f"{s.name}: {s.type}" for s in self.signature.inputs)
        return f"<dpc.Function {self.__name__}({inputs}) -> {self.result_text}>"

    @property
    def result_text(self) -> str:
        """The result types in the language's notation."""
        return result_text(self.signature)

    @property
    def origin(self) -> Origin:
        """Where it comes from: a module's function, or a transform of another origin."""
        return self._origin

    @property
    def chosen(self) -> Options:
        """The options it is compiled with."""
        return self._options

    @property
    def entry(self) -> Entry:
        """Signature and loops-level IR, as transforms and code generation take them."""
        return self._origin.entry(self._options)

    @property
    def reversible(self) -> Entry:
        """The entry as reverse mode differentiates it: gradients inside hold no tapes."""
        return self._origin.entry(self._options, reverse=True)

    @property
    def given(self) -> Options:
        """The options it has."""
        return self._options

    def options(self, **changes: Any) -> "Function":
        """The same function with other options, for example `math="strict"`."""
        return Function(self._origin, merged(self._options, changes))

    def derived(self, origin: Origin, changes: dict[str, Any]) -> "Function":
        """A function of another origin with this one's options, changed."""
        return Function(origin, merged(self._options, changes))

    # --- stages ------------------------------------------------------------------------------

    def ir(self, stage: str = "loops") -> str:
        """The text of a stage: "array", "loops", "grad" (of a derivative) or "mlir"."""
        return stages.ir(self._origin, self._thrifty_options, stage)

    def llvm(self) -> str:
        """The LLVM IR that the machine code is made from."""
        return stages.llvm(self._origin, self._thrifty_options)

    def asm(self) -> str:
        """The machine code as assembler text."""
        return stages.asm(self._origin, self._thrifty_options)

    def plan(self, *args: Any, **kwargs: Any) -> Plan:
        """What the reverse pass stores, computes again and does not need, and why; with arguments
        as for a call, in numbers too. Nothing is run.
        """
        if not args and not kwargs:
            return self.plan_for({})
        arguments, marshaller = self._border or self._make_border()
        return self.plan_for(marshaller.sizes(arguments.bind(args, kwargs)))

    def plan_for(self, sizes: Mapping[str, int]) -> Plan:
        """The plan for extents and integer parameters by name; those left out stay symbols."""
        return plan_of(self._origin, self._options, sizes)

    def usage(self, *args: Any, **kwargs: Any) -> Usage:
        """What a call with these arguments takes: it is made, its result dropped."""
        return usage_of(lambda: self(*args, **kwargs), lambda: self._native)

    def report(self) -> Report:
        """What the compiler made of each loop: iterations side by side, tasks for threads, and why
        not where it did neither. Nothing is run.
        """
        return report_of(self._origin, self._options)

    # --- calls -------------------------------------------------------------------------------

    def _call_in_python(self, *args: Any, **kwargs: Any) -> Any:
        self._calls += 1
        if self._calls == WORTH_IT:
            self._shorten()
        arguments, marshaller = self._border or self._make_border()
        if kwargs and "out" in kwargs and arguments.has_no("out"):
            return self._call_into(kwargs.pop("out"), args, kwargs)
        values = arguments.bind(args, kwargs)
        return marshaller.unpack(self._run(marshaller, values, None))

    def _call_into(self, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call whose array results go to arrays of the caller."""
        arguments, marshaller = self._border or self._make_border()
        targets = Targets(marshaller.signature, out)
        if marshaller.result_dimensions:
            raise errors.TypeError(
                f"`{self.__name__}` can't write to out=: the extents of its result are known only"
                " when it has run"
            )
        values = arguments.bind(args, kwargs)
        frame = self._run(marshaller, values, targets.allocate)
        targets.finish(frame)
        return marshaller.unpack(frame)

    def _run(
        self, marshaller: Marshaller, values: Sequence[Any], allocate: Allocate | None
    ) -> Frame:
        """The frame of a finished call."""
        try:
            return self._run_once(marshaller, values, allocate)
        except errors.MemoryBudgetError:
            if not self._become_thrifty():
                raise
        return self._run_once(marshaller, values, allocate)

    def _run_once(
        self, marshaller: Marshaller, values: Sequence[Any], allocate: Allocate | None
    ) -> Frame:
        native = self._native or self._build()
        if marshaller.result_dimensions:
            frame = self._sized.call(marshaller, values, native, self._budget)
        else:
            frame = marshaller.pack(values, allocate=allocate)
            native.call(frame.slots, False, self._budget)
        if self._differentiates and marshaller.holds_nan(frame):
            # 0 * inf or 0 * NaN may have been an honest zero: answer again with strong zeros.
            (self._strong or self._build_strong()).call(frame.slots, True, self._budget)
        return frame

    def _become_thrifty(self) -> bool:
        """Have this call and later ones answered from stored states where the whole tape does not
        fit the budget; False if they are already, or nothing is reversed.
        """
        with self._lock:
            if self._thrifty or not self._origin.reverses(self._options):
                return False
            self._thrifty = True
            self._native = self._strong = self._recalled = None
            self._looked = False
            self._call, self._calls = self._call_in_python, 0
            return True

    def _shorten(self) -> None:
        """Have later calls begin in native code."""
        with self._lock:
            native = self._native or self._build()
            nan, limit = self._differentiates, self._budget.limit
            _, marshaller = self._border or self._make_border()
            signature = marshaller.signature
            made = short_call(signature, native, nan, limit, self._call_in_python)
            if made is not None:
                self._call = made

    @property
    def _thrifty_options(self) -> Options:
        return replace(self._options, checkpoint=True) if self._thrifty else self._options

    @property
    def _compiled(self) -> Entry:
        """What is compiled."""
        return self._origin.entry(self._thrifty_options)

    def _make_border(self) -> tuple[Arguments, Marshaller]:
        with self._lock:
            if self._border is None:
                found = self._recall()
                signature = found.signature if found else self.signature
                self._border = (
                    Arguments(signature),
                    Marshaller(signature, self._origin.classes),
                )
            return self._border

    def _recall(self) -> Recalled | None:
        """The function as another process compiled it; looked for once."""
        if not self._looked:
            self._looked = True
            self._thrifty |= self._origin.is_derivative and given(self._options)
            self._recalled = recall(self._origin, self._thrifty_options)
        return self._recalled

    def _build(self) -> NativeFunction:
        with self._lock:
            found = self._recall()
            asked = self._thrifty_options
            if self._native is None and found is not None:
                self._budget = budget_of(self._options, found.reverses)
                self._differentiates = found.differentiates
                self._native = stages.ready(found.native, self._options)
            if self._native is None:
                reverses = self._origin.reverses(self._options)
                self._budget = budget_of(self._options, reverses)
                # What must not be answered a second time: from stored states at once.
                self._thrifty |= reverses and not stages.repeatable(self._compiled)
                entry = self._compiled
                self._differentiates |= stages.holds_derivatives(entry)
                # No second call, or a trap that honest zeros must not spring: strong zeros at once.
                once = bool(self._options.trap) or stages.runs_once(entry)
                self._native = stages.native(entry, self._thrifty_options, strong=once)
                self._differentiates &= not once
                made = Recalled(entry.signature, self._native, self._differentiates, reverses)
                keep(self._origin, asked, made)
            return self._native

    def _build_strong(self) -> NativeFunction:
        with self._lock:
            if self._strong is None:
                found = recall(self._origin, self._thrifty_options, strong=True)
                if found is not None:
                    self._strong = stages.ready(found.native, self._options)
            if self._strong is None:
                entry = self._compiled
                self._strong = stages.native(entry, self._thrifty_options, strong=True)
                made = Recalled(entry.signature, self._strong, False, False)
                keep(self._origin, self._thrifty_options, made, strong=True)
            return self._strong


# A slot's descriptor is read by the interpreter itself, so that no Python code runs in between.
Function.__call__ = Function.__dict__["_call"]  # type: ignore[method-assign]
