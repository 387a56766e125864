"""Models with functions that call others, for tests in which every call stays a call."""

import numpy as np

from tests.end_to_end.models import Model, matrix, vector

OUTLINED_MODELS: tuple[Model, ...] = (
    Model(
        "arrays_and_scalars_out",
        """
def split(x: f64[n], w: f64) -> (f64[n], f64, i64):
    y = x * w
    k = 0
    for i in range(n):
        if y[i] > 1.0:
            k += 1
            y[i] = y[i] * y[i]
    return y, sum(x * y), k

def f(x: f64[n], w: f64) -> f64:
    a, s, k = split(x, w)
    b, t, l = split(a * 0.5, s)
    return sum(b) * t + k * s - l * w
""",
        {"x": vector(4), "w": 1.3},
    ),
    Model(
        "calls_in_every_kind_of_block",
        """
def g(x: f64, y: f64) -> f64:
    return sin(x) * y if x > y else x * cos(y)

def f(x: f64[n]) -> f64:
    total = g(x[0], 2.0)
    for i in range(n):
        total += g(x[i], total)
        if total > 1.0:
            total = g(total, x[i]) + g(x[i], x[0])
    count = 0
    while total < 20.0 and count < 5:
        total = total * 2.0 + g(total, x[0])
        count += 1
    y = [g(v, total) for v in x]
    return total + sum(y) + sum(g(v, 0.5) for v in y)
""",
        {"x": vector(5)},
    ),
    Model(
        "calls_of_calls",
        """
def base(x: f64[n], y: f64[n]) -> f64[n]:
    z = x * y
    for i in range(1, n):
        z[i] = z[i] + 0.5 * sin(z[i - 1])
    return z

def double(x: f64[n]) -> f64[n]:
    return base(x, base(x, x))

def twice(x: f64[n]) -> f64[n]:
    y = double(x)
    y[0] = y[0] * x[0]
    return double(y) + y

def f(x: f64[n]) -> f64:
    return sum(twice(x)) + sum(double(2.0 * x))
""",
        {"x": vector(4)},
    ),
    Model(
        "records_in_and_out",
        """
class State:
    pos: f64[3]
    vel: f64[3]
    mass: f64

def step(s: State, h: f64) -> State:
    force = [-s.pos[i] * s.mass for i in range(3)]
    vel = s.vel + h * force / s.mass
    return State(pos=s.pos + h * vel, vel=vel, mass=s.mass)

def f(x: f64[3], m: f64) -> f64:
    s = State(pos=x, vel=0.5 * x, mass=m)
    for _ in range(4):
        s = step(step(s, 0.1), 0.2)
    return dot(s.pos, s.vel) * s.mass
""",
        {"x": vector(3), "m": 1.2},
    ),
    Model(
        "a_rule_inside",
        """
def root(x: f64) -> f64:
    return sqrt(x)

@custom_vjp(root)
def root_vjp(x: f64, out: f64, d_out: f64) -> f64:
    return 0.5 * d_out / out

def norm_of(x: f64[n]) -> f64:
    return root(sum(x * x) + 1.0)

def f(x: f64[n]) -> f64:
    return norm_of(x) * norm_of(x * x) + root(x[0])
""",
        {"x": vector(3)},
    ),
    Model(
        "calls_inside_a_rule",
        """
def power(x: f64, y: f64) -> f64:
    z = x * y
    return exp(y * log(x)) + 0.0 * z

def smooth(x: f64[n], k: f64) -> f64:
    return sum([power(v, k) for v in x]) * power(x[0], k)

@custom_jvp(smooth)
def smooth_jvp(x: f64[n], k: f64, x_dot: f64[n], k_dot: f64) -> (f64, f64):
    s = sum([power(v, k) for v in x])
    p = power(x[0], k)
    ds = sum([k * power(x[i], k - 1.0) * x_dot[i] + power(x[i], k) * log(x[i]) * k_dot
              for i in range(n)])
    dp = k * power(x[0], k - 1.0) * x_dot[0] + power(x[0], k) * log(x[0]) * k_dot
    return s * p, ds * p + s * dp

def f(x: f64[n], k: f64) -> f64:
    return smooth(x, k) * smooth(2.0 * x, 0.5 * k)
""",
        {"x": vector(3), "k": 1.4},
    ),
    Model(
        "linear_algebra_inside",
        """
def energy(a: f64[n, n], b: f64[n]) -> f64:
    spd = a @ a.T + eye(n)
    return dot(b, solve(spd, b)) + logdet(spd)

def f(a: f64[n, n], b: f64[n]) -> f64:
    e = energy(a, b)
    return e * energy(0.5 * a, b * e)
""",
        {"a": matrix(3, 3), "b": vector(3)},
    ),
    Model(
        "derivatives_inside",
        """
def cubic(x: f64[n]) -> f64:
    return sum(x * x * x)

def slope(x: f64[n], w: f64) -> f64:
    return w * sum(grad(cubic)(x)) + cubic(x)

def f(x: f64[n]) -> f64:
    s = slope(x, 2.0)
    return slope(x * s, 0.5) + sum(grad(cubic)(x * x))
""",
        {"x": vector(3)},
    ),
    Model(
        "functions_as_arguments",
        """
def midpoint(g: Callable[[f64], f64], a: f64, b: f64, n: i64) -> f64:
    h = (b - a) / n
    return h * sum(g(a + (i + 0.5) * h) for i in range(n))

def f(c: f64, b: f64) -> f64:
    g = lambda t: exp(-c * t) * sin(t)
    first = midpoint(g, 0.0, b, 4)
    return first + midpoint(g, b, b + first, 5) * midpoint(lambda t: t * c, 0.0, b, 3)
""",
        {"c": 0.8, "b": 1.7},
    ),
    Model(
        "one_array_as_two_arguments",
        """
def mixed(a: f64[n], b: f64[n]) -> f64:
    return sum(a * b) + sum(sin(a) * b * b)

def f(x: f64[n]) -> f64:
    return mixed(x, x) * mixed(x, 2.0 * x) + mixed(x * x, x)
""",
        {"x": vector(4)},
    ),
    Model(
        "constant_and_symbolic_extents",
        """
def total(a: f64[n, m]) -> f64[m]:
    return [sum(a[:, j] * a[:, j]) for j in range(m)]

def f(a: f64[n, 3], b: f64[2, n]) -> f64:
    return sum(total(a) * total(2.0 * a)) + sum(total(b)) + sum(total(b[:, 1:]))
""",
        {"a": matrix(4, 3), "b": matrix(2, 4)},
    ),
    Model(
        "extents_that_the_value_tells",
        """
def kept(x: f64[n], least: f64) -> f64[k]:
    count = 0
    for i in range(n):
        if x[i] > least:
            count += 1
    y = zeros(count)
    at = 0
    for i in range(n):
        if x[i] > least:
            y[at] = x[i] * x[i]
            at += 1
    return y

def f(x: f64[n]) -> f64:
    return sum(kept(x, 0.8)) * sum(kept(x, 0.1)) + sum(kept(kept(x, 0.5), 0.6))
""",
        {"x": vector(6)},
    ),
    Model(
        "integers_and_truth_values",
        """
def pick(x: f64[n], at: i64[k], flip: bool) -> (f64[k], bool):
    y = [x[i] * x[i] for i in at]
    if flip:
        y = -y
    return y, sum(y) > 0.0

def f(x: f64[n], at: i64[k]) -> f64:
    y, up = pick(x, at, False)
    z, down = pick(2.0 * x, at[1:], up)
    return sum(y) * sum(z) + (1.0 if down else 2.0) * x[0]
""",
        {"x": vector(5), "at": np.array([3, 0, 3, 1])},
    ),
)
