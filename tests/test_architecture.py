"""The import table of CONTRIBUTING.md, and a few habits, enforced on the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("models", "analysis", "learning", "inference", "training", "components", "web")
OURS = {
    "models": set(),
    "analysis": set(),
    "learning": {"models"},
    "inference": {"models", "learning"},
    "training": {"models", "learning", "inference", "analysis"},
    "components": {"inference", "analysis"},
    "web": {"inference"},
    "app.py": {"inference", "components", "web"},
}
THIRD_PARTY = {
    "models": {"torch", "numpy", "tokenizers", "safetensors"},
    "analysis": {"numpy", "regex", "sklearn"},
    "learning": {"torch", "numpy", "safetensors"},
    "inference": {"torch", "numpy", "cachetools"},
    "training": {
        "torch",
        "numpy",
        "tokenizers",
        "safetensors",
        "gensim",
        "numba",
        "sacrebleu",
        "sklearn",
        "umap",
    },
    "components": {"gradio", "plotly", "numpy", "markupsafe"},
    "web": {"starlette", "anyio", "brotli"},
    "app.py": {"gradio"},
}
ONE_PLACE_ALONE = {
    "spaces": "inference/loading/zerogpu.py",
    "transformers": "models/hub/",
    "huggingface_hub": "models/hub/",
}


def sources(owner: str) -> list[Path]:
    path = ROOT / owner
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The top-level names that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield str(node.module).split(".")[0]


@pytest.mark.parametrize("owner", OURS)
def test_imports_follow_the_table(owner: str) -> None:
    allowed = OURS[owner] | THIRD_PARTY[owner] | sys.stdlib_module_names
    own_name = owner.removesuffix(".py")
    for path in sources(owner):
        where = path.relative_to(ROOT).as_posix()
        for name in imported(path):
            if name in ONE_PLACE_ALONE:
                assert where.startswith(ONE_PLACE_ALONE[name]), f"{where} imports {name}"
            else:
                assert name in allowed | {own_name}, f"{where} imports {name}"


def test_every_folder_is_in_the_table() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests", "benchmarks"} == set(FOLDERS)


@pytest.mark.process
@pytest.mark.parametrize(
    "module", ["app", "components.page", "inference.service", "analysis.tokens"]
)
def test_importing_the_page_loads_no_heavy_library(module: str) -> None:
    heavy = ("torch", "sklearn", "transformers", "gensim", "plotly")
    program = f"import {module}, sys; print([name for name in {heavy!r} if name in sys.modules])"
    shown = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"


def test_t24_no_pickle_anywhere() -> None:
    for owner in OURS:
        for path in sources(owner):
            assert not {"pickle", "cPickle", "joblib", "dill"} & set(imported(path)), path
            tree = ast.parse(path.read_text(encoding="utf-8"))
            calls = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
            assert not calls & {"torch.load", "torch.save", "np.load"}, path
    stored = [path.suffix for path in (ROOT / "checkpoints").rglob("*") if path.is_file()]
    assert set(stored) <= {".safetensors", ".json", ".md"}


SERVING = ("components", "inference", "web", "models", "analysis")
EMPTY = {"{}", "[]", "dict()", "list()", "set()", "defaultdict()", "OrderedDict()", "deque()"}


def test_r29_no_module_holds_anything_of_a_person() -> None:
    """A container that begins empty at module level is there to be filled: by whom, for whom?"""
    for owner in SERVING:
        for path in sources(owner):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert not [n for n in ast.walk(tree) if isinstance(n, ast.Global)], path
            for node in tree.body:
                if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                    assert ast.unparse(node.value) not in EMPTY, f"{path}: {ast.unparse(node)}"


def test_nothing_that_serves_forks() -> None:
    """A process that has touched CUDA must not be forked."""
    for owner in SERVING:
        for path in sources(owner):
            assert "multiprocessing" not in imported(path), path
            assert "os.fork" not in path.read_text(encoding="utf-8"), path


def test_no_function_is_too_long_to_read() -> None:
    too_long = []
    for owner in OURS:
        for path in sources(owner):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                    length = node.end_lineno - node.lineno + 1
                    if length > 50:
                        too_long.append(f"{path.relative_to(ROOT)}:{node.name} {length}")
    assert not too_long


def test_a_folder_is_taken_in_at_a_glance() -> None:
    folders = {path.parent for owner in OURS for path in sources(owner)} - {ROOT}
    for folder in folders:
        assert len([path for path in folder.glob("*.py") if path.stem != "__init__"]) <= 15, folder


def test_the_longest_chain_of_imports_is_short() -> None:
    """Of what is imported when the page is built: not inside functions, not for types alone."""
    chain = longest("app", modules())
    assert len(chain) <= 10, chain


def modules() -> dict[str, set[str]]:
    """Our modules by name, each with those that importing it imports."""
    paths = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for owner in OURS
        for path in sources(owner)
    }
    found = {name: set(at_import(path, paths.keys())) for name, path in paths.items()}
    return {name: imports & paths.keys() for name, imports in found.items()}


def at_import(path: Path, known: Collection[str]) -> Iterator[str]:
    """Modules that a file imports at its top level, by their full names."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in known else node.module


def longest(name: str, imports: dict[str, set[str]]) -> tuple[str, ...]:
    """The longest chain of imports that begins with a module."""
    further = (longest(one, imports) for one in imports[name])
    return (name, *max(further, key=len, default=()))


def test_the_collection_stays_small_enough_to_clone() -> None:
    files = [path for path in (ROOT / "checkpoints").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 200_000_000


def test_no_checkpoint_file_needs_large_file_storage() -> None:
    large = [p for p in (ROOT / "checkpoints").rglob("*") if p.is_file() and p.stat().st_size > 9e6]
    assert not large
