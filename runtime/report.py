"""`Function.report`: what the compiler made of each loop of a function or a derivative.

Which loops run several iterations side by side, which are cut into tasks that threads share, and
why the others do neither, with the places of the source that show it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dpc.compiler import driver
from dpc.compiler.dialects.func import Forall
from dpc.compiler.driver import Options
from dpc.compiler.ir.core import Function
from dpc.compiler.passes.vectorize import Remark, remarks
from dpc.dsl.source import Span
from dpc.runtime.origin import Origin
from dpc.runtime.places import place, place_data, shown

TASKS = "in tasks that threads share; each of them:"


@dataclass(frozen=True)
class Report:
    """What became of the loops of a function's machine code; prints as a list by source line.

    loops: one remark for each kind of copy that there is of a loop: the primal's and, in a
    gradient, its reverse. tasks: the loops that are cut into tasks.
    """

    title: str
    loops: tuple[Remark, ...]
    tasks: tuple[Span, ...]

    def as_data(self) -> dict[str, Any]:
        """The report as plain data, as `dpc bench --remarks --json` shows it."""
        return {
            "function": self.title,
            "loops": [
                {
                    "loop": place_data(r.loop),
                    "vectorised": r.vectorised,
                    "reason": r.reason,
                    "at": place_data(r.at),
                }
                for r in self.loops
            ],
            "tasks": [place_data(span) for span in self.tasks],
        }

    def __str__(self) -> str:
        return "\n".join((f"{self.title}: {self._count()}", *self._lines()))

    def _count(self) -> str:
        taken = len({r.loop for r in self.loops if r.vectorised})
        return f"{taken} of {len({r.loop for r in self.loops})} loops have iterations side by side"

    def _lines(self) -> Iterator[str]:
        last: Span | None = None
        for remark in self.loops:
            if remark.loop != last or last is None:
                yield f"{place(remark.loop)}: {shown(remark.loop)}"
                if remark.loop in self.tasks:
                    yield f"    {TASKS}"
            last = remark.loop
            elsewhere = remark.at is not None and remark.at != remark.loop
            where = f" ({place(remark.at)}: {shown(remark.at)})" if elsewhere else ""
            yield f"    {remark.reason}{where}"


def report_of(origin: Origin, options: Options) -> Report:
    """The report on a function; it is compiled as far as the loops, not run."""
    module = driver.finish(origin.entry(options), options)
    found: dict[Remark, None] = {}
    for function in module.functions:
        for remark in remarks(function, options.math != "fast", options.checkpoint):
            if remark.loop is not None:
                found.setdefault(remark)
    loops = sorted(found, key=lambda r: _order(r.loop))
    return Report(origin.name, tuple(loops), tuple(_tasks(module.functions[0])))


def _tasks(function: Function) -> Iterator[Span]:
    for op in function.body.walk():
        if isinstance(op, Forall) and op.span is not None:
            yield op.span


def _order(span: Span | None) -> tuple[str, int, int]:
    """By file and line; of what starts at one place the longest first."""
    assert span is not None
    return span.source.name, span.start, -span.end
