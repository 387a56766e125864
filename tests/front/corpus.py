"""Texts that are legal, and texts that are not though Python takes them."""

LOGISTIC = '''"""Logistic regression."""
from stats import normal_lpdf       # a module: ./stats.dp, else the standard library

LAMBDA = 0.1                        # module constant, folded at compile time
STAR, PLANET = range(2)
Matrix = f64[4, 4]

class Model:                        # a record
    """Weights."""
    w: f64[d]
    b: f64

def loss(m: Model, x: f64[n, d], y: f64[n], lam: f64 = 0.1) -> f64:
    """Mean negative log-likelihood of labels y in {-1, +1}.

        indented

    End.
    """
    total = 0.0
    for i in range(n):
        total += softplus(-y[i] * (dot(x[i], m.w) + m.b))
    return total / n + 0.5 * LAMBDA * dot(m.w, m.w)

def newton_step(m: Model, x: f64[n, d], y: f64[n]) -> f64[d]:
    h = hessian(loss, wrt=m.w)(m, x, y)
    g = grad(loss, wrt=m.w)(m, x, y)
    return solve(h, g)

@custom_vjp(sqrt_newton)            # replaces the derivative of sqrt_newton
def sqrt_newton_vjp(a: f64, out: f64, d_out: f64) -> f64:
    return d_out / (2.0 * out)

@extern("libm", "j0", pure=True)
def bessel_j0(x: f64) -> f64: ...

@custom_jvp(bessel_j0)
def bessel_j0_jvp(x: f64, x_dot: f64) -> (f64, f64):
    return bessel_j0(x), -bessel_j1(x) * x_dot

def higher(f: Callable[[f64, f64[n]], f64], g: Callable[[], f64]) -> f64:
    k = lambda a, b: a * b
    def inner(x: f64) -> f64:
        return k(x, 2)
    return inner(f(1.0, 2.0)) + (lambda: 3.0)()
'''

STATEMENTS = [
    "pass",
    "x = 1; y = 2",
    "x = 1;",
    "x: f64 = 1, 2",
    "(x): f64 = 1",
    "m.w: f64 = 1",
    "a, b = f(x)",
    "a, = f(x)",
    "(a, (b, c)) = x",
    "a[i], a[j] = a[j], a[i]",
    "m.w[i] = e",
    "a[i, :] += e",
    "x **= 2; x //= 3; x @= y; x |= z; x &= z; x ^= z; x %= 2; x -= 1, 2",
    "if a: pass\n    elif b: pass\n    elif c:\n        x = 1\n    else: pass",
    "if a:\n        if b:\n            pass\n    else:\n        pass",
    "while not done:\n        break",
    "while checkpoint(cond, slots=16):\n        continue",
    'for t in checkpoint(range(T), memory="64MiB"):\n        pass',
    "for i in parallel(range(0, n, 2)): pass",
    "for i, (j, k) in x: pass",
    "for v, in x: pass",
    "for i in 1, 2: pass",
    "return",
    "return a, b,",
    "return (yes if no else maybe)",
    'assert x > 0, "positive"',
    'assert False, f"bad {x} and {y[0] + 1} {{x}}"',
    'print("label", x)',
    "...",
    "def g(): pass",
    "def g(\n        a: f64,\n        b: f64 = 2,\n    ) -> None:\n        return",
    "x = (1 +\n  2)  # comment\n    y = [\n1,\n# inside\n2,\n]",
    "x = 1 + \\\n        2",
    "\n    # only a comment\n\n    pass",
    "if x:\n\n        # deeper comment\n    # shallower comment\n        pass",
    "αβ = é + \U0001d4b3",
    "x = 'ünïcode ☃' 'joined'\n    # ☃ comment\n    y = x",
]

EXPRESSIONS = [
    *("1", "1_000", "0x1F", "0b101", "0", "00", "5.", ".5", "1e-3", "1E+3", "1.5e10", "0_0"),
    *("01.5", "1.e5", "0e0", "1_0.5_0e1_0", "True", "False", "..."),
    *("-x**2", "-x**-y", "2**-1", "x**y**z", "(-x)**2", "not a == b", "not not a", "~-+x"),
    *("a + b - c * d / e // f % g @ h", "a | b ^ c & d", "a & b == c", "a - (b - c)"),
    *("a < b <= c == d != e > f >= g", "(a < b) < c", "a < (b < c)"),
    *("a and b and c", "a and (b and c)", "(a and b) and c", "a or b and not c or d"),
    *("x if a else y if b else z", "(x if a else y) if b else z", "x if a or b else lambda: c"),
    *("f()", "f(a,)", "f(a, b=1, c=2,)", "f(x for x in y)", "f((x for x in y))", "f(g)(h)[i].j"),
    *("f(a)(b)", "a.b.c", "a.b[c].d(e)", "(a)", "((a))", "()", "(a,)", "(a, b)", "(a, b,)"),
    *("[]", "[a]", "[a, b,]", "[[1, 2], [3, 4]]", "[(a)]"),
    *("x[i]", "x[i, j]", "x[i,]", "x[(i, j)]", "x[:]", "x[::]", "x[a:]", "x[:b]", "x[a:b]"),
    *("x[a:b:c]", "x[::c]", "x[::-1]", "x[:, None]", "x[None]", "x[a:b, :, 1]", "x[-1]"),
    *("x[lambda: y]", "x[a if b else c:d]"),
    *("[e for i in range(n)]", "[e for i in range(n) for j in range(m)]"),
    *("[e for i in x if a if b for j in y if c]", "[e for i, j in x]", "[e for (i, j) in x]"),
    *(
        "sum(e for i in range(n) for j in range(i) if c)",
        "(e for i in x)",
        "[[a for a in b] for c in d]",
    ),
    *("[x if a else b for c in d]", "[a for b in c or d]"),
    *("lambda: x", "lambda a: x", "lambda a, b,: x", "lambda a: lambda b: a + b", "(lambda: 1)()"),
    *("'a'", '"a"', "'''a'''", '"""a\nb"""', r"'\n\t\\\'\x41\u00e9\U0001F600\101\0'", r"r'\n'"),
    *(
        r"'\N{GREEK SMALL LETTER ALPHA}'",
        r"'\
'",
        "'a' \"b\" '''c'''",
        "u'a'",
        "R'\\d'",
        '"it\'s"',
        "'a#b'",
        r"'\8'",
    ),
    *("f'{x}'", "f'a{x}b{y}c'", "f'{{}}'", "f'{{{x}}}'", "f'{x}' 'lit{y}'", "'lit' f'{x}'"),
    *("f'{ x }'", "f'{x[0]}{f(a, b)}'", "f'{x != y}'", "f'{(lambda: x)}'", "rf'\\{x}'"),
    *("f'{\"a\"}'", "f'''{\nx}'''", "f'{x if a else b}'", "F'{x}\\n'", "f'\\N{BULLET}{x}'"),
    *("f'{f(\"}\")}'", "f'{x[1:2]}'", "f''", "f'{f\"{x}\"}'", "f'{x!=y}'"),
    *("a\\\n+b", "(\n\n# c\na\n)", "f(a,\n\tb)", "a if\\\nb else c"),
]

FILES = [
    "",
    "\n",
    "\n\n\n",
    "# only a comment",
    "   ",
    "   # indented comment",
    "A = 1",
    "A = 1\r\nB = 2\r\n",
    '"""doc"""',
    '"""doc\r\n   more\r\n"""\r\ndef f(x: f64) -> f64:\r\n    return x\r\n',
    "'''a''' 'b'\n'not a doc'\nA = 1",
    "def f():\n\tpass\n\tpass",
    "def f():\n\tif x:\n\t    pass\n",
    "def f():\n        if x:\n        \tpass\n",
    "def f():\n  pass\n\n\n\ndef g():\n      pass",
    "def f():\n    pass\n   # comment in no block's column\n",
    "\ufeffA = 1\n",
    "\x0cA = 1\n\x0c\ndef f():\n    pass\n",
    "class A:\n    pass\n",
    "class A: x: f64; y: i64\n",
    "class A:\n    '''doc'''\n",
    "from a.b.c import (\n    d as e,\n    f,\n)\nfrom x import y as z, w\n",
    "A: f64 = 1\nA, (B, C) = f(x)\n",
    "def f(x: f64) -> f64:\n    return x\\\n\n",
    "A = (1,\n2)",
    LOGISTIC,
]

# Python takes these; the language does not.
LEFT_OUT = [
    *("import x", "from . import y", "from x import *", "x = yield", "async def f(): pass"),
    *("try:\n  pass\nfinally:\n  pass", "with a: pass", "del x", "global x", "raise x"),
    *("x = {1, 2}", "x = {1: 2}", "x = {}", "x = (y := 1)", "f(*a)", "f(**a)", "a, *b = c"),
    *("x = a is b", "x = a is not b", "x = a in b", "x = a not in b", "a = b = c", "x = 1j"),
    *("x = 0o17", "x = b'a'", "x = a << b", "x >>= 1", "x = None", "return None", "[a, b] = c"),
    *("x = f'{a:.3f}'", "x = f'{a!r}'", "x = f'{a=}'", "class A(B): pass", "class A(): pass"),
    *("for i in x:\n  pass\nelse:\n  pass", "def f(*a): pass", "def f(a, /): pass", "x: f64"),
    *("lambda a=1: a", "lambda *a: a", "if x: pass", "while x: pass", "f(x)", "assert x"),
    *("class A:\n  def f(self): pass", "class A:\n  x: f64 = 1", "def f():\n  import x"),
    *("def f():\n  class A:\n    x: f64", "def f():\n  from x import y", "x = 1if y else 2"),
    *("print(x)", "() = x", "x[()] = 1, *y", "def f(a, a): pass", "f(a=1, a=2)"),
]

# Neither takes these.
WRONG = [
    *("x = (", "x = )", "x = (]", "x = [1, 2", "x = 'abc", 'x = """abc', "x = 1 +", "x = = 1"),
    *("def f()\n  pass", "def f():\npass", "def f():", "  x = 1", "def f():\n  x = 1\n    y = 2"),
    *("def f():\n    x = 1\n  y = 2", "x = 1 2", "x = 012", "x = 1__0", "x = 0x", "x = 1e"),
    *("x = $", "x = a ? b : c", "x = a && b", "x++", "if x = 1: pass", "1 = x", "f() = x"),
    *("x = not", "x = a if b", "x = [a for]", "x = f(a b)", "f(a=1, b)", "def f(a=1, b): pass"),
    *("True = 1", "(a, b): f64 = c", "a, b += c", "x = '\\x4'", "x = '\\N{no such name}'"),
    *("x = f'{'", "x = f'}'", "x = f'{}'", "x = f'{a b}'", "x = f'{a'", "else: pass", "@a\nx = 1"),
    *(
        "@a",
        "\\\n x = 1",
        "x = 1 \\",
        "x = 1 \\ \n",
        "\tx = 1",
        "def f():\n\tx = 1\n        y = 2",
        "x = \0",
    ),
    *("f(x for x in y, 1)", "x = -not y", "lambda = 1", "x = \u201ca\u201d", "return = 1"),
    *("def f(x: f64) -> :\n  pass", "a.1", "x[]", "for in x: pass", "for i x: pass", "print x"),
    *("x = f'{\"\\n\"}'", "x = f'{a#}'", "def f(None): pass", "x = 1.2.3", "elif x: pass", "x!"),
]
