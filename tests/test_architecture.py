"""The house: imports go down the floors, folders meet only in the IR, files stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "lgc.errors",
        "lgc.guards",
        "lgc.forks",
        "lgc.translation",
        "lgc.prices",
        "lgc.timing",
        "lgc.limits",
        "lgc.deadlines",
    ),
    (
        "lgc.tables",
        "lgc.files",
        "lgc.binarisation",
        "lgc.demo",
        "lgc.parallel",
        "lgc.extras",
        "lgc.trials",
    ),
    ("lgc.checkpoint", "lgc.cache", "lgc.results", "lgc.covers"),
    ("lgc.loops",),
    ("lgc.words",),
    ("lgc.levels", "lgc.overlaps", "lgc.peeling"),
    ("lgc.evaluation",),
    ("lgc.netlist", "lgc.inputs"),
    (
        "lgc.netlist_text",
        "lgc.surgery",
        "lgc.metrics",
        "lgc.sequential_sharing",
        "lgc.data",
        "lgc.facts",
        "lgc.literals",
    ),
    ("lgc.sharing", "lgc.encoding", "lgc.quantisation"),
    ("lgc.cuts", "lgc.window_proofs", "lgc.splitting"),
    ("lgc.dontcares",),
    ("lgc.covering", "lgc.sums"),
    ("lgc.proof",),
    ("lgc.synthesis", "lgc.exchange"),
    ("lgc.dialect", "lgc.reduction"),
    ("lgc.text", "lgc.chain", "lgc.summed"),
    ("lgc.mapping",),
    (
        "lgc.reference",
        "lgc.numbers_around",
        "lgc.streams",
        "lgc.flattening",
        "lgc.neighbours",
        "lgc.assembling",
        "lgc.narrowing",
    ),
    (
        "lgc.approximation",
        "lgc.equivalence",
        "lgc.registry",
        "lgc.peers",
        "lgc.cluster",
        "lgc.batches",
        "lgc.recurrence",
    ),
    ("lgc.hardware", "lgc.kernel_module"),
    ("lgc.interfaces", "lgc.proving", "lgc.reading"),
    ("lgc.registers",),
    ("lgc.heads",),
    ("lgc.interchange", "lgc.description", "lgc.finding", "lgc.glimpse", "lgc.states"),
    ("lgc.geometry", "lgc.nn"),
    ("lgc.convolving",),
    (
        "lgc.passes",
        "lgc.frontends",
        "lgc.backends",
        "lgc.pipeline",
        "lgc.universe",
        "lgc.benchmark",
    ),
    ("lgc.instruments", "lgc.reproducer", "lgc.model", "lgc.lazy"),
    ("lgc.report",),
    ("lgc.driver", "lgc.plot", "lgc.images", "lgc.automata"),
    ("lgc.checking", "lgc.hdl", "lgc.inspecting", "lgc.refining", "lgc.dynamo"),
    ("lgc.verification", "lgc.provers"),
    ("lgc.training",),
    ("lgc.searching", "lgc.estimator"),
    ("lgc.cli",),
)
"""From the ground up; a module may import only from floors below, or inside its own package."""

FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
FOLDERS = {
    "lgc": "lgc",
    "passes": "lgc.passes",
    "frontends": "lgc.frontends",
    "backends": "lgc.backends",
}


def sources() -> dict[str, Path]:
    """All modules by dotted name."""
    found: dict[str, Path] = {}
    for folder, package in FOLDERS.items():
        for file in sorted((ROOT / folder).rglob("*.py")):
            parts = file.relative_to(ROOT / folder).with_suffix("").parts
            found[".".join((package, *parts)).removesuffix(".__init__")] = file
    return found


def imports(name: str, file: Path) -> set[str]:
    """Dotted names of the lgc modules that a module imports, lazily or not."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join(base) if node.level else ""
            module = ".".join(part for part in (start, node.module) if part)
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return {one for one in found if one.split(".")[0] == "lgc"}


def owner(dotted: str) -> str:
    """The floor's entry a dotted name belongs to."""
    parts = dotted.split(".")
    for size in range(len(parts), 0, -1):
        if ".".join(parts[:size]) in FLOOR:
            return ".".join(parts[:size])
    return "lgc"


@pytest.mark.parametrize("name", sources())
def test_imports_go_down(name: str) -> None:
    if name in ("lgc", "lgc.__main__"):  # the front door names what is behind it
        return
    home = owner(name)
    assert home in FLOOR, f"{name} has no floor in this test"
    for imported in imports(name, sources()[name]):
        other = owner(imported)
        if other in (home, "lgc"):
            continue
        assert FLOOR[other] < FLOOR[home], f"{name} imports {imported}"


@pytest.mark.parametrize("name", sources())
def test_a_file_is_one_idea(name: str) -> None:
    file = sources()[name]
    tree = ast.parse(file.read_text())
    assert ast.get_docstring(tree), f"{name} does not say what it is for"
    assert len(file.read_text().splitlines()) <= 400, f"{name} is long"


def test_importing_lgc_is_cheap() -> None:
    code = (
        "import sys, lgc; heavy = {'torch', 'llvmlite', 'xdsl', 'numpy', 'click'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_public_names_exist() -> None:
    import lgc

    assert all(getattr(lgc, name) is not None for name in lgc.__all__)
    with pytest.raises(AttributeError, match="module 'lgc' has no attribute 'nonsense'"):
        lgc.nonsense  # noqa: B018


def test_every_package_is_installed() -> None:
    """A folder that is missing from the list works in a checkout and nowhere else."""
    import tomllib

    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {name for name, file in sources().items() if file.name == "__init__.py"}
    assert set(listed) == found
