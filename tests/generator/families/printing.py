"""Output, and assertions that hold: printed once, in order, in derivatives too."""

from tests.generator.family import Family
from tests.generator.scope import Scope
from tests.generator.statements import Writer


def _print(w: Writer, scope: Scope, depth: int) -> None:
    """Integers and truth values: what Python prints, digit by digit."""
    values = [w.integer(scope), f"({w.integer(scope)} - 3)", w.boolean(scope, 0)]
    text = w.choose(['"seen"', '"a b"', 'f"at {' + w.integer(scope) + '}"'])
    shown = ", ".join(w.random.sample(values, 2))
    if scope.permutations and w.coin():
        shown += f", {w.choose(scope.permutations)}"
    w.write(depth, f"print({text}, {shown})")


def _assert(w: Writer, scope: Scope, depth: int) -> None:
    bound = f"abs({w.bounded(scope, 1)}) <= 1.0"
    w.write(depth, f'assert {bound}, f"bound {{{w.integer(scope)}}}"')


PRINTING = Family("printing", statements=(_print, _print, _assert))
