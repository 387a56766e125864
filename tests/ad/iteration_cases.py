"""Programs with loops that can, or cannot, be reversed iteration by iteration."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A program f(x: f64[n], a: f64), the loops it should have of each kind, and whether the
    memory of its reverse is the same for every n.
    """

    text: str
    fused: int
    replayed: int
    constant: bool = True


def f(*lines: str, result: str = "f64") -> str:
    """The program with these lines as its body."""
    return f"def f(x: f64[n], a: f64) -> {result}:\n" + "".join(f"    {line}\n" for line in lines)


CASES: dict[str, Case] = {
    "a sum": Case(
        f("total = 0.0", "for i in range(n):", "    total += sin(exp(a * x[i]))", "return total"),
        1, 0,
    ),
    "a mean of a sum": Case(
        f(
            "total = a",
            "for i in range(n):",
            "    total += sin(exp(a * x[i]))",
            "return 0.5 * total / (n + 1) - a",
        ),
        1, 0,
    ),
    "a sum under a function": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    total += sin(exp(a * x[i]))",
            "return exp(0.1 * total)",
        ),
        0, 1,
    ),
    "sums in sums": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    for j in range(n):",
            "        total += sin(exp(x[i] * a + j))",
            "return total",
        ),
        2, 0,
    ),
    "a function of an inner sum": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    inner = 0.0",
            "    for j in range(4):",
            "        inner += sin(exp(x[i] * a + j))",
            "    total += log(2.0 + inner * inner)",
            "return total",
        ),
        1, 0,
    ),
    "logsumexp inside": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    total += logsumexp([sin(exp(a * x[i])) * c for c in range(3)])",
            "return total",
        ),
        1, 0,
    ),
    "three levels": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    y = exp(x[i])",
            "    for j in range(n):",
            "        z = sin(y * a + j)",
            "        s = 0.0",
            "        for k in range(j):",
            "            s += cos(exp(z) * k)",
            "        total += s * s * z",
            "return total",
        ),
        2, 0,
    ),
    "a branch inside": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    if x[i] > 0.0:",
            "        for j in range(3):",
            "            total += sin(exp(x[i] * j))",
            "    else:",
            "        total -= exp(sin(x[i] * a))",
            "return total",
        ),
        1, 0,
    ),
    "a while inside": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    y = 3.0 + x[i] * x[i]",
            "    while y > 1.0:",
            "        y = sin(y) * y / 1.7 - 0.01 * a * y",
            "    total += y * x[i]",
            "return total",
        ),
        1, 0,
    ),
    "a triangular sequence inside": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    y = x[i]",
            "    for j in range(5):",
            "        for k in range(j):",
            "            y = sin(exp(y * a))",
            "    total += y",
            "return total",
        ),
        1, 0,
    ),
    "an array of the iteration": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    v = zeros(3)",
            "    for j in range(3):",
            "        v[j] = exp(x[i] * j * a)",
            "    for j in range(1, 3):",
            "        v[j] = sin(v[j - 1]) * v[j]",
            "    total += sum(v * v)",
            "return total",
        ),
        1, 0,
    ),
    "adding to elements": Case(
        f(
            "w = zeros(2)",
            "for i in range(n):",
            "    w[i % 2] += sin(exp(a * x[i]))",
            "return w[0] - a * w[1]",
        ),
        0, 1,
    ),
    "adding to elements that are only summed": Case(
        f(
            "w = zeros(2)",
            "for i in range(n):",
            "    w[i % 2] += sin(exp(a * x[i]))",
            "return w[0] - 2.0 * w[1]",
        ),
        1, 0,
    ),
    "two sums": Case(
        f(
            "total = 0.0",
            "other = 0.0",
            "for i in range(n):",
            "    total += sin(exp(a * x[i]))",
            "for i in range(n):",
            "    other += cos(exp(a * x[i]))",
            "return total + 3.0 * other",
        ),
        2, 0,
    ),
    "one sum continued": Case(
        f(
            "total = a",
            "for i in range(n):",
            "    total += sin(exp(a * x[i]))",
            "for i in range(n):",
            "    total += cos(exp(a * x[i]))",
            "return total",
        ),
        1, 1,
    ),
    "a sum of a product of sums": Case(
        f(
            "total = 0.0",
            "other = 0.0",
            "for i in range(n):",
            "    total += sin(exp(a * x[i]))",
            "    other += cos(exp(a * x[i]))",
            "return total * other",
        ),
        0, 1,
    ),
    "an adjoint that changes": Case(
        f(
            "total = 1.0",
            "for i in range(n):",
            "    total = a * total + sin(exp(x[i]))",
            "return total",
        ),
        0, 0, constant=False,
    ),
    "an adjoint that changes, by a constant": Case(
        f(
            "total = 1.0",
            "for i in range(n):",
            "    total = 0.5 * total + sin(exp(a * x[i]))",
            "return total",
        ),
        0, 1,
    ),
    "the sum read inside": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    total += sin(exp(x[i])) * total + a",
            "return total",
        ),
        0, 0, constant=False,
    ),
    "the sum only compared": Case(
        f(
            "total = 0.0",
            "for i in range(n):",
            "    if total < 2.0:",
            "        total += sin(exp(x[i]))",
            "    else:",
            "        total -= cos(exp(a * x[i]))",
            "return total",
        ),
        1, 0,
    ),
    "a carried scalar used after": Case(
        f(
            "total = 0.0",
            "last = a",
            "for i in range(n):",
            "    last = exp(sin(x[i]))",
            "    total += last * last",
            "return total * last",
        ),
        0, 1,
    ),
    "a counter": Case(
        f(
            "total = 0.0",
            "k = 3",
            "for i in range(n):",
            "    total += sin(exp(x[i])) * k",
            "    k += 2",
            "return total + k",
        ),
        1, 0,
    ),
    "a counter that skips": Case(
        f(
            "total = 0.0",
            "k = 0",
            "for i in range(n):",
            "    if x[i] > 0.0:",
            "        k += 1",
            "    total += sin(exp(x[i])) * k",
            "return exp(0.1 * total)",
        ),
        0, 0, constant=False,
    ),
    "steps": Case(
        f(
            "total = 0.0",
            "for i in range(1, n, 3):",
            "    total += sin(exp(a * x[i]))",
            "for i in range(n - 1, 0, -2):",
            "    total += x[i]",
            "return total",
        ),
        1, 0,
    ),
}  # fmt: skip

ARRAYS: dict[str, Case] = {
    "an array written": Case(
        f("y = zeros(n)", "for i in range(n):", "    y[i] = sin(exp(sin(x[i] * a)))", "return y",
          result="f64[n]"),
        1, 0, constant=False,
    ),
    "read ahead of what is written": Case(
        f(
            "v = x * a",
            "for i in range(n - 1):",
            "    v[i] = sin(exp(v[i + 1])) * v[i]",
            "return sum(v * v)",
        ),
        0, 0, constant=False,
    ),
    "read behind what is written": Case(
        f(
            "v = x * a",
            "for i in range(n - 1):",
            "    v[i + 1] = sin(exp(v[i])) * v[i + 1]",
            "return sum(v)",
        ),
        0, 0, constant=False,
    ),
    "written with an offset": Case(
        f(
            "v = zeros(n + 2)",
            "for i in range(n):",
            "    v[i + 2] = sin(exp(a * x[i]))",
            "return sum(v)",
        ),
        1, 0, constant=False,
    ),
    "overwritten in place": Case(
        f(
            "v = sin(x)",
            "for i in range(n):",
            "    v[i] = sin(exp(v[i] * a))",
            "return sum(v)",
        ),
        1, 0, constant=False,
    ),
    "overwritten afterwards": Case(
        f(
            "v = sin(x)",
            "total = 0.0",
            "for i in range(n):",
            "    total += sin(exp(v[i] * a))",
            "for i in range(n):",
            "    v[i] = v[i] * v[i]",
            "return total * sum(v)",
        ),
        0, 0, constant=False,
    ),
    "scattered to repeated places": Case(
        f(
            "v = zeros(3)",
            "for i in range(n):",
            "    v[(i * i) % 3] = sin(exp(x[i] * a))",
            "return v[0] - v[1] + 2.0 * v[2]",
        ),
        0, 1,
    ),
    "added and read": Case(
        f(
            "v = zeros(3)",
            "for i in range(n):",
            "    v[i % 3] += sin(exp(x[i] * a))",
            "    v[0] += v[(i + 1) % 3] * x[i]",
            "return v[0] - v[1] + 2.0 * v[2]",
        ),
        0, 0, constant=False,
    ),
    "a loop of loops over one array": Case(
        f(
            "v = sin(x)",
            "for t in range(3):",
            "    total = 0.0",
            "    for i in range(n):",
            "        total += sin(exp(v[i]))",
            "    for i in range(n):",
            "        v[i] = total * x[i]",
            "return sum(v)",
        ),
        0, 0, constant=False,
    ),
    "a loop of loops over an input": Case(
        f(
            "y = a",
            "for t in range(3):",
            "    total = 0.0",
            "    for i in range(n):",
            "        total += sin(exp(x[i] * y))",
            "    y = sin(total) + y",
            "return y",
        ),
        0, 3,
    ),
    "a matrix that is factorised afterwards": Case(
        f(
            "m = zeros((2, 2))",
            "m[0, 0] = 3.0",
            "m[1, 1] = 2.0",
            "for i in range(n):",
            "    m[i % 2, 0] += 0.1 * sin(exp(x[i] * a))",
            "v = zeros(2)",
            "for i in range(n):",
            "    v[i % 2] += sin(exp(a - x[i]))",
            "return sum(solve(m, v))",
        ),
        0, 2,
    ),
}  # fmt: skip
ALL = {**CASES, **ARRAYS}
