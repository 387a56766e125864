"""LLVM text of the scalar functions that C's library does not have.

sigmoid(x) = 1/(1+e), or e/(1+e) for x < 0, with e = exp(-|x|): no overflow on either side.
softplus(x) = max(x, 0) + log1p(exp(-|x|)).
logaddexp(a, b) = max(a, b) + log1p(exp(-|a-b|)); a + log 2 where a = b, which covers infinities.
floormod(x, y): fmod, plus y where the signs differ; a zero takes the sign of y (Python's float %).
digamma(x): reflection -pi/tan(pi x) for x < 0; the recurrence up to 10; there the asymptotic series
    log z - 1/(2z) - sum B_2k/(2k z^2k). At 0 the infinity opposite in sign to the zero; NaN at the
    negative integers.
zeta(s, a) = sum_k (a+k)^-s for a > 0, s >= 2: terms up to a+k = s + 10, then Euler and Maclaurin.
polygamma(n, x) = (-1)^(n+1) n! H, H = zeta(n+1, x) for x > 0; for x < 0 with s = n+1,
    r = x - floor(x), q = ceil(x) - x: H = zeta(s, r) + (-1)^s (zeta(s, q) - zeta(s, 1-x)).
    At the poles inf for odd n, else NaN. NaN for n < 0 and, where n! overflows, for n > 170.
fpowi, ipowi: repeated squaring from the lowest bit.
"""

from dpc.compiler.codegen.literals import f64

INFINITY = f64(float("inf"))
NAN = f64(float("nan"))
LOG_2 = f64(0.6931471805599453)
PI = f64(3.141592653589793)

# B_2k / (2k), k = 7 ... 1: the asymptotic series of digamma.
_DIGAMMA = (1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12)
# B_2k / (2k)!, k = 1 ... 12: the corrections of Euler and Maclaurin.
_EULER = (
    1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000,
    1 / 74724249600, -3617 / 10670622842880000, 43867 / 5109094217170944000,
    -174611 / 802857662698291200000, 77683 / 14101100039391805440000,
    -236364091 / 1693824136731743669452800000,
)  # fmt: skip
_PURE = "nounwind willreturn memory(none)"


def _horner(coefficients: tuple[float, ...], variable: str) -> tuple[str, str]:
    """Instructions for a polynomial, highest coefficient first; the name of its value."""
    lines, value = [], f64(coefficients[0])
    for number, coefficient in enumerate(coefficients[1:]):
        lines.append(f"  %m{number} = fmul double {value}, {variable}")
        lines.append(f"  %h{number} = fadd double %m{number}, {f64(coefficient)}")
        value = f"%h{number}"
    return "\n".join(lines), value


def _corrections() -> tuple[str, str]:
    """Instructions for sum_k c_k f_k, f_1 = s p / w, f_k+1 = f_k (s+2k-1)(s+2k) / w^2."""
    lines, total, factor = [], "%sum2", "%f1"
    for k, coefficient in enumerate(_EULER, start=1):
        lines.append(f"  %c{k} = fmul double {factor}, {f64(coefficient)}")
        lines.append(f"  %t{k} = fadd double {total}, %c{k}")
        total = f"%t{k}"
        if k < len(_EULER):
            lines += [
                f"  %x{k} = fadd double %s, {f64(2.0 * k - 1.0)}",
                f"  %y{k} = fadd double %s, {f64(2.0 * k)}",
                f"  %u{k} = fdiv double %x{k}, %w",
                f"  %v{k} = fdiv double %y{k}, %w",
                f"  %g{k} = fmul double {factor}, %u{k}",
                f"  %f{k + 1} = fmul double %g{k}, %v{k}",
            ]
            factor = f"%f{k + 1}"
    return "\n".join(lines), total


_DIGAMMA_LINES, _DIGAMMA_VALUE = _horner(_DIGAMMA, "%inverse2")
_EULER_LINES, _EULER_VALUE = _corrections()


def _int_power(type_: str) -> str:
    return f"""\
define internal {type_} @dp.ipowi.{type_}({type_} %x, {type_} %n) {_PURE} {{
entry:
  %negative = icmp slt {type_} %n, 0
  br i1 %negative, label %zero, label %next
zero:
  ret {type_} 0
next:
  %m = phi {type_} [ %n, %entry ], [ %half, %next ]
  %base = phi {type_} [ %x, %entry ], [ %square, %next ]
  %power = phi {type_} [ 1, %entry ], [ %taken, %next ]
  %odd = trunc {type_} %m to i1
  %times = mul {type_} %power, %base
  %taken = select i1 %odd, {type_} %times, {type_} %power
  %square = mul {type_} %base, %base
  %half = lshr {type_} %m, 1
  %more = icmp ne {type_} %half, 0
  br i1 %more, label %next, label %done
done:
  ret {type_} %taken
}}"""


SPECIAL_TEXT = {
    "dp.sigmoid": f"""\
define internal double @dp.sigmoid(double %x) {_PURE} alwaysinline {{
  %size = call double @llvm.fabs.f64(double %x)
  %minus = fneg double %size
  %e = call double @exp(double %minus)
  %below = fadd double {f64(1.0)}, %e
  %positive = fcmp oge double %x, {f64(0.0)}
  %above = select i1 %positive, double {f64(1.0)}, double %e
  %result = fdiv double %above, %below
  ret double %result
}}""",
    "dp.softplus": f"""\
define internal double @dp.softplus(double %x) {_PURE} alwaysinline {{
  %size = call double @llvm.fabs.f64(double %x)
  %minus = fneg double %size
  %e = call double @exp(double %minus)
  %log = call double @log1p(double %e)
  %ramp = call double @llvm.maximum.f64(double %x, double {f64(0.0)})
  %result = fadd double %ramp, %log
  ret double %result
}}""",
    "dp.logaddexp": f"""\
define internal double @dp.logaddexp(double %a, double %b) {_PURE} alwaysinline {{
  %difference = fsub double %a, %b
  %size = call double @llvm.fabs.f64(double %difference)
  %minus = fneg double %size
  %e = call double @exp(double %minus)
  %log = call double @log1p(double %e)
  %larger = call double @llvm.maximum.f64(double %a, double %b)
  %general = fadd double %larger, %log
  %equal = fcmp oeq double %a, %b
  %doubled = fadd double %a, {LOG_2}
  %result = select i1 %equal, double %doubled, double %general
  ret double %result
}}""",
    "dp.floormod": f"""\
define internal double @dp.floormod(double %x, double %y) {_PURE} alwaysinline {{
  %r = frem double %x, %y
  %zero = fcmp oeq double %r, {f64(0.0)}
  %r.below = fcmp olt double %r, {f64(0.0)}
  %y.below = fcmp olt double %y, {f64(0.0)}
  %differ = xor i1 %r.below, %y.below
  %shifted = fadd double %r, %y
  %nonzero = select i1 %differ, double %shifted, double %r
  %signed = call double @llvm.copysign.f64(double {f64(0.0)}, double %y)
  %result = select i1 %zero, double %signed, double %nonzero
  ret double %result
}}""",
    "dp.sign": f"""\
define internal double @dp.sign(double %x) {_PURE} alwaysinline {{
  %above = fcmp ogt double %x, {f64(0.0)}
  %below = fcmp olt double %x, {f64(0.0)}
  %down = select i1 %below, double {f64(-1.0)}, double %x
  %result = select i1 %above, double {f64(1.0)}, double %down
  ret double %result
}}""",
    "dp.digamma": f"""\
define internal double @dp.digamma(double %x) {_PURE} {{
entry:
  %zero = fcmp oeq double %x, {f64(0.0)}
  br i1 %zero, label %origin, label %other
origin:
  %opposite = fneg double %x
  %pole = call double @llvm.copysign.f64(double {INFINITY}, double %opposite)
  ret double %pole
other:
  %negative = fcmp olt double %x, {f64(0.0)}
  br i1 %negative, label %reflect, label %shift
reflect:
  %nearest = call double @llvm.roundeven.f64(double %x)
  %r = fsub double %x, %nearest
  %integer = fcmp oeq double %r, {f64(0.0)}
  br i1 %integer, label %undefined, label %defined
undefined:
  ret double {NAN}
defined:
  %angle = fmul double {PI}, %r
  %tangent = call double @tan(double %angle)
  %cotangent = fdiv double {f64(-3.141592653589793)}, %tangent
  %mirrored = fsub double {f64(1.0)}, %x
  br label %shift
shift:
  %z0 = phi double [ %x, %other ], [ %mirrored, %defined ]
  %y0 = phi double [ {f64(0.0)}, %other ], [ %cotangent, %defined ]
  br label %head
head:
  %z = phi double [ %z0, %shift ], [ %z1, %step ]
  %y = phi double [ {f64(0.0)}, %shift ], [ %y1, %step ]
  %small = fcmp olt double %z, {f64(10.0)}
  br i1 %small, label %step, label %series
step:
  %inverse = fdiv double {f64(1.0)}, %z
  %y1 = fsub double %y, %inverse
  %z1 = fadd double %z, {f64(1.0)}
  br label %head
series:
  %inverse0 = fdiv double {f64(1.0)}, %z
  %inverse2 = fmul double %inverse0, %inverse0
{_DIGAMMA_LINES}
  %tail = fmul double {_DIGAMMA_VALUE}, %inverse2
  %half = fmul double %inverse0, {f64(0.5)}
  %log = call double @log(double %z)
  %a = fsub double %log, %half
  %b = fsub double %a, %tail
  %c = fadd double %b, %y
  %result = fadd double %c, %y0
  ret double %result
}}""",
    "dp.zeta": f"""\
define internal double @dp.zeta(double %s, double %a) {_PURE} {{
entry:
  %minus = fneg double %s
  %limit = fadd double %s, {f64(10.0)}
  br label %head
head:
  %w = phi double [ %a, %entry ], [ %w1, %step ]
  %sum = phi double [ {f64(0.0)}, %entry ], [ %sum1, %step ]
  %small = fcmp olt double %w, %limit
  br i1 %small, label %step, label %tail
step:
  %term = call double @pow(double %w, double %minus)
  %sum1 = fadd double %sum, %term
  %w1 = fadd double %w, {f64(1.0)}
  br label %head
tail:
  %p = call double @pow(double %w, double %minus)
  %less = fsub double %s, {f64(1.0)}
  %minus1 = fneg double %less
  %p1 = call double @pow(double %w, double %minus1)
  %integral = fdiv double %p1, %less
  %half = fmul double %p, {f64(0.5)}
  %head0 = fadd double %integral, %half
  %sum2 = fadd double %sum, %head0
  %sp = fmul double %s, %p
  %f1 = fdiv double %sp, %w
{_EULER_LINES}
  ret double {_EULER_VALUE}
}}""",
    "dp.polygamma": f"""\
define internal double @dp.polygamma(i64 %n, double %x) {_PURE} {{
entry:
  %zeroth = icmp eq i64 %n, 0
  br i1 %zeroth, label %digamma, label %order
digamma:
  %value = call double @dp.digamma(double %x)
  ret double %value
order:
  %outside = icmp ugt i64 %n, 170
  br i1 %outside, label %undefined, label %defined
undefined:
  ret double {NAN}
defined:
  %next = add i64 %n, 1
  %s = sitofp i64 %next to double
  %factorial = call double @tgamma(double %s)
  %odd = trunc i64 %n to i1
  %minus = fneg double %factorial
  %signed = select i1 %odd, double %factorial, double %minus
  %positive = fcmp ogt double %x, {f64(0.0)}
  br i1 %positive, label %right, label %left
right:
  %h = call double @dp.zeta(double %s, double %x)
  br label %done
left:
  %floor = call double @llvm.floor.f64(double %x)
  %ceil = call double @llvm.ceil.f64(double %x)
  %r = fsub double %x, %floor
  %q = fsub double %ceil, %x
  %integer = fcmp oeq double %r, {f64(0.0)}
  %pole = select i1 %odd, double {INFINITY}, double {NAN}
  br i1 %integer, label %done, label %between
between:
  %h.r = call double @dp.zeta(double %s, double %r)
  %h.q = call double @dp.zeta(double %s, double %q)
  %far = fsub double {f64(1.0)}, %x
  %h.far = call double @dp.zeta(double %s, double %far)
  %mirror = fsub double %h.q, %h.far
  %mirror.minus = fneg double %mirror
  %mirror.signed = select i1 %odd, double %mirror, double %mirror.minus
  %h.left = fadd double %h.r, %mirror.signed
  br label %done
done:
  %sum = phi double [ %h, %right ], [ %pole, %left ], [ %h.left, %between ]
  %result = fmul double %signed, %sum
  ret double %result
}}""",
    "dp.fpowi": f"""\
define internal double @dp.fpowi(double %x, i64 %n) {_PURE} {{
entry:
  %negative = icmp slt i64 %n, 0
  %minus = sub i64 0, %n
  %count = select i1 %negative, i64 %minus, i64 %n
  br label %next
next:
  %m = phi i64 [ %count, %entry ], [ %half, %next ]
  %base = phi double [ %x, %entry ], [ %square, %next ]
  %power = phi double [ {f64(1.0)}, %entry ], [ %taken, %next ]
  %odd = trunc i64 %m to i1
  %times = fmul double %power, %base
  %taken = select i1 %odd, double %times, double %power
  %square = fmul double %base, %base
  %half = lshr i64 %m, 1
  %more = icmp ne i64 %half, 0
  br i1 %more, label %next, label %done
done:
  %inverse = fdiv double {f64(1.0)}, %taken
  %result = select i1 %negative, double %inverse, double %taken
  ret double %result
}}""",
    "dp.ipowi.i64": _int_power("i64"),
    "dp.ipowi.i32": _int_power("i32"),
}
