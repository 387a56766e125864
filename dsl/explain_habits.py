"""Syntax errors that are habits: of Python beyond the language, of MATLAB, C, JavaScript, Rust.

Each rule looks at one situation and returns a diagnostic or None, like those of `dsl/explain.py`.
"""

from difflib import get_close_matches

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.errors.syntax import MisspeltKeyword, NotInLanguage, UnexpectedText
from dpc.dsl.source import Span
from dpc.dsl.stop import Stop

# Statements of Python that the language leaves out, by their first word.
STATEMENTS = {
    "import": ("`import x`", "write `from x import name`"),
    "try": ("`try`", "run-time errors end the call; use `assert` or test before"),
    "except": ("`except`", "run-time errors end the call; use `assert` or test before"),
    "finally": ("`finally`", "run-time errors end the call"),
    "raise": ("`raise`", 'write `assert False, "message"`'),
    "with": ("`with`", "nothing needs to be closed here; write the body alone"),
    "del": ("`del`", "values need no deletion"),
    "global": ("`global`", "pass the value in and return the new one"),
    "nonlocal": ("`nonlocal`", "pass the value in and return the new one"),
    "async": ("`async`", "functions run to their end"),
    "match": ("`match`", "write `if` / `elif`"),
    "switch": ("`switch`", "write `if` / `elif`"),
    "case": ("`case`", "write `if` / `elif`"),
    "do": ("`do`", "write `while True:` with a `break`"),
    "until": ("`until`", "write `while not ...:`"),
    "throw": ("`throw`", 'write `assert False, "message"`'),
    "public": ("`public`", "everything in a module can be imported"),
    "static": ("`static`", "constants stand in the module"),
    "export": ("`export`", "everything in a module can be imported"),
    "using": ("`using`", "write `from x import name`"),
    "include": ("`include`", "write `from x import name`"),
}
# Modules whose functions are built in here.
_BUILT_IN = frozenset(
    ("numpy", "math", "cmath", "jax", "torch", "scipy", "autograd", "tensorflow", "cupy")
)

# Words and operators of Python's expressions that the language leaves out.
_EXPRESSIONS = {
    "is": ("`is`", "values have no identity; compare with `==`"),
    "yield": ("`yield`", "fill an array and return it"),
    "await": ("`await`", "functions run to their end"),
    "{": ("a set or dictionary", "use an array, or a record (`class`)"),
    ":=": ("`:=`", "assign in a statement of its own"),
    "<<": ("`<<`", "multiply by a power of 2"),
    ">>": ("`>>`", "divide with `//` by a power of 2"),
    "<<=": ("`<<=`", "multiply by a power of 2"),
    ">>=": ("`>>=`", "divide with `//` by a power of 2"),
    "None": (
        "`None` here",
        "every name has a value of its type; in brackets, `None` adds an axis: `x[:, None]`",
    ),
}

# Pairs of operators that other languages write: what to write, and what to say of it.
_PAIRS = {
    ("&", "&"): ("and", "write `and`"),
    ("|", "|"): ("or", "write `or`"),
    ("<", ">"): ("!=", "write `!=`"),
    ("~", "="): ("!=", "write `!=`"),
    ("==", "="): ("==", "write `==`"),
    ("=", ">"): (">=", "greater or equal is `>=`"),
    ("=", "<"): ("<=", "less or equal is `<=`"),
    (".", "*"): ("*", "`*` is elementwise; `@` multiplies matrices"),
    (".", "/"): ("/", "`/` is elementwise"),
    (".", "^"): ("**", "`**` is the power, elementwise"),
    (".", "**"): ("**", "`**` is elementwise"),
}

# First words of definitions and headers in other languages.
_WORDS = {
    "elseif": "elif",
    "elsif": "elif",
    "otherwise": "else",
    **dict.fromkeys(("function", "func", "fun", "fn", "sub", "define", "procedure"), "def"),
    **dict.fromkeys(("struct", "record", "interface"), "class"),
    "foreach": "for",
    "loop": "while True",
}
_FIRST_WORDS = (
    *("def", "return", "while", "for", "if", "elif", "else", "class", "from", "assert"),
    *("break", "continue", "pass", "print"),
)
# What other languages write before a new name.
_DECLARES = frozenset(
    ("let", "var", "const", "auto", "val", "local", "mut", "double", "float", "int", "long", "real")
    + ("f64", "f32", "i64", "i32", "bool", "float64", "float32", "int64", "int32", "real_t")
)


def _pasted(stop: Stop) -> Diagnostic | None:
    """`<<<<<<< HEAD` of a merge, and the prompt of an interactive session."""
    first = stop.line[0]
    text = stop.source.line(Span(stop.source, first.start, first.end).line).lstrip()
    whole = Span(stop.source, first.start, stop.line[-1].start)
    if text.startswith(("<<<<<<< ", "=======", ">>>>>>> ")):
        return NotInLanguage(span=whole, what="a conflict marker", advice="resolve the merge")
    if text.startswith((">>> ", "... ")):
        prompt = Span(stop.source, first.start, first.start + 3)
        return NotInLanguage(span=prompt, what="a prompt", advice="remove the prompts")
    return None


def _statement(stop: Stop) -> Diagnostic | None:
    first = stop.line[0]
    known = STATEMENTS.get(first.text)
    if known is None or (first.type == "NAME" and stop.index != 1) or stop.index > 1:
        return None
    what, advice = known
    if first.text == "import" and len(stop.line) > 1:
        module = stop.line[1].text
        advice = f"write `from {module} import name`"
        if module in _BUILT_IN:
            advice = "its functions are built in: `exp(x)` and `sum(x)` need no import"
    return NotInLanguage(span=Span(stop.source, first.start, first.end), what=what, advice=advice)


def _expression(stop: Stop) -> Diagnostic | None:
    known = _EXPRESSIONS.get(stop.token.text)
    if known is None:
        return None
    advice = known[1]
    if stop.before is not None and stop.before.text == "return" and stop.token.text == "None":
        advice = "write `return` alone"
    return NotInLanguage(span=stop.span, what=known[0], advice=advice)


def _membership(stop: Stop) -> Diagnostic | None:
    negated = stop.token.text == "not" and stop.after is not None and stop.after.text == "in"
    if not negated and (stop.token.text != "in" or stop.line[0].text == "for"):
        return None
    what = "`not in`" if negated else "`in` as an operator"
    last = stop.after if negated and stop.after is not None else stop.token
    span = Span(stop.source, stop.token.start, last.end)
    return NotInLanguage(span=span, what=what, advice="write `any(v == x for v in a)`")


def _pair(stop: Stop) -> Diagnostic | None:
    after = stop.after
    for (first, second), (here, advice) in _PAIRS.items():
        if stop.token.text == second and stop.follows(first):
            span = stop.since(stop.before)
        elif stop.token.text == first and after is not None and after.text == second:
            if after.start != stop.token.end:
                continue
            span = Span(stop.source, stop.token.start, after.end)
        else:
            continue
        what = f"`{first}{second}`"
        return NotInLanguage(span=span, what=what, advice=advice, replacement=here)
    return None


def _increment(stop: Stop) -> Diagnostic | None:
    if stop.token.type != "NEWLINE" or stop.index < 3:
        return None
    target, first, second = stop.line[stop.index - 3 : stop.index]
    if first.type != "SIGN" or first.text != second.text or first.end != second.start:
        return None
    span = Span(stop.source, first.start, second.end)
    replacement = f" {first.text}= 1"
    return NotInLanguage(
        span=span,
        what=f"`{first.text * 2}`",
        advice=f"write `{target.text}{replacement}`",
        replacement=replacement,
    )


def _star(stop: Stop) -> Diagnostic | None:
    before = stop.before
    if stop.token.text == "/" and stop.line[0].text == "def":
        return NotInLanguage(span=stop.span, what="`/` among parameters", advice="leave it out")
    if stop.token.text not in ("*", "**"):
        return None
    if before is not None and before.text == "import":
        return NotInLanguage(span=stop.span, what="`import *`", advice="name what you import")
    if before is not None and before.text not in "([,=" and before.type != "RETURN":
        return None
    return NotInLanguage(
        span=stop.span,
        what=f"`{stop.token.text}` before an argument or name",
        advice="write the arguments or names one by one",
    )


def _base_class(stop: Stop) -> Diagnostic | None:
    if stop.line[0].text != "class" or stop.token.text != "(":
        return None
    return NotInLanguage(
        span=stop.span, what="a base class", advice="a record is written `class Name:`"
    )


def _decorated_record(stop: Stop) -> Diagnostic | None:
    if stop.index or stop.token.text != "class" or "DEF" not in stop.accepted:
        return None
    advice = "a record needs no decorator: remove it"
    return NotInLanguage(span=stop.span, what="a decorator of a record", advice=advice)


def _else_if(stop: Stop) -> Diagnostic | None:
    if stop.token.text != "if" or stop.before is None or stop.before.text != "else":
        return None
    return NotInLanguage(
        span=stop.since(stop.before), what="`else if`", advice="write `elif`", replacement="elif"
    )


def _print(stop: Stop) -> Diagnostic | None:
    if stop.index != 1 or stop.line[0].text != "print":
        return None
    return UnexpectedText(
        span=stop.span, found=f"`{stop.token.text}`", expected="`(`", advice="write `print(...)`"
    )


def _comment(stop: Stop) -> Diagnostic | None:
    if stop.index or stop.token.text not in ("%", "//"):
        return None
    what = f"`{stop.token.text}` before a comment"
    return NotInLanguage(
        span=stop.span, what=what, advice="comments start with `#`", replacement="#"
    )


def _counted_loop(stop: Stop) -> Diagnostic | None:
    """`for i = 1:n`."""
    if stop.line[0].text != "for" or stop.index != 2 or stop.token.text != "=":
        return None
    name = stop.line[1].text
    advice = f"write `for {name} in range(n):`; it counts from 0"
    return NotInLanguage(span=stop.span, what="`=` in a `for`", advice=advice)


def _loop_header(stop: Stop) -> Diagnostic | None:
    """`for v of x:`, `for i range(n):` and `for i in 1:n:`."""
    if stop.line[0].text != "for" or stop.bracket:
        return None
    if stop.token.text == "of":
        return UnexpectedText(span=stop.span, found="`of`", expected="`in`", replacement="in")
    if stop.index == 2 and stop.token.type == "NAME":
        rest = stop.source.text[stop.token.start : stop.line[-1].start]
        advice = f"write `for {stop.line[1].text} in {rest}`"
        return UnexpectedText(
            span=stop.span, found=f"`{stop.token.text}`", expected="`in`", advice=advice
        )
    colons = [k for k, token in enumerate(stop.line[: stop.index]) if token.text == ":"]
    if stop.token.type == "NEWLINE" and len(colons) == 2 and colons[1] == stop.index - 1:
        start, end = stop.line[colons[0] - 1], stop.line[colons[1] - 1]
        span = Span(stop.source, start.start, end.end)
        advice = "write `range(start, stop)`; it counts from 0 and leaves the stop out"
        return NotInLanguage(span=span, what="a range with `:`", advice=advice)
    return None


def _declaration(stop: Stop) -> Diagnostic | None:
    """`let y = x`, `double y = x`, and the parameter `f64 x`."""
    before = stop.before
    if stop.token.type != "NAME" or before is None or before.text not in _DECLARES:
        return None
    if stop.index == 1:
        return NotInLanguage(
            span=Span(stop.source, before.start, stop.token.start),
            what=f"`{before.text}` before a name",
            advice=f"assigning makes a variable: `{stop.token.text} = ...`",
            replacement="",
        )
    if stop.line[0].text != "def" or stop.line[stop.index - 2].text not in ("(", ","):
        return None
    return NotInLanguage(
        span=stop.since(before),
        what="a type before a name",
        advice=f"the type stands after it: `{stop.token.text}: {before.text}`",
        replacement=f"{stop.token.text}: {before.text}",
    )


def _result_arrow(stop: Stop) -> Diagnostic | None:
    """`def f(x: f64) => f64:`, `def f(x: f64) f64:` and `def f(x: f64): -> f64`."""
    if stop.line[0].text != "def" or stop.bracket or stop.before is None:
        return None
    text, before, after = stop.token.text, stop.before, stop.after
    if before.text == ")" and text == "=" and after is not None and after.text == ">":
        span, replacement = Span(stop.source, stop.token.start, after.end), "->"
    elif before.text == ")" and stop.token.type == "NAME":
        span, replacement = Span(stop.source, stop.token.start, stop.token.start), "-> "
    elif before.text == ":" and text == "->":
        return UnexpectedText(
            span=stop.span,
            found="`->`",
            expected="a statement",
            advice="the result's type stands before the colon: `def f(x: f64) -> f64:`",
        )
    else:
        return None
    return UnexpectedText(
        span=span,
        found=f"`{span.text or text}`",
        expected="`->` or `:`",
        advice="the result's type follows `->`",
        replacement=replacement,
    )


def _misspelt(stop: Stop) -> Diagnostic | None:
    """`retrun x`, `whlie x > 0:`, `esle:`, `function f(x)`."""
    first = stop.line[0]
    ends = stop.line[-2].text if len(stop.line) > 1 else ""
    if first.type != "NAME" or not (stop.index == 1 or (ends == ":" and not stop.bracket)):
        return None
    if stop.token.type not in ("NAME", "NUMBER", "TEXT", "NEWLINE", "NOT", "LSQB", "TRUE", "FALSE"):
        return None
    near = get_close_matches(first.text.lower(), _FIRST_WORDS, n=2, cutoff=0.6)
    if "for" in near and any(token.text == "in" for token in stop.line):
        near = ["for"]
    meant = _WORDS.get(first.text) or (near[0] if near else None)
    if meant is None or meant == first.text:
        return None
    span = Span(stop.source, first.start, first.end)
    return MisspeltKeyword(span=span, word=first.text, meant=meant)


RULES = (
    _pasted,
    _decorated_record,
    _statement,
    _comment,
    _result_arrow,
    _pair,
    _expression,
    _membership,
    _increment,
    _star,
    _base_class,
    _else_if,
    _counted_loop,
    _loop_header,
    _declaration,
    _misspelt,
    _print,
)
