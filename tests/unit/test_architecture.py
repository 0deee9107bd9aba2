"""Who may import whom, read from the code without running it."""

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
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
MOST_MODULES = 20
"""In one folder, its `__init__` not counted: more than that is a district that has not been named."""
PURE = {"numpy", "pydantic", "pydantic_core", "regex", "ruamel"}


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


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_folder_has_more_modules_than_a_newcomer_can_take_in(package: str) -> None:
    folders = {path.parent for path in (CHECKOUT / package).rglob("*.py")} - {CHECKOUT / "db/migrations/versions"}
    sizes = {
        str(folder.relative_to(CHECKOUT)): sum(path.name != "__init__.py" for path in folder.glob("*.py"))
        for folder in folders
    }
    assert {folder: size for folder, size in sizes.items() if size > MOST_MODULES} == {}


def test_modules_never_import_one_another_in_a_circle() -> None:
    """Also within a package, also inside functions, also for types alone."""
    try:
        TopologicalSorter(imported_modules()).prepare()
    except CycleError as circle:
        pytest.fail(f"a circle: {' <- '.join(circle.args[1])}")


def imported_modules() -> dict[str, set[str]]:
    """Of each module of ours, those that it imports."""
    modules = {dotted(path) for package in MAY_IMPORT for path in (CHECKOUT / package).rglob("*.py")}
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for package in MAY_IMPORT:
        for path, name in imports(package):
            graph[dotted(path)] |= {nearest(name, modules)} - {dotted(path), ""}
    return graph


def dotted(path: Path) -> str:
    """`scaling.spec` for scaling/spec/__init__.py."""
    return ".".join(path.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")


def nearest(name: str, modules: set[str]) -> str:
    """The module that a dotted name is in, or ""."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name
