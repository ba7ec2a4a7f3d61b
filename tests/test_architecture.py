"""What holds for all files."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("imaging", "service", "training")

FILE_LINES = 250
FUNCTION_LINES = 45

PRIVATE = re.compile(r"/(work|home|Users|root)/|://(localhost:)?[\w.]*(pythonhosted|npmjs)\.\w+")
"""Paths of somebody's machine and hosts of registries."""


def tracked() -> list[Path]:
    """The files that belong to the project."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def sources() -> Iterator[Path]:
    """Our own Python files."""
    return (path for path in tracked() if path.suffix == ".py")


def modules() -> list[str]:
    """The modules of the packages that do something, as paths from the root; pure vocabulary needs no test."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return [str(path.relative_to(ROOT)) for path in paths if functions(path)]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions and methods of a file."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_files_are_small():
    """No Python file is longer than its budget."""
    lengths = {path.name: len(path.read_text().splitlines()) for path in sources()}

    assert {name: count for name, count in lengths.items() if count > FILE_LINES} == {}


def test_functions_are_small():
    """No function is longer than its budget, docstring included."""
    long = [
        f"{path.name}:{node.lineno} {node.name}"
        for path in sources()
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    ]

    assert [] == long


@pytest.mark.parametrize("module", modules())
def test_each_module_has_its_tests(module):
    """The tests of a module stand at the same path under tests."""
    path = Path(module)

    assert (ROOT / "tests" / path.parent / f"test_{path.name}").is_file()


def test_no_file_names_a_machine():
    """No file holds a path of somebody's machine or the host of a registry."""
    texts = {path: path.read_bytes().decode("utf-8", errors="ignore") for path in tracked() if path.suffix != ".npz"}

    assert [path.name for path, text in texts.items() if path != Path(__file__) and PRIVATE.search(text)] == []
