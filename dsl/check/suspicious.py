"""All warnings of a checked body that has no errors, but for those of its flow of control."""

from collections.abc import Iterable, Iterator

from dpc.dsl import typed
from dpc.dsl.builtins import BUILTINS
from dpc.dsl.check.cut_derivatives import warn_of_cuts
from dpc.dsl.check.flow import parts_of
from dpc.dsl.check.singular import warn_of_numbers
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.names import ShadowedBuiltin


def warn_of_suspicious(function: typed.Function, sink: Sink) -> None:
    """Report what is legal and probably not meant."""
    warn_of_numbers(function, sink)
    warn_of_cuts(function, sink)
    parameters = [p.variable for p in function.parameters]
    for variable in dict.fromkeys((*parameters, *_variables(function.body))):
        if variable.name in BUILTINS:
            sink.report(ShadowedBuiltin(span=variable.span, name=variable.name))


def _variables(nodes: Iterable[object]) -> Iterator[typed.Variable]:
    """Every variable that statements, loops and comprehensions define."""
    for node in nodes:
        if isinstance(node, typed.Place | typed.ForRange | typed.ForElement):
            yield node.variable
        yield from _variables(parts_of(node))
