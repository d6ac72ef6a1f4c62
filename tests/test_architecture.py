"""The import table of CONTRIBUTING.md, and a few habits, enforced on the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator
from functools import cache
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
    "components": {"gradio", "plotly", "numpy", "markupsafe", "segno"},
    "web": {"brotli"},
    "app.py": {"gradio"},
}
WHERE_IT_IS_NEEDED = {
    "spaces": ("inference/lent/zerogpu.py",),
    "httpx": ("inference/cluster/client.py",),
    "ray": ("inference/cluster/",),
    "starlette": ("inference/cluster/", "web/"),
    "anyio": ("inference/cluster/", "web/"),
    "prometheus_client": ("web/observed/metrics.py",),
    "transformers": ("models/hub/",),
    "huggingface_hub": ("models/hub/",),
}


def sources(owner: str) -> list[Path]:
    path = ROOT / owner
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """The top-level names that a file imports, anywhere in it."""
    for node in ast.walk(parsed(path)):
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
            if name in WHERE_IT_IS_NEEDED:
                assert where.startswith(WHERE_IT_IS_NEEDED[name]), f"{where} imports {name}"
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
            named = (n for n in ast.walk(parsed(path)) if isinstance(n, ast.Attribute))
            calls = {ast.unparse(one) for one in named if one.attr in ("load", "save")}
            assert not calls & {"torch.load", "torch.save", "np.load"}, path
    stored = [path.suffix for path in (ROOT / "checkpoints").rglob("*") if path.is_file()]
    assert set(stored) <= {".safetensors", ".json", ".md"}


SERVING = ("components", "inference", "web", "models", "analysis")
MUTATORS = {
    *("add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem"),
    *("popleft", "put", "remove", "setdefault", "update"),
}
CONTAINERS = {"Counter", "OrderedDict", "defaultdict", "deque", "dict", "list", "set"}
MEMOS = {"cache", "lru_cache", "cached"}
OF_THE_MACHINE = {
    "inference/cluster/__main__.py": ["os.environ.setdefault"],  # what Ray reads at its start
    "web/process.py": ["os.environ", "sys.modules.setdefault('matplotlib', None)"],
    "inference/cluster/protocol.py": ["@cache version"],
    "inference/lent/zerogpu.py": ["@cache backend"],  # of the process that has the GPU
    "models/transformer/linear_kernels.py": ["@cache ranking"],
}
"""What a file keeps for everybody because it says something of the machine, and of no person."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


@pytest.mark.parametrize("owner", SERVING)
def test_r29_no_module_holds_anything_of_a_person(owner: str) -> None:
    for path in sources(owner):
        allowed = OF_THE_MACHINE.get(path.relative_to(ROOT).as_posix(), [])
        found = kept_for_everybody(parsed(path))
        assert not [one for one in found if not any(part in one for part in allowed)], path


@pytest.mark.parametrize(
    "source",
    [
        "SEEN = {}\ndef f(text): SEEN[text] = 1",
        "SEEN = {'': 0}\ndef f(text): SEEN.setdefault(text, 1)",
        "SEEN = ['']\nasync def f(text): SEEN.append(text)",
        "SEEN = [[]]\ndef f(text): SEEN[0].append(text)",
        "SEEN = set(())\nf = lambda text: SEEN.add(text)",
        "SEEN = {}\ndef f(text): del SEEN[text]",
        "SEEN = {}\ndef f(text):\n    def g(): SEEN[text] = 1",
        "import state\ndef f(text): state.seen.append(text)",
        "import state\ndef f(text): state.last = text",
        "from state import SEEN\ndef f(text): SEEN.append(text)",
        "LAST = ''\ndef f(text):\n    global LAST\n    LAST = text",
        "class A: pass\ndef f(text): A.last = text",
        "class A:\n    @classmethod\n    def f(cls, text): cls.seen.append(text)",
        "class A:\n    seen = {}",
        "class A:\n    seen: dict[str, int] = defaultdict(int)",
        "@cache\ndef f(text): return text",
        "@functools.lru_cache(9)\ndef f(text): return text",
    ],
)
def test_r29_whatever_keeps_something_for_everybody_is_found(source: str) -> None:
    assert kept_for_everybody(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "NAMES = {'a': 1}\ndef f(text): return NAMES[text]",
        "SEEN = []\ndef f(SEEN, text): SEEN.append(text)",
        "def f(text):\n    seen = []\n    seen.append(text)",
        "class A:\n    def f(self, text): self.seen.append(text)",
        "import torch\ndef f(x): return torch.add(x, x)",
    ],
)
def test_r29_what_a_call_or_an_object_holds_is_its_own(source: str) -> None:
    assert not kept_for_everybody(ast.parse(source))


def kept_for_everybody(tree: ast.Module) -> list[str]:
    """What puts something into a module or a class, where it would be there for all."""
    imports = {name for node in ast.walk(tree) for name in imported_names(node)}
    held = imports | {name for node in tree.body for name in bound(node)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.ClassDef):
            found += [ast.unparse(one) for one in node.body if holds_container(one)]
        elif isinstance(node, Function | ast.Lambda):
            if not isinstance(node, ast.Lambda):
                memos = filter(is_memo, map(ast.unparse, node.decorator_list))
                found += [f"@{memo} {node.name}" for memo in memos]
            own = {name for part in ast.walk(node) for name in local(part)} - {"cls"}
            for part in ast.walk(node):
                at = changed(part)
                name = "" if at is None else root(at)
                if name and name not in own and name in held | {"cls"}:
                    of_module = isinstance(at, ast.Name) and name in imports
                    if not isinstance(part, ast.Call) or not of_module or name.isupper():
                        found.append(ast.unparse(part))
    return found


def imported_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)


def bound(node: ast.AST) -> Iterator[str]:
    """Names that a statement of a module binds there."""
    if isinstance(node, ast.ClassDef | Function):
        yield node.name
    else:
        yield from (n.id for n in ast.walk(node) if isinstance(n, ast.Name) and stores(n))


def local(node: ast.AST) -> Iterator[str]:
    """The name that a part of a function binds in it."""
    if isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Name) and stores(node):
        yield node.id


def stores(node: ast.Name | ast.Attribute | ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)


def changed(node: ast.AST) -> ast.expr | None:
    """What is changed by setting, deleting or calling something of it."""
    if isinstance(node, ast.Attribute | ast.Subscript) and stores(node):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.value if node.func.attr in MUTATORS else None
    return None


def root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def holds_container(node: ast.stmt) -> bool:
    """Whether a statement in a class makes something that can be filled."""
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).split(".")[-1] in CONTAINERS
    return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp)


def is_memo(decorator: str) -> bool:
    return decorator.partition("(")[0].split(".")[-1] in MEMOS


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
            for node in ast.walk(parsed(path)):
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
    for node in parsed(path).body:
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
