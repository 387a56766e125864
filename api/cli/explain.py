"""`dpc explain [CODE]`: what a diagnostic means, an example, what helps."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "code",
        nargs="?",
        metavar="CODE",
        help="such as E0304, a warning's name, or `warnings`; without: all codes",
    )
    parser.add_argument(
        "--markdown", action="store_true", help="all explanations as the page docs/errors.md"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Print an explanation, or the list of codes."""
    # Here, as `dpc --help` needs none of these.
    from dpc.cli import UsageError
    from dpc.dsl.errors.explanations import EXPLANATIONS, as_list, as_page, as_text
    from dpc.dsl.resolve import nearest
    from dpc.dsl.warning_levels import as_list as warnings
    from dpc.dsl.warning_levels import warning_names

    if arguments.markdown:
        print(as_page(), end="")
        return 0
    if arguments.code is None:
        print(as_list())
        return 0
    if arguments.code in ("warnings", "warning"):
        print(warnings())
        return 0
    code = warning_names().get(arguments.code) or arguments.code.strip("[]").upper()
    if code not in EXPLANATIONS:
        near = nearest(code, EXPLANATIONS)
        hint = f"; did you mean `{near}`?" if near else "; `dpc explain` lists the codes"
        raise UsageError(f"there is no diagnostic `{arguments.code}`{hint}")
    print(as_text(code))
    return 0
