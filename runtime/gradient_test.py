"""`dpc test`: the gradients of a function checked at random and at special points.

Random points get all of `check_grad`. At special points (zeros, ones, equal values, ties, negative
values, extents 0, 1 and 2), where a function may have kinks, forward is compared with reverse, and
a finite value must not have a NaN derivative. A point outside of the function's domain (a check
fails there, or the value is not finite) is replaced by others.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from dpc.compiler.dialects.io import silenced
from dpc.compiler.signature import Signature
from dpc.runtime import errors
from dpc.runtime.check_gradient import Checker
from dpc.runtime.function import Function
from dpc.runtime.gradient_report import GradientReport
from dpc.runtime.sampling import RANDOM, SPECIAL, Point, draw
from dpc.runtime.values import is_differentiable

RANDOM_POINTS = 4
TRIES = 60
SIZES = (1, 2, 3, 4, 5)
SPECIAL_SIZES = ((0,), (1,), (2,), (3,))


@dataclass(slots=True)
class Verdict:
    """What the points of one function showed; unstable: where the tests decide nothing."""

    function: str
    random_points: int = 0
    special_points: int = 0
    worst: float = 0.0
    appealed: int = 0
    unstable: int = 0
    failure: str = ""
    outside: Counter[str] = field(default_factory=Counter)

    @property
    def ok(self) -> bool:
        """No point showed a wrong derivative."""
        return not self.failure

    def __str__(self) -> str:
        points = f"{self.random_points} random and {self.special_points} special points"
        if not self.ok:
            return f"{self.function}: FAILED {self.failure}"
        if not self.random_points:
            reason = f" ({self.outside.most_common(1)[0][0]})" if self.outside else ""
            return f"{self.function}: ok at {points}; no random point lies in its domain{reason}"
        outside = sum(self.outside.values())
        note = f", {outside} points lay outside of its domain" if outside else ""
        if self.appealed:
            note += f", {self.appealed} decided in high precision, where f64 steps disagree"
        if self.unstable:
            note += f", {self.unstable} undecided, where rounding of the arguments changes J v"
        return f"{self.function}: ok at {points}, worst error {self.worst:.1e}{note}"


def is_testable(signature: Signature) -> bool:
    """True for functions from floats to floats."""
    slots = (signature.inputs, signature.results)
    return all(any(is_differentiable(s) for s in part) for part in slots)


@silenced()
def check_gradients(function: Function, seed: int = 0) -> Verdict:
    """Check one function at random and special points; stops at the first wrong derivative."""
    random = np.random.default_rng(seed)
    checker = Checker(function)
    verdict = Verdict(function.__name__)
    tries = 0
    while verdict.ok and verdict.random_points < RANDOM_POINTS and tries < TRIES:
        kind = RANDOM[tries % len(RANDOM)]
        tries += 1
        point = draw(checker.signature, kind, SIZES, random)
        if point is not None:
            verdict.random_points += _visit(checker, point, verdict, random)
    for kind in (*SPECIAL, "normal"):
        for sizes in SPECIAL_SIZES:
            point = draw(checker.signature, kind, sizes, random) if verdict.ok else None
            if point is not None:
                verdict.special_points += _visit(checker, point, verdict, random)
    return verdict


def _visit(checker: Checker, point: Point, verdict: Verdict, random: np.random.Generator) -> bool:
    """Check a point; False when it lies outside of the domain."""
    special = point.is_special or 0 in point.dimensions.values()
    try:
        value = checker.results.flatten(checker.function(*point.arguments))
        if not np.isfinite(value).all():
            verdict.outside["the value is not finite"] += not special
            return False
        report = checker.check(point.arguments, {}, None, random, differences=not special)
    except errors.RuntimeError as error:
        verdict.outside[str(error)] += not special
        return False
    verdict.worst = max(verdict.worst, report.error)
    verdict.appealed += report.appealed
    verdict.unstable += report.unstable
    if not report.ok:
        verdict.failure = _failure(report, point)
    return True


def _failure(report: GradientReport, point: Point) -> str:
    sizes = ", ".join(f"{name} = {value}" for name, value in point.dimensions.items())
    where = f"at {point.kind} values" + (f" with {sizes}" if sizes else "")
    lines = [f"    {p}" for p in report.parameters if not p.ok]
    arguments = [f"    argument {a!r}" for a in point.arguments]
    return "\n".join([where, *lines, f"    {report.cause}", *arguments])
