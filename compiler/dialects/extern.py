"""`extern`: functions of C libraries."""

from hashlib import sha256

from dpc.compiler.ir.core import Op, Value, operation
from dpc.compiler.ir.types import MemRefType, Type
from dpc.compiler.ir.verify_error import require


@operation("extern.call")
class Call(Op):
    """Calls a C function. Its arguments: `arguments`, buffers as addresses, indices as int64_t;
    then each of `outputs` followed by its extents, which `extents` lists for all of them.

    path: the file that the system's loader finds the function in ("": this process). repeatable:
    equal arguments give equal results, and nothing else happens.
    """

    path: str
    symbol: str
    repeatable: bool
    arguments: tuple[Value, ...]
    outputs: tuple[Value, ...]
    extents: tuple[Value, ...]
    result_types: tuple[Type, ...]

    def infer(self) -> tuple[Type, ...]:
        return self.result_types

    def verify(self) -> None:
        ranks = (len(v.type.shape) for v in self.outputs if isinstance(v.type, MemRefType))
        require(self, sum(ranks) == len(self.extents), "every output has its extents")
        require(self, len(self.result_types) <= 1, "a C function returns at most one value")

    @property
    def linked(self) -> str:
        """A name for the function that no other function has."""
        return f"extern.{self.symbol}.{sha256(self.path.encode()).hexdigest()[:8]}"

    @property
    def read(self) -> tuple[Value, ...]:
        """The buffers that the function reads."""
        return tuple(v for v in self.arguments if isinstance(v.type, MemRefType))

    @property
    def passed(self) -> tuple[Value, ...]:
        """The arguments in C's order."""
        extents = iter(self.extents)
        values = list(self.arguments)
        for output in self.outputs:
            assert isinstance(output.type, MemRefType)
            values += (output, *(next(extents) for _ in output.type.shape))
        return tuple(values)


OPS: tuple[type[Op], ...] = (Call,)
