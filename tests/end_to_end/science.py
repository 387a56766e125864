"""Models as a scientist would write them, of many fields; each is valid Python over NumPy too."""

from dataclasses import dataclass
from typing import Any

import numpy as np

random = np.random.default_rng(31)


@dataclass(frozen=True)
class Science:
    """One model: its source, whose `f` is called and differentiated, and a point."""

    name: str
    source: str
    arguments: dict[str, Any]


def uniform(*shape: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Values from 0.2 to 1.2."""
    return random.uniform(0.2, 1.2, shape)


SCIENCE: tuple[Science, ...] = (
    Science(
        "kepler_orbit",
        '''
GM = 39.478

def acceleration(x: f64[2]) -> f64[2]:
    r = sqrt(x[0] * x[0] + x[1] * x[1])
    return -GM * x / r ** 3

def energy(x: f64[2], v: f64[2]) -> f64:
    return 0.5 * dot(v, v) - GM / sqrt(dot(x, x))

def f(x0: f64[2], v0: f64[2], dt: f64, steps: i64) -> f64:
    """Where velocity Verlet brings a planet, and how well it keeps the energy."""
    x = x0
    v = v0
    a = acceleration(x)
    start = energy(x, v)
    worst = 0.0
    for t in range(steps):
        v += 0.5 * dt * a
        x += dt * v
        a = acceleration(x)
        v += 0.5 * dt * a
        drift = abs(energy(x, v) - start)
        if drift > worst:
            worst = drift
    return x[0] * x[1] + 0.1 * worst + v[0]
''',
        {"x0": np.array([1.0, 0.1]), "v0": np.array([-0.3, 6.1]), "dt": 0.01, "steps": 25},
    ),
    Science(
        "hidden_markov_model",
        '''
def log_normal(x: f64, mean: f64, scale: f64) -> f64:
    z = (x - mean) / scale
    return -0.5 * z * z - log(scale) - 0.9189385332046727

def f(logits: f64[k, k], means: f64[k], log_scales: f64[k], y: f64[n]) -> f64:
    """The log-likelihood of observations by the forward algorithm."""
    transition = zeros(k, k)
    for i in range(k):
        transition[i, :] = logits[i] - logsumexp(logits[i])
    alpha = zeros(k)
    for j in range(k):
        alpha[j] = log_normal(y[0], means[j], exp(log_scales[j])) - log(f64(k))
    for t in range(1, n):
        new = zeros(k)
        for j in range(k):
            into = logsumexp(alpha[i] + transition[i, j] for i in range(k))
            new[j] = into + log_normal(y[t], means[j], exp(log_scales[j]))
        alpha = new
    return logsumexp(alpha)
''',
        {
            "logits": uniform(3, 3),
            "means": np.array([-1.0, 0.2, 1.5]),
            "log_scales": uniform(3) - 0.7,
            "y": random.normal(size=12),
        },
    ),
    Science(
        "sequence_alignment",
        '''
def f(score: f64[a, a], gap: f64, first: i64[n], second: i64[m]) -> f64:
    """A smooth Needleman-Wunsch score of two sequences of letters."""
    table = zeros(n + 1, m + 1)
    for i in range(1, n + 1):
        table[i, 0] = table[i - 1, 0] - gap
    for j in range(1, m + 1):
        table[0, j] = table[0, j - 1] - gap
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            both = table[i - 1, j - 1] + score[first[i - 1], second[j - 1]]
            left = table[i, j - 1] - gap
            above = table[i - 1, j] - gap
            table[i, j] = logaddexp(both, logaddexp(left, above))
    return table[n, m]
''',
        {
            "score": uniform(4, 4),
            "gap": 0.7,
            "first": np.array([0, 2, 1, 3, 3, 0]),
            "second": np.array([2, 1, 1, 3, 0]),
        },
    ),
    Science(
        "epidemic_with_interventions",
        '''
class Disease:
    beta: f64
    gamma: f64
    sigma: f64
    effect: f64[k]

def f(d: Disease, days: i64[k], observed: f64[n]) -> f64:
    """Squared error of the infected share of an SEIR model with measures that start on days."""
    s = 0.999
    e = 0.0
    i = 0.001
    r = 0.0
    error = 0.0
    for day in range(n):
        beta = d.beta
        for j in range(len(days)):
            if day >= days[j]:
                beta *= 1.0 - d.effect[j]
        for step in range(4):
            infected = beta * s * i / 4.0
            sick = d.sigma * e / 4.0
            well = d.gamma * i / 4.0
            s -= infected
            e += infected - sick
            i += sick - well
            r += well
        error += (i - observed[day]) ** 2
    return error + 0.01 * r
''',
        {
            "d": {"beta": 0.9, "gamma": 0.15, "sigma": 0.3, "effect": np.array([0.3, 0.4])},
            "days": np.array([4, 8]),
            "observed": 0.01 * np.arange(15.0),
        },
    ),
    Science(
        "option_on_a_lattice",
        '''
def f(spot: f64, strike: f64, rate: f64, volatility: f64, maturity: f64, steps: i64) -> f64:
    """An American put on a binomial tree, exercised early where that pays."""
    dt = maturity / steps
    up = exp(volatility * sqrt(dt))
    down = 1.0 / up
    p = (exp(rate * dt) - down) / (up - down)
    discount = exp(-rate * dt)
    value = zeros(steps + 1)
    for j in range(steps + 1):
        value[j] = max(strike - spot * up ** (2 * j - steps), 0.0)
    for t in range(steps - 1, -1, -1):
        for j in range(t + 1):
            held = discount * (p * value[j + 1] + (1.0 - p) * value[j])
            exercised = strike - spot * up ** (2 * j - t)
            value[j] = max(held, exercised)
    return value[0]
''',
        {
            "spot": 100.3,
            "strike": 104.7,
            "rate": 0.03,
            "volatility": 0.25,
            "maturity": 0.8,
            "steps": 12,
        },
    ),
    Science(
        "life_cycle_savings",
        '''
PATIENCE = 0.96

def utility(c: f64, aversion: f64) -> f64:
    return c ** (1.0 - aversion) / (1.0 - aversion)

def f(income: f64[n], grid: f64[m], aversion: f64, interest: f64) -> f64:
    """The value of a life of consumption and saving on a grid, by backward induction."""
    value = [utility(income[n - 1] + grid[i], aversion) for i in range(m)]
    for t in range(n - 2, -1, -1):
        new = zeros(m)
        for i in range(m):
            best = -1e30
            for j in range(m):
                c = income[t] + grid[i] - grid[j] / (1.0 + interest)
                if c <= 0.0:
                    break
                v = utility(c, aversion) + PATIENCE * value[j]
                if v > best:
                    best = v
            new[i] = best
        value = new
    return value[0] + mean(value)
''',
        {
            "income": np.array([1.0, 1.37, 1.61, 0.83, 0.29]),
            "grid": np.array([0.0, 0.21, 0.47, 0.83, 1.31]),
            "aversion": 2.3,
            "interest": 0.02,
        },
    ),
    Science(
        "phylogenetic_likelihood",
        '''
def jukes_cantor(t: f64) -> f64[4, 4]:
    decay = exp(-4.0 * t / 3.0)
    other = 0.25 - 0.25 * decay
    return [other + (decay if i == j else 0.0) for i in range(4) for j in range(4)]

def f(lengths: f64[nodes], left: i64[inner], right: i64[inner], leaves: i64[tips, sites]) -> f64:
    """Felsenstein's pruning: the log-likelihood of sequences at the tips of a tree."""
    total = 0.0
    for s in range(sites):
        partial = zeros(nodes, 4)
        for tip in range(tips):
            partial[tip, leaves[tip, s]] = 1.0
        for k in range(inner):
            a = left[k]
            b = right[k]
            from_a = jukes_cantor(lengths[a]) @ partial[a]
            from_b = jukes_cantor(lengths[b]) @ partial[b]
            partial[tips + k] = from_a * from_b
        total += log(0.25 * sum(partial[nodes - 1]))
    return total
''',
        {
            "lengths": uniform(7) * 0.5,
            "left": np.array([0, 2, 4]),
            "right": np.array([1, 3, 5]),
            "leaves": np.array([[0, 1, 2], [0, 1, 3], [1, 1, 2], [0, 2, 2]]),
        },
    ),
    Science(
        "heat_with_implicit_steps",
        '''
def thomas(lower: f64[n], main: f64[n], upper: f64[n], right: f64[n]) -> f64[n]:
    """The solution of a tridiagonal system."""
    c = zeros(n)
    d = zeros(n)
    c[0] = upper[0] / main[0]
    d[0] = right[0] / main[0]
    for i in range(1, n):
        pivot = main[i] - lower[i] * c[i - 1]
        c[i] = upper[i] / pivot
        d[i] = (right[i] - lower[i] * d[i - 1]) / pivot
    x = zeros(n)
    x[n - 1] = d[n - 1]
    for i in range(n - 2, -1, -1):
        x[i] = d[i] - c[i] * x[i + 1]
    return x

def f(conductivity: f64[n], start: f64[n], dt: f64, steps: i64) -> f64:
    """Heat in a rod of varying conductivity after Crank-Nicolson steps."""
    u = start
    for t in range(steps):
        lower = zeros(n)
        upper = zeros(n)
        lower[1:] = -0.25 * dt * (conductivity[1:] + conductivity[:-1])
        upper[:-1] = lower[1:]
        main = 1.0 - lower - upper
        right = u * (1.0 + lower + upper)
        right[1:] -= lower[1:] * u[:-1]
        right[:-1] -= upper[:-1] * u[1:]
        u = thomas(lower, main, upper, right)
    return dot(u, u) + u[0]
''',
        {"conductivity": uniform(8), "start": uniform(8), "dt": 0.3, "steps": 6},
    ),
    Science(
        "ring_of_spins",
        '''
def f(coupling: f64[edges], field: f64[n], source: i64[edges], target: i64[edges]) -> f64:
    """Mean-field magnetisation of a network of spins: damped sweeps, then its free energy."""
    m = tanh(field)
    for sweep in range(8):
        local = field
        local[source] += coupling * m[target]
        local[target] += coupling * m[source]
        m = 0.5 * m + 0.5 * tanh(local)
    bonds = sum(coupling * m[source] * m[target])
    entropy = 0.0
    for i in range(n):
        p = 0.5 * (1.0 + m[i])
        entropy -= p * log(p) + (1.0 - p) * log1p(-p)
    return -bonds - dot(field, m) - entropy
''',
        {
            "coupling": uniform(5) * 0.3,
            "field": uniform(5) - 0.6,
            # Each spin once: NumPy's += drops repeated indices.
            "source": np.array([0, 1, 2, 3, 4]),
            "target": np.array([1, 2, 3, 4, 0]),
        },
    ),
    Science(
        "reaction_kinetics",
        '''
class Rates:
    forward: f64[r]
    activation: f64[r]

def f(k: Rates, temperature: f64, start: f64[s], inputs: i64[r, 2], change: f64[r, s]) -> f64:
    """Concentrations of a reaction network at a temperature, by Heun's method."""
    rate = k.forward * exp(-k.activation / temperature)
    c = start
    for step in range(20):
        slope = zeros(len(c))
        for j in range(len(rate)):
            flow = rate[j] * c[inputs[j, 0]] * c[inputs[j, 1]]
            slope += flow * change[j]
        guess = c + 0.05 * slope
        second = zeros(len(c))
        for j in range(len(rate)):
            flow = rate[j] * guess[inputs[j, 0]] * guess[inputs[j, 1]]
            second += flow * change[j]
        c += 0.025 * (slope + second)
    return c[-1] - 0.1 * max(c)
''',
        {
            "k": {"forward": uniform(3) * 2.0, "activation": uniform(3)},
            "temperature": 1.7,
            "start": np.array([1.0, 0.7, 0.4, 0.1]),
            "inputs": np.array([[0, 1], [1, 2], [2, 2]]),
            "change": np.array(
                [[-1.0, -1.0, 1.0, 0.0], [0.0, -1.0, -1.0, 2.0], [0.5, 0.0, -2.0, 1.0]]
            ),
        },
    ),
)
