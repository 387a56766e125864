"""Programs whose gradients automatic differentiation is known to get wrong, by what goes wrong.

Each has a function `f` of x: f64[n], w: f64[n, n] and a: f64.
"""

HEAD = "def f(x: f64[n], w: f64[n, n], a: f64) -> f64:\n"


def _body(text: str) -> str:
    return HEAD + text.strip("\n") + "\n"


PROGRAMS: dict[str, str] = {
    "state of a recurrent net changed in place": """
def step(h: f64[n], c: f64[n], x: f64[n], w: f64[n, n]) -> (f64[n], f64[n]):
    gate = sigmoid(w @ h + x)
    c *= gate
    c += (1.0 - gate) * tanh(h)
    return gate * tanh(c), c

def f(x: f64[n], w: f64[n, n], a: f64) -> f64:
    h = a * x
    c = x
    loss = 0.0
    for t in range(4):
        h, c = step(h, c, x, w)
        loss += sum(h * h) * f64(t + 1)
    return loss
""",
    "state that is a constant at first": _body("""
    state = zeros(n)
    for t in range(3):
        state = tanh(w @ state + a * x)
    return sum(state * state)
"""),
    "times-equals accumulators": _body("""
    p = a
    v = x
    for t in range(2):
        for i in range(n):
            p *= x[i] + 0.5
            v[i] *= p
        v *= v
    return p * sum(v)
"""),
    "a value made before a loop and used after it": _body("""
    before = exp(a) * x[0]
    kept = before * a
    total = a
    for i in range(n):
        total = sin(total * before) + x[i]
        before = before * 0.5 + total
    return before * kept + total * exp(kept)
"""),
    "an array overwritten between forward and reverse": _body("""
    v = sin(x)
    for t in range(3):
        for i in range(n):
            v[i] = v[i] * v[i] + a * x[i]
        w[t % n] = v * w[t % n]
        v[:] = w[0] + v
    return sum(v * v) + sum(w)
"""),
    "adding by an assignment": _body("""
    v = x
    for t in range(2):
        for i in range(n):
            v[i] = v[i] + sin(a * x[i])
            v[0] = v[0] + v[i] * x[i]
    return sum(v * v)
"""),
    "adding in place": _body("""
    v = x
    for t in range(2):
        for i in range(n):
            v[i] += sin(a * x[i])
            v[0] += v[i] * x[i]
    return sum(v * v)
"""),
    "repeated indices of a scatter": _body("""
    index = arange(n) // 2
    v = x
    v[index] += sin(a * x)
    v[index] *= x + 2.0
    u = x
    u[index] = v * x
    return sum(v * v) + sum(sin(u))
"""),
    "a body that indexes by the loop variable under checkpoints": _body("""
    state = a
    trace = x
    for t in checkpoint(range(n), slots=2):
        state = sin(state * x[t]) + w[t, n - 1 - t]
        trace[t] *= state
    return state * sum(trace)
"""),
    "continue": _body("""
    total = a
    for i in range(n):
        if x[i] < 0.0:
            total *= 0.5
            continue
        total = total * x[i] + sin(total)
        for j in range(n):
            if j == i:
                continue
            total += 0.1 * w[i, j] * total
    return total
"""),
    "two arrays initialised from one": _body("""
    start = sin(x)
    u = start
    v = start
    for i in range(n):
        u[i] = u[i] * a
        v[i] = v[i] + u[i] * start[i]
        start[i] = v[i]
    return sum(u * v) + sum(start)
"""),
    "a recurrence through an array inside a call": """
def sweep(v: f64[n], s: f64) -> f64[n]:
    for i in range(1, n):
        v[i] = v[i] + s * v[i - 1] * v[i - 1]
    for i in range(n - 1, 0, -1):
        v[i - 1] *= sin(v[i])
    return v

def f(x: f64[n], w: f64[n, n], a: f64) -> f64:
    v = x
    for t in range(3):
        v = sweep(v, a)
        w[t % n] += v
    return sum(v) + sum(w * w)
""",
    "an array added to its own shift": _body("""
    x[1:] += x[:-1]
    x[:-1] *= x[1:]
    w[1:] += w[:-1] * a
    w[:, :-1] = w[:, 1:] * w[:, :-1]
    return sum(sin(x)) + sum(w * w)
"""),
    "swaps": _body("""
    p, q = a, 1.0
    for i in range(n):
        p, q = q * x[i], p + sin(q)
        x[0], x[i] = sin(x[i]), x[0] * p
        w[0], w[i] = w[i], w[0] * q
    return p * q + sum(x * x) + sum(sin(w) @ x)
"""),
    "a row is a copy": _body("""
    row = w[0]
    w[0] = row * a
    row[0] = row[0] * x[0]
    column = w[:, 0]
    w[0, 0] *= 2.0
    return sum(row * w[0]) + dot(column, w[:, n - 1])
"""),
    "one array passed twice": """
def both(u: f64[n], v: f64[n], s: f64) -> f64:
    u[0] = s
    v *= sin(v)
    u, v = v, u
    return sum(u * v) * s

def f(x: f64[n], w: f64[n, n], a: f64) -> f64:
    return both(x, x, a) * both(w[0], w[0], sin(a)) + both(x, w[0], x[0])
""",
    "a value kept in an array at an index computed after it": _body("""
    if a > 0.0:
        x[1 % n] = sigmoid(dot(w[0], x))
    return sum(x)
"""),
    "a value kept in an array at an index that depends on it": _body("""
    total = 0.0
    if a > 0.0:
        y = sigmoid(dot(w[0], x))
        k = i64(3.0 * y) % n
        x[k] = y
        total = sin(y) * y
    return sum(x * x) + total
"""),
    "arrays that change places": _body("""
    old, new = x, sin(x)
    for t in range(3):
        new[:-1] = a * old[1:] + new[:-1] * old[:-1]
        old, new = new, old
    return sum(old * new)
"""),
    "an array made anew in each iteration": _body("""
    total = a
    for t in range(3):
        v = x * total
        for i in range(1, n):
            v[i] += v[i - 1] * v[i - 1]
        total = sin(total) + 0.1 * sum(v)
    return total
"""),
    "an inner loop whose bounds change": _body("""
    total = a
    k = 1
    for t in range(4):
        for i in range(k):
            total = sin(total + x[i % n])
        k = (k * 2) % 5
    return total
"""),
    "an index that changes": _body("""
    k = 0
    total = a
    for t in range(2 * n):
        total += x[k] * total * 0.3
        x[k] = sin(total)
        k = (k + 2) % n
    return total + sum(x)
"""),
    "early return in a nested loop": _body("""
    total = a
    for i in range(n):
        for j in range(n):
            total = total + w[i, j] * x[j] * sin(total)
            if total > 1.5:
                return total * total
        x[i] *= total
    return total + sum(x)
"""),
    "adjoints of a parallel loop that collide": _body("""
    total = 0.0
    out = zeros(n)
    for i in parallel(range(n)):
        out[i] = sin(x[0] * w[i, 0]) + x[n - 1 - i] * a
        total += out[i] * x[0] * a
    return total + sum(out * out)
"""),
    "one value passed twice to a library call": _body("""
    m = w @ w.T + 4.0 * eye(n)
    return dot(solve(m, x), x) + logdet(m) * a + sum(inv(m) @ inv(m))
"""),
    "a gradient inside of a loop with checkpoints": """
def potential(q: f64[n], s: f64) -> f64:
    return 0.25 * sum(q ** 4) - s * sum(q * q)

def f(x: f64[n], w: f64[n, n], a: f64) -> f64:
    p = w[0]
    for t in checkpoint(range(4), slots=2):
        p -= 0.1 * grad(potential)(x, a)
        x += 0.1 * p
    return sum(x * x) + sum(p * p)
""",
}
