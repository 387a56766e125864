"""What a gradient check found: plain data with a readable text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParameterReport:
    """The check of one parameter.

    identity: relative difference of <ct, J v> (forward) and <J^T ct, v> (reverse).
    orders: observed order of the Taylor remainder f(x + h v) - f(x) - h J v between two steps h;
    2 for a right derivative, nan where the remainder is rounding noise or nothing.
    error: the smallest relative difference of J v and a difference quotient.
    appealed: f64 differences spoke against J v, and high precision decided; so it is for chaotic
    functions, and for iterations that stop before their derivative has converged.
    unstable: moving the arguments by their rounding changes J v as much as the tests miss by, so
    that they decide nothing here.
    """

    name: str
    identity: float
    orders: tuple[float, ...]
    error: float
    identity_ok: bool
    taylor_ok: bool
    kink: bool = False
    appealed: bool = False
    unstable: bool = False

    @property
    def ok(self) -> bool:
        """Both tests passed."""
        return self.identity_ok and self.taylor_ok

    def __str__(self) -> str:
        shown = " ".join("-" if o != o else f"{o:.2f}" for o in self.orders)
        mark = "ok" if self.ok else "FAILED"
        note = "  (kink: one-sided derivatives differ)" if self.kink else ""
        note += "  (decided in high precision: no f64 step agrees)" if self.appealed else ""
        note += "  (undecided: rounding of the arguments changes J v)" if self.unstable else ""
        return (
            f"{self.name:<12} {mark:<6}  forward/reverse {self.identity:.1e}"
            f"  difference {self.error:.1e}  Taylor orders {shown}{note}"
        )


@dataclass(frozen=True, slots=True)
class GradientReport:
    """The result of `dpc.check_grad`: one report for each float parameter, true when all are ok.

    cause: for a wrong derivative, the statement where it first goes wrong.
    """

    function: str
    parameters: tuple[ParameterReport, ...]
    cause: str = ""

    @property
    def ok(self) -> bool:
        """True when every parameter passed both tests."""
        return all(p.ok for p in self.parameters)

    @property
    def appealed(self) -> bool:
        """True when high precision decided for any parameter."""
        return any(p.appealed for p in self.parameters)

    @property
    def unstable(self) -> bool:
        """True when the tests of any parameter decide nothing."""
        return any(p.unstable for p in self.parameters)

    @property
    def error(self) -> float:
        """The worst relative error of both tests."""
        decided = (p for p in self.parameters if not p.unstable)
        return max((max(p.identity, p.error) for p in decided), default=0.0)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        head = f"{self.function}: {'ok' if self.ok else 'FAILED'}"
        cause = [f"  {self.cause}"] if self.cause else []
        return "\n".join([head, *(f"  {p}" for p in self.parameters), *cause])
