"""E0250 to E0259: what `dpc explain` says about imports."""

from dpc.dsl.errors.explanation import Explanation

IMPORTS = {
    "E0250": Explanation(
        "`from name import ...` looks for `name.dp` beside the importing file, then in the "
        "standard library. A text given to `dpc.compile` has no file to look beside.",
        "from nowhere import thing\n",
        ("Correct the name.", "Move the module beside the file that imports it."),
    ),
    "E0251": Explanation(
        "The module defines, and imports, no function, record or constant of this name.",
        "from stats import normal_log_density\n",
        ("Correct the name.",),
    ),
    "E0252": Explanation(
        "A module is checked before the ones that import it, so none can import itself, directly "
        "or by way of others. The message lists the files in order and shows each import.",
        "",
        ("Move what both modules need into a third one.",),
    ),
    "E0253": Explanation(
        "The module's file is there but can't be read as UTF-8 text.",
        "",
        ("Save the file as UTF-8.", "Check the permissions of the file."),
    ),
}
