"""Stage `check`: every diagnostic of a module, as a user sees them."""

from collections.abc import Sequence

from dpc.dsl.diagnostics import Sink
from dpc.dsl.program import check_program
from dpc.dsl.render import render_all
from dpc.dsl.source import Source


def diagnostics(source: Source, arguments: Sequence[str]) -> str:
    sink = Sink()
    check_program(source, sink)
    ordered = sorted(
        sink.diagnostics, key=lambda d: (d.span.source is not source, d.span.start, d.code)
    )
    return render_all(ordered).replace(f"{source.folder}/", "") or "no errors"
