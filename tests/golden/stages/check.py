"""Stage `check`: every diagnostic of a module, as a user sees them."""

from collections.abc import Sequence

from dpc.dsl.check import check
from dpc.dsl.diagnostics import Sink
from dpc.dsl.parse import parse
from dpc.dsl.render import render_all
from dpc.dsl.source import Source


def diagnostics(source: Source, arguments: Sequence[str]) -> str:
    sink = Sink()
    check(parse(source, sink), sink)
    ordered = sorted(sink.diagnostics, key=lambda d: (d.span.start, d.code))
    return render_all(ordered) or "no errors"
