"""Who may import whom: the floors of docs/architecture.md, read from the source by ``ast``."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEAVES = ("wording", "data", "networks", "decoding", "estimators", "critics", "rewards", "metrics")
HEAVY = {"torch", "transformers", "accelerate", "datasets"}
#: All that the command line touches before and while it summarises.
LIGHT = (
    *("text", "wording", "inputs", "decoding", "metrics", "cli", "commands", "model.checkpoint", "summarizing"),
    *("explanation", "serve", "model.backends.onnx_backend", "integrations.registration", "training.yaml_tree"),
)


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for path in sorted(ROOT.glob("summae/**/*.py"))}
SCRIPTS = {module_of(path): path for path in sorted(ROOT.glob("scripts/*.py"))}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse((FILES | SCRIPTS)[module].read_text(encoding="utf-8"))


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def import_nodes(node: ast.AST, at_once: bool) -> list[ast.stmt]:
    """The import statements below ``node``; ``at_once``: those only that run when the module is imported."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [node]
    later = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or for_types_only(node)
    if at_once and later:
        below = node.orelse if for_types_only(node) else []
    else:
        below = list(ast.iter_child_nodes(node))
    return [found for child in below for found in import_nodes(child, at_once)]


@cache
def imports(module: str, at_once: bool = False) -> frozenset[str]:
    """Full names of all that ``module`` imports; the bare package ``summae`` (its version) is left out."""
    names: set[str] = set()
    for node in import_nodes(tree_of(module), at_once):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
            continue
        assert node.level == 0, f"{module}: imports are absolute, got {ast.unparse(node)}"
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            names.add(full if full in FILES else str(node.module))
    return frozenset(names - {"summae"})


def floors() -> dict[str, int]:
    """Path prefix ('summae/training/', 'summae/cli.py') → floor, from the table."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) [^|]*\|(.*)\|$", text, flags=re.MULTILINE)
    assert [int(floor) for floor, _ in rows] == [6, 5, 4, 3, 2, 1, 0]
    return {path: int(floor) for floor, row in rows for path in re.findall(r"`([\w/.]+)`", row)}


FLOORS = floors()


def floor_of(module: str) -> int | None:
    """The floor of the longest path in the table that the module is, or lies below."""
    path = (FILES | SCRIPTS)[module].relative_to(ROOT).as_posix()
    above = [known for known in FLOORS if path == known or (known.endswith("/") and path.startswith(known))]
    return FLOORS[max(above, key=len)] if above else None


def leaf_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in LEAVES else None


def ours(module: str, at_once: bool = False) -> list[str]:
    return sorted(name for name in imports(module, at_once) if name.startswith("summae."))


def test_every_module_stands_on_a_floor_and_every_entry_of_the_table_exists():
    assert [module for module in (*FILES, *SCRIPTS) if floor_of(module) is None] == [], "add it to docs/architecture.md"
    assert [path for path in FLOORS if not (ROOT / path).exists()] == [], "leave it out of docs/architecture.md"
    assert {leaf: FLOORS.get(f"summae/{leaf}/") for leaf in LEAVES} == dict.fromkeys(LEAVES, 1)


def test_imports_go_down_only():
    pairs = [(module, name) for module in (*FILES, *SCRIPTS) if floor_of(module) is not None for name in ours(module)]
    up = [f"{module} imports {name}" for module, name in pairs if (floor_of(name) or 0) > floor_of(module)]
    assert len(pairs) > 200 and up == []


def test_leaves_never_import_each_other():
    sideways = [
        f"{module} imports {name}"
        for module in FILES
        for name in ours(module)
        if leaf_of(module) and leaf_of(name) and leaf_of(module) != leaf_of(name)
    ]
    assert sideways == []


def test_no_module_imports_itself_on_a_way_round():
    """Imports inside a function may go round within a floor; those of a module may not."""
    finished: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " → ".join([*way[way.index(module) :], module])
        if module not in finished:
            for name in ours(module, at_once=True):
                if name in FILES:
                    visit(name, (*way, module))
            finished.add(module)

    for module in FILES:
        visit(module, ())


def heavy_way(module: str, way: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """The first chain of imports, run when ``module`` is imported, that ends in something heavy."""
    parents = [".".join(module.split(".")[:count]) for count in range(1, module.count(".") + 1)]
    for name in [*parents, *sorted(imports(module, at_once=True))]:
        if name.split(".")[0] in HEAVY:
            return (*way, module, name)
        if name in FILES and name not in way and name != module:
            if found := heavy_way(name, (*way, module)):
                return found
    return None


def light_modules() -> list[str]:
    wanted = [f"summae.{name}" for name in LIGHT]
    return [module for module in FILES if any(module == name or module.startswith(f"{name}.") for name in wanted)]


@pytest.mark.parametrize("module", light_modules())
def test_the_command_line_starts_without_torch(module):
    assert heavy_way(module) is None


def test_nor_does_anything_it_uses_import_torch():
    modules = ", ".join(light_modules())
    code = f"import sys, {modules}; print(sorted({HEAVY!r} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ran.stdout.strip(), ran.returncode) == ("[]", 0), ran.stderr


@pytest.mark.parametrize("module", [*FILES, *SCRIPTS])
def test_nothing_is_ever_unpickled(module):
    roots = {name.split(".")[0] for name in imports(module)}
    assert not roots & {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in ("torch.load", "torch.save", "pd.read_pickle")
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant) and node.value.value is False
    said = [ast.unparse(node) for node in import_nodes(tree_of(module), at_once=False)]
    assert not any(re.search(r"from torch(\.serialization)? import .*\b(load|save)\b", line) for line in said)
