"""What is known about one built-in: plain data, read by the checker, documentation and lowering."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in name.

    `signature` is for people (docs, hints); `kind` names the checker's rule for its calls;
    `parameters` are the names of its positional parameters where it has a fixed number;
    `supported` is False for what is refused with E0100 so far.
    """

    name: str
    group: str
    signature: str
    doc: str
    kind: str
    parameters: tuple[str, ...] = ()
    supported: bool = True


def missing(group: str, *rows: tuple[str, str]) -> tuple[Builtin, ...]:
    """Entries of names that are known and not there yet, from (signature, documentation)."""
    return tuple(
        Builtin(signature.split("(")[0], group, signature, doc, "missing", (), supported=False)
        for signature, doc in rows
    )
