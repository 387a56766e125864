"""The table of diagnostics: every code once, every template complete."""

from dataclasses import fields

from dpc.dsl.errors.explanations import MODULES, classes_of

CLASSES = [item for module in MODULES for item in classes_of(module)]
FAMILIES: dict[str, str | tuple[str, ...]] = {
    "support": ("E0100", "E09"),
    "syntax": "E01",
    "names": "E02",
    "types": "E02",
    "modules": "E02",
    "functions": "E02",
    "shapes": "E03",
    "differentiability": "E04",
    "rules": "E04",
    "extern": ("E04", "E09"),
    "parallel": "E06",
}


def test_codes_are_unique() -> None:
    codes = [c.code for c in CLASSES]
    assert len(set(codes)) == len(codes)


def test_families() -> None:
    for item in CLASSES:
        home = item.__module__.rpartition(".")[2]
        assert item.code.startswith(FAMILIES[home])


def test_templates_use_their_fields() -> None:
    for item in CLASSES:
        values = {f.name: "x" for f in fields(item)}
        for template in (item.title, item.label, item.hint):
            assert "{" not in template.format(**values)
