"""The verifier's exception, apart so that dialects can raise it."""

from dpc.compiler.ir.core import Op
from dpc.dsl.diagnostics import InternalError


class VerificationError(InternalError):
    """The IR breaks an invariant: always a bug of the compiler."""


def require(op: Op, holds: bool, what: str) -> None:
    """Raise `VerificationError` unless the invariant holds; `what` states the invariant."""
    if not holds:
        raise VerificationError(f"{op.name}: {what} (at {op.span})")
