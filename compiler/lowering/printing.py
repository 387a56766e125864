"""`print`: one operation with the text and the values of a line."""

from dpc.compiler.dialects import io
from dpc.compiler.ir.core import Value
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.guarded import escaped
from dpc.compiler.lowering.scope import Scope
from dpc.dsl import typed


def lower_print(scope: Scope, stmt: typed.Print) -> None:
    """The line, its values computed first."""
    template = "".join(escaped(part) if isinstance(part, str) else "{}" for part in stmt.message)
    values: list[Value] = []
    for part in stmt.message:
        if not isinstance(part, str):
            (leaf,) = scope.leaves(part)
            values.append(scope.tensor(leaf) if isinstance(leaf, Array) else leaf)
    scope.add(io.Print(tuple(values), template))
