"""Writes the straight-line body of an f64 function for scalars or for vectors of some width.

Every instruction is IEEE's and acts lane by lane, so each lane of a vector has the bits the scalar
function gives. There is no branch, no memory and no trap: a function is total.
"""

from collections.abc import Sequence

from dpc.compiler.codegen.literals import f64

MAGIC = 6755399441055744.0  # 1.5 * 2^52: x + MAGIC has round(x) in its low bits
MAGIC_BITS = 0x4338000000000000
SPLITTER = 134217729.0  # 2^27 + 1
Pair = tuple[str, str]  # a number as the sum of two doubles, the larger first


class KernelWriter:
    """Appends instructions; operands and results are texts.

    `width` lanes of f64; `fma`: the target fuses multiply-adds, otherwise they round twice.
    """

    def __init__(self, width: int, fma: bool) -> None:
        self.width = width
        self.fuses = fma
        self.lines: list[str] = []
        self.count = 0
        self.declarations: dict[str, str] = {}
        self.float = self._vector("double")
        self.int = self._vector("i64")
        self.bit = self._vector("i1")

    def _vector(self, element: str) -> str:
        return element if self.width == 1 else f"<{self.width} x {element}>"

    def emit(self, text: str) -> str:
        """Append an instruction; the name of its result."""
        self.count += 1
        name = f"%k{self.count}"
        self.lines.append(f"  {name} = {text}")
        return name

    # Constants

    def constant(self, value: float) -> str:
        """A float in every lane."""
        return f64(value) if self.width == 1 else f"splat (double {f64(value)})"

    def integer(self, value: int) -> str:
        """An i64 in every lane."""
        return str(value) if self.width == 1 else f"splat (i64 {value})"

    def operand(self, value: str | float) -> str:
        """A text as it is, a number as a constant."""
        return value if isinstance(value, str) else self.constant(value)

    # Floats

    def _binary(self, instruction: str, left: str | float, right: str | float) -> str:
        operands = f"{self.operand(left)}, {self.operand(right)}"
        return self.emit(f"{instruction} {self.float} {operands}")

    def add(self, left: str | float, right: str | float) -> str:
        return self._binary("fadd", left, right)

    def sub(self, left: str | float, right: str | float) -> str:
        return self._binary("fsub", left, right)

    def mul(self, left: str | float, right: str | float) -> str:
        return self._binary("fmul", left, right)

    def div(self, left: str | float, right: str | float) -> str:
        return self._binary("fdiv", left, right)

    def neg(self, value: str) -> str:
        return self.emit(f"fneg {self.float} {value}")

    def fma(self, a: str | float, b: str | float, c: str | float) -> str:
        """a * b + c, rounded once where the target can, else twice."""
        if not self.fuses:
            return self.add(self.mul(a, b), c)
        return self._intrinsic("fma", a, b, c)

    def _intrinsic(self, name: str, *operands: str | float) -> str:
        suffix = "f64" if self.width == 1 else f"v{self.width}f64"
        full, types = f"llvm.{name}.{suffix}", ", ".join([self.float] * len(operands))
        self.declarations[full] = f"declare {self.float} @{full}({types})"
        listed = ", ".join(f"{self.float} {self.operand(o)}" for o in operands)
        return self.emit(f"call {self.float} @{full}({listed})")

    def abs(self, value: str) -> str:
        return self._intrinsic("fabs", value)

    def copysign(self, size: str | float, sign: str) -> str:
        return self._intrinsic("copysign", size, sign)

    def sqrt(self, value: str) -> str:
        return self._intrinsic("sqrt", value)

    def trunc(self, value: str) -> str:
        return self._intrinsic("trunc", value)

    # Choices

    def compare(self, predicate: str, left: str | float, right: str | float) -> str:
        """A float comparison; ordered predicates are false for NaN."""
        return self._binary(f"fcmp {predicate}", left, right)

    def select(self, condition: str, then: str | float, otherwise: str | float) -> str:
        chosen = f"{self.float} {self.operand(then)}, {self.float} {self.operand(otherwise)}"
        return self.emit(f"select {self.bit} {condition}, {chosen}")

    def least(self, limit: float, value: str) -> str:
        """The smaller of a limit and a value; NaN stays."""
        return self.select(self.compare("olt", limit, value), limit, value)

    def most(self, limit: float, value: str) -> str:
        """The larger of a limit and a value; NaN stays."""
        return self.select(self.compare("ogt", limit, value), limit, value)

    def both(self, left: str, right: str) -> str:
        return self.emit(f"and {self.bit} {left}, {right}")

    def either(self, left: str, right: str) -> str:
        return self.emit(f"or {self.bit} {left}, {right}")

    # Integers

    def bits(self, value: str | float) -> str:
        """The bits of a float as an integer."""
        return self.emit(f"bitcast {self.float} {self.operand(value)} to {self.int}")

    def number(self, bits: str) -> str:
        """The float of given bits."""
        return self.emit(f"bitcast {self.int} {bits} to {self.float}")

    def whole(self, instruction: str, left: str | int, right: str | int) -> str:
        """An integer instruction."""
        listed = (o if isinstance(o, str) else self.integer(o) for o in (left, right))
        return self.emit(f"{instruction} {self.int} {', '.join(listed)}")

    # Composed

    def polynomial(self, x: str, coefficients: Sequence[float]) -> str:
        """The sum of c_k x^k: even and odd powers apart, which halves the chain of operations."""
        square = self.mul(x, x)
        even = self._horner(square, coefficients[0::2])
        return self.fma(self._horner(square, coefficients[1::2]), x, even)

    def _horner(self, x: str, coefficients: Sequence[float]) -> str:
        value: str | float = coefficients[-1]
        for coefficient in reversed(coefficients[:-1]):
            value = self.fma(value, x, coefficient)
        return self.operand(value)

    def nearest(self, value: str) -> Pair:
        """The nearest integer to a value below 2^51, and a float with it in its low bits."""
        shifted = self.add(value, MAGIC)
        return self.sub(shifted, MAGIC), shifted

    def two_sum(self, a: str | float, b: str | float) -> Pair:
        """a + b exactly (Knuth)."""
        total = self.add(a, b)
        b_part = self.sub(total, a)
        a_part = self.sub(total, b_part)
        return total, self.add(self.sub(a, a_part), self.sub(b, b_part))

    def fast_two_sum(self, a: str | float, b: str | float) -> Pair:
        """a + b exactly where |a| >= |b| (Dekker)."""
        total = self.add(a, b)
        return total, self.sub(b, self.sub(total, a))

    def two_product(self, a: str | float, b: str | float) -> Pair:
        """a * b exactly, by a fused multiply-add or by Dekker's splitting (below 2^996)."""
        product = self.mul(a, b)
        if self.fuses:
            return product, self.fma(a, b, self.neg(product))
        (a_high, a_low), (b_high, b_low) = self._split(a), self._split(b)
        rest = self.sub(self.mul(a_high, b_high), product)
        rest = self.add(rest, self.mul(a_high, b_low))
        rest = self.add(rest, self.mul(a_low, b_high))
        return product, self.add(rest, self.mul(a_low, b_low))

    def _split(self, value: str | float) -> Pair:
        large = self.mul(value, SPLITTER)
        high = self.sub(large, self.sub(large, value))
        return high, self.sub(value, high)

    def product(self, a: Pair, b: Pair) -> Pair:
        """The product of two pairs, to about 2^-102."""
        high, low = self.two_product(a[0], b[0])
        cross = self.fma(a[0], b[1], self.mul(a[1], b[0]))
        return self.fast_two_sum(high, self.add(low, cross))
