"""E01: what `dpc explain` says about the text itself."""

from dpc.dsl.errors.explanation import Explanation

SYNTAX = {
    "E0100": Explanation(
        "The program is legal, but this version of the compiler has no code for the construct. "
        "Nothing is ever compiled to something else instead.",
        "def f(x: f64[n, m]) -> f64[m]:\n    return sum(x[x > 0.0])\n",
        ("Write the construct in other terms; the hint names them where there are any.",),
    ),
    "E0101": Explanation(
        "A word, number or sign stands where the grammar has no place for it. The label says what "
        "could stand there.",
        "def f(x: f64) -> f64:\n    return x +\n",
        (
            "Look just before the marked place: something is missing or too much there.",
            "A keyword of Python can't be a name.",
        ),
    ),
    "E0102": Explanation(
        "The line with `if`, `elif`, `else`, `for`, `while`, `def` or `class` ends in a colon.",
        "def f(x: f64) -> f64:\n    if x > 0.0\n        return x\n    return -x\n",
        ("Write `:` at the end of the line.",),
    ),
    "E0103": Explanation(
        "A bracket is open where a new statement starts, or at the end of the file.",
        "def f(x: f64) -> f64:\n    y = (x + 1.0\n    return y\n",
        ("Close the bracket.",),
    ),
    "E0104": Explanation(
        "A closing bracket has no opening one, or closes one of another kind.",
        "def f(x: f64[n]) -> f64:\n    return x[0)\n",
        ("Remove the bracket, or make both of one kind.",),
    ),
    "E0105": Explanation(
        "A line is indented further than the one above although no block starts there.",
        "def f(x: f64) -> f64:\n    y = x\n        y += 1.0\n    return y\n",
        ("Give the line the indentation of its block.",),
    ),
    "E0106": Explanation(
        "`if`, `for`, `while`, `def` and `class` are followed by at least one statement, indented.",
        "def f(x: f64) -> f64:\n    if x > 0.0:\n    return x\n",
        ("Indent the statements of the block.", "Write `pass` where there is nothing to do."),
    ),
    "E0107": Explanation(
        "A line goes back to a column in which none of the open blocks starts.",
        "def f(x: f64) -> f64:\n    if x > 0.0:\n        x = 1.0\n      x = 2.0\n    return x\n",
        ("Align the line with the block it belongs to.",),
    ),
    "E0108": Explanation(
        "Whether a line is inside a block would depend on how wide a tab is shown.",
        "def f(x: f64) -> f64:\n\tif x > 0.0:\n\t\tx = 1.0\n        x = 2.0\n\treturn x\n",
        ("Indent with spaces only; `dpc fmt` does so.",),
    ),
    "E0109": Explanation(
        "A string ends on the line on which it starts, unless it has three quotes.",
        'def f(x: f64) -> f64:\n    assert x > 0.0, "positive\n    return x\n',
        ("Close the string.", 'Write `"""` around a text of several lines.'),
    ),
    "E0110": Explanation(
        "Numbers are decimal, `0x` hexadecimal or `0b` binary integers, and decimal floats. There "
        "are no complex numbers, no octal ones, and no leading zeros.",
        "A = 012\n",
        ("Write the number in one of these forms.",),
    ),
    "E0111": Explanation(
        "A character that means nothing outside of strings and comments; often a typographic sign "
        "that came with copied text.",
        "def f(x: f64) -> f64:\n    return 2 \u00d7 x\n",
        ("Write the operator or quote that the hint names.",),
    ),
    "E0112": Explanation(
        "The construct is Python's, or another language's. A model has values and functions of "
        "values only: no objects with identity, no exceptions, no effects.",
        "def f(x: f64) -> f64:\n    x++\n    return x\n",
        ("Write what the hint proposes.",),
    ),
    "E0113": Explanation(
        "`=` assigns and is a statement; `==` compares and is an expression.",
        "def f(x: f64) -> f64:\n    if x = 1.0:\n        return 0.0\n    return x\n",
        ("Write `==` to compare.", "Assign in a statement of its own before."),
    ),
    "E0114": Explanation(
        "`a = b = e` is not part of the language.",
        "def f(x: f64) -> f64:\n    a = b = x\n    return a + b\n",
        ("Write `a = e` and then `b = a`: values are copied in meaning.",),
    ),
    "E0115": Explanation(
        "Only variables, elements, slices, fields and tuples of these can be assigned to.",
        "def f(x: f64) -> f64:\n    x + 1.0 = x\n    return x\n",
        ("Write the variable on the left and the expression on the right.",),
    ),
    "E0116": Explanation(
        "A module holds imports, constants, type aliases, records and functions. It is never run, "
        "so a statement has no time at which it could be.",
        "x = 1.0\nfor i in range(3):\n    pass\n",
        ("Put the statement into a function.", "Compute a constant by an expression."),
    ),
    "E0117": Explanation(
        "Every variable has a value from its first line on.",
        "def f(x: f64) -> f64:\n    y: f64\n    y = x\n    return y\n",
        ("Write `y: f64 = ...` with a value, or leave the declaration out.",),
    ),
    "E0118": Explanation(
        "A record is data: fields with types, without defaults and methods.",
        "class Model:\n    w: f64 = 1.0\n",
        ("Write `name: type`.", "Make a method a function that takes the record."),
    ),
    "E0119": Explanation(
        "Between the braces of an f-string stands one expression, without a format.",
        'def f(x: f64) -> f64:\n    assert x > 0.0, f"x is {x:.3f}"\n    return x\n',
        ("Write the expression alone: `{x}`.", "Double a brace that is meant as text: `{{`."),
    ),
    "E0120": Explanation(
        "The compiler goes through nested code recursively and sets a limit before its own stack "
        "does.",
        "A = " + "(" * 101 + "1.0" + ")" * 101 + "\n",
        ("Give inner parts names of their own.", "Use an array and a loop for long sums."),
    ),
    "E0121": Explanation(
        "Arguments are matched by position first, by name afterwards.",
        "def f(a: f64, b: f64) -> f64:\n    return f(a=1.0, b)\n",
        ("Move it to the front, or give it its name.",),
    ),
    "E0122": Explanation(
        "A name occurs twice where each names another thing: parameters, keywords of a call, "
        "fields of a record.",
        "def f(a: f64, a: f64) -> f64:\n    return a\n",
        ("Rename or remove one of them.",),
    ),
    "E0123": Explanation(
        "Arguments are matched by position, so a parameter that must be given can't follow one "
        "that may be left out.",
        "def f(a: f64 = 1.0, b: f64) -> f64:\n    return a * b\n",
        ("Move it to the front, or give it a default.",),
    ),
    "E0124": Explanation(
        "Records and imports belong to the module, not to a function.",
        "def f(x: f64) -> f64:\n    class Local:\n        w: f64\n    return x\n",
        ("Move it out of the function.",),
    ),
    "E0125": Explanation(
        "`\\x` takes two hexadecimal digits, `\\u` four, `\\U` eight, `\\N` a character's name.",
        'def f(x: f64) -> f64:\n    assert x > 0.0, "\\x4"\n    return x\n',
        ("Complete the sequence.", "Write `\\\\` for a backslash."),
    ),
    "E0126": Explanation(
        "A line starts with a word and goes on as only a statement can. The word is nearly a "
        "keyword, or another language's.",
        "def f(x: f64) -> f64:\n    retrun 2.0 * x\n",
        ("Write the keyword that the hint names.", "Assign with `=` if a name is meant."),
    ),
}
