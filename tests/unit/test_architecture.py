"""Who may import whom, read from the code without running it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "scaling": set[str](),
    "db": {"scaling"},
    "results": {"scaling", "db"},
    "worker": {"scaling", "db"},
    "dashboard": {"scaling", "db", "results", "worker.submit"},
    "overthink": {"scaling", "db", "results", "worker", "demo"},
    "demo": set[str](),
}
ONLY_IN = {
    "torch": {"demo"},
    "vllm": set[str](),  # the server is a process of its own
    "streamlit": {"dashboard"},
    "sqlalchemy": {"db", "results", "worker", "dashboard", "overthink"},
}
PURE = {"numpy", "pydantic", "pydantic_core", "ruamel"}


def imports(package: str) -> Iterator[tuple[Path, str]]:
    """Every absolute module name that a package imports, also inside functions, with the file it is in."""
    for path in sorted((CHECKOUT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(), str(path))):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                assert node.module is not None
                yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)


def is_within(module: str, allowed: str) -> bool:
    return f"{module}.".startswith(f"{allowed}.")


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_our_packages_import_one_another_in_one_direction(package: str) -> None:
    allowed = {package, *MAY_IMPORT[package]}
    strays = [
        f"{path.relative_to(CHECKOUT)} imports {module}"
        for path, module in imports(package)
        if module.split(".")[0] in MAY_IMPORT and not any(is_within(module, name) for name in allowed)
    ]
    assert strays == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_heavy_library_stays_where_it_belongs(library: str) -> None:
    strays = [
        f"{path.relative_to(CHECKOUT)} imports {module}"
        for package in set(MAY_IMPORT) - ONLY_IN[library]
        for path, module in imports(package)
        if is_within(module, library)
    ]
    assert strays == []


def test_what_we_study_is_pure() -> None:
    known = sys.stdlib_module_names | PURE | {"scaling"}
    strays = [
        f"{path.relative_to(CHECKOUT)} imports {module}"
        for path, module in imports("scaling")
        if module.split(".")[0] not in known
    ]
    assert strays == []
