"""Who may import whom, read from the source: `if TYPE_CHECKING` obeys it too.

`mining` is pure, `store` and `words` know no Home Assistant, what reads the host knows
neither the store nor its neighbour, and what people see knows the coordinator alone.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import os
from pathlib import Path
import subprocess
import sys
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent / "custom_components" / "automation_scout"
FILES: Final = sorted(ROOT.rglob("*.py"))
SOURCES: Final = ("recorder_source", "home_facts", "installer")
WIRING: Final = frozenset(
    {
        "__init__",
        "acceptance",
        "administrators",
        "alarm",
        "answers",
        "asking",
        "backtest",
        "coordinator",
        "drafts",
        "error_text",
        "forgetting",
        "given_names",
        "hindsight",
        "ingest",
        "language",
        "markdown",
        "news",
        "notice_options",
        "notices",
        "notifications",
        "options",
        "own",
        "parts",
    }
    | {"phases", "refine", "run", "schedule", "shown", "standing", "stores"}
    | {"suggestion", "tidings", "trial", "troubles", "verdicts", "wording"}
    | {"preview", "refine_words", "refining", "wishes", "words_form"}
)
"""What composes the layers; every other module of the top is surface."""
VALUES: Final = frozenset(
    f"mining.{name}"
    for name in ("evidence", "facts", "result", "rules", "settings", "watched")
) | {"store.runs:RunRow"}
"""Types that the surface may name."""
BLOCKING: Final = frozenset({"asyncio", "logging", "sqlite3", "aiohttp", "socket"})
UNSTEADY: Final = frozenset(
    {
        "os",
        "pathlib",
        "random",
        "secrets",
        "subprocess",
        "tempfile",
        "threading",
        "uuid",
    }
)
"""What would make the answer hang on more than the input."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement's target."""

    line: int
    target: str
    """Inside the integration: module from its root; outside: full name."""
    name: str
    inside: bool
    at_start: bool
    """Runs when the module is imported."""


def module_of(path: Path) -> str:
    """Return the name of a module from the root of the integration."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and parts[:-1] else parts)


MODULES: Final = {module_of(path): path for path in FILES}


def imports_of(path: Path) -> Iterator[Import]:
    """Yield the imports of a file, wherever they stand."""
    tree = ast.parse(path.read_text("utf-8"))
    lazy: set[int] = set()
    for node in ast.walk(tree):
        hidden: list[ast.stmt] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or (
            isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        ):
            hidden = node.body
        lazy |= {id(child) for statement in hidden for child in ast.walk(statement)}
    for node in ast.walk(tree):
        at_start = id(node) not in lazy
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name, "", False, at_start)
        elif isinstance(node, ast.ImportFrom):
            yield from _from(path, node, at_start)


def _from(path: Path, node: ast.ImportFrom, at_start: bool) -> Iterator[Import]:
    base = (node.module or "").split(".") if node.module else []
    inside = bool(node.level)
    if inside:
        package = list(path.relative_to(ROOT).parts[:-1])
        assert node.level <= len(package) + 1, f"{path}:{node.lineno} leaves the root"
        base = package[: len(package) - node.level + 1] + base
    elif base[:2] == ["custom_components", "automation_scout"]:
        base, inside = base[2:], True
    for alias in node.names:
        target = ".".join(base)
        deeper = ".".join([*base, alias.name])
        if inside and deeper in MODULES:
            yield Import(node.lineno, deeper, "", True, at_start)
        else:
            yield Import(
                node.lineno, target or "__init__", alias.name, inside, at_start
            )


def layer_of(module: str) -> str:
    """Return the package of a module, or what kind of a top module it is."""
    first, _, rest = module.partition(".")
    if rest or (ROOT / first).is_dir():
        return first
    return "wiring" if module in WIRING else "surface"


ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "mining": frozenset({"mining"}),
    "store": frozenset({"store", "mining"}),
    "words": frozenset({"words", "mining"}),
    "lifecycle": frozenset({"lifecycle", "mining"}),
    "llm": frozenset({"llm", "mining", "words"}),
    "recorder_source": frozenset({"recorder_source", "mining", "const"}),
    "home_facts": frozenset({"home_facts", "mining", "const"}),
    "installer": frozenset({"installer", "mining", "const", "markdown"}),
    "wiring": frozenset(
        {"mining", "store", "words", "lifecycle", "llm", "const", *SOURCES, *WIRING}
    ),
    "assist": frozenset(
        {"assist", "companion", "const", "coordinator", "error_text", "lifecycle"}
        | {"suggestion", "words"}
    ),
    "surface": frozenset(
        {"administrators", "companion", "const", "coordinator", "entity"}
        | {"lifecycle", "markdown", "news", "notice_options", "options", "shown"}
        | {"suggestion", "given_names", "words_form"}
        # A part of one platform.
        | {"described_sensor", "model_sensors"}
    ),
}
"""Layer to the packages and top modules of the integration that it may import."""
OUTSIDE: Final[Mapping[str, frozenset[str]]] = {
    "mining": frozenset({"astral", "numpy"}),
    "store": frozenset({"aiosqlite", "numpy"}),
    "words": frozenset(),
    "lifecycle": frozenset(),
    "llm": frozenset({"homeassistant", "openai", "voluptuous"}),
    "recorder_source": frozenset({"homeassistant", "numpy", "sqlalchemy"}),
    "home_facts": frozenset({"astral", "homeassistant", "voluptuous", "yaml"}),
    "installer": frozenset({"homeassistant", "voluptuous", "yaml"}),
    "wiring": frozenset({"homeassistant", "voluptuous"}),
    "assist": frozenset({"hassil", "homeassistant", "voluptuous"}),
    "surface": frozenset({"homeassistant", "voluptuous"}),
}
"""Layer to the foreign packages that it may import, beside the standard library."""
ADAPTERS: Final[Mapping[str, frozenset[str]]] = {
    "llm.ai_task": frozenset({"homeassistant", "voluptuous"}),
    "llm.openai": frozenset({"openai"}),
}
"""The modules of `llm` that know a provider, and the packages of each."""


def may_import(module: str, item: Import) -> bool:
    """Return whether the table allows an import."""
    layer = layer_of(module)
    first = item.target.partition(".")[0]
    if item.inside:
        # The entry type comes from the coordinator; nobody takes it from the package.
        if first == "__init__":
            return False
        named = {item.target, f"{item.target}:{item.name}"}
        return bool(
            first in ALLOWED[layer]
            or (layer in {"assist", "surface"} and named & VALUES)
            or (module == "__init__" and first in {"assist", "card", "services"})
            or (module, item.target, item.name) == ("assist.start", "llm", "TOOLS")
        )
    if item.target == "probatio":
        # For the type checker `voluptuous` is what Home Assistant puts in its place.
        return (
            layer in {"assist", "installer", "llm", "wiring", "surface"}
            and not item.at_start
        )
    if layer == "llm" and first in OUTSIDE[layer]:
        return first in ADAPTERS.get(module, ())
    return first in OUTSIDE[layer] or first in sys.stdlib_module_names


@pytest.mark.parametrize("module", MODULES)
def test_imports_keep_to_the_table(module: str) -> None:
    wrong = [
        f"{module}:{item.line} imports {item.target} {item.name}".rstrip()
        for item in imports_of(MODULES[module])
        if not may_import(module, item)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("module", "item"),
    [
        ("mining.rules", Import(1, "homeassistant.core", "", False, False)),
        ("mining.rules", Import(1, "const", "DOMAIN", True, True)),
        ("mining.rules", Import(1, "store.archive", "Archive", True, False)),
        ("store.archive", Import(1, "homeassistant.core", "", False, True)),
        ("store.archive", Import(1, "coordinator", "", True, False)),
        ("words.catalogue", Import(1, "store.runs", "RunRow", True, True)),
        ("home_facts.scope", Import(1, "recorder_source", "", True, True)),
        ("recorder_source.reader", Import(1, "store.archive", "", True, False)),
        ("recorder_source.reader", Import(1, "coordinator", "", True, False)),
        ("installer.install", Import(1, "store.installed", "", True, False)),
        ("installer.checks", Import(1, "home_facts", "", True, True)),
        ("coordinator", Import(1, "sensor", "", True, True)),
        ("sensor", Import(1, "store.archive", "", True, True)),
        ("sensor", Import(1, "mining.detectors.follows", "", True, True)),
        ("services", Import(1, "recorder_source", "", True, False)),
        ("button", Import(1, "__init__", "ScoutConfigEntry", True, True)),
        ("button", Import(1, "openai", "", False, True)),
        ("assist.desk", Import(1, "store.suggestions", "SuggestionRow", True, True)),
        ("assist.tools", Import(1, "llm", "TOOLS", True, True)),
        ("words.names", Import(1, "assist.saying", "line", True, True)),
        ("services", Import(1, "probatio", "", False, True)),
        ("services", Import(1, "store.runs", "RunStore", True, False)),
        ("llm.writer", Import(1, "openai", "", False, False)),
        ("llm.writer", Import(1, "homeassistant.core", "", False, True)),
        ("llm.openai", Import(1, "homeassistant.core", "", False, True)),
        ("llm.openai", Import(1, "httpx", "", False, False)),
        ("llm.writer", Import(1, "store.texts", "TextStore", True, True)),
        ("words.catalogue", Import(1, "llm.model", "Model", True, True)),
    ],
)
def test_the_table_forbids(module: str, item: Import) -> None:
    assert not may_import(module, item)


@pytest.mark.parametrize("module", [m for m in MODULES if layer_of(m) == "llm"])
def test_only_the_adapter_knows_home_assistant_and_only_while_it_is_used(
    module: str,
) -> None:
    host = {"homeassistant", "voluptuous", "probatio"}
    wrong = [
        f"{module}:{item.line} imports {item.target}"
        for item in imports_of(MODULES[module])
        if item.target.partition(".")[0] in host
        and (item.at_start or module != "llm.ai_task")
    ]
    assert wrong == []


def mining_files() -> list[Path]:
    return [path for path in FILES if layer_of(module_of(path)) == "mining"]


@pytest.mark.parametrize("path", mining_files(), ids=module_of)
def test_mining_hangs_on_its_input_alone(path: Path) -> None:
    """No clock, no environment, no chance, no disk, no thread."""
    wrong: list[str] = []
    for item in imports_of(path):
        first = item.target.partition(".")[0]
        clock = item.target == "time" and (
            module_of(path) != "mining.pipeline" or item.name != "perf_counter"
        )
        if clock or (not item.inside and first in BLOCKING | UNSTEADY):
            wrong.append(f"{item.line}: {item.target}")
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in {
            "environ", "now", "random", "today", "utcnow",
        }:  # fmt: skip
            wrong.append(f"{node.lineno}: .{node.attr}")
        if isinstance(node, ast.Name) and node.id in {"input", "open", "print"}:
            wrong.append(f"{node.lineno}: {node.id}")
    assert wrong == []


def reached_at_start(module: str) -> dict[str, str]:
    """Return what importing a module imports, each with who asked for it."""
    reached = {module: ""}
    waiting = [module]
    while waiting:
        current = waiting.pop()
        for item in imports_of(MODULES[current]):
            if not item.at_start:
                continue
            targets = [item.target]
            if item.inside:
                # A module brings the packages that it lies in.
                parts = item.target.split(".")
                targets = [".".join(parts[: i + 1]) for i in range(len(parts))]
            for target in targets:
                if target not in reached:
                    reached[target] = current
                    if item.inside and target in MODULES:
                        waiting.append(target)
    return reached


@pytest.mark.parametrize(
    "module", [m for m in MODULES if layer_of(m) in {"wiring", "surface"}]
)
def test_set_up_needs_no_numpy(module: str) -> None:
    """It would hold up the start of Home Assistant; the first analysis fetches it."""
    reached = reached_at_start(module)
    assert {name: reached[name] for name in reached if name.startswith("numpy")} == {}


@pytest.mark.parametrize("module", [m for m in MODULES if m != "llm.openai"])
def test_nothing_at_start_needs_openai(module: str) -> None:
    """It takes seconds; what sets up a model imports its adapter when there is one."""
    assert "openai" not in reached_at_start(module)


def test_the_search_for_openai_finds_it() -> None:
    assert reached_at_start("llm.openai")["openai"] == "llm.openai"


def test_the_search_for_numpy_finds_it() -> None:
    assert "numpy" in reached_at_start("mining.pipeline")
    assert reached_at_start("store.archive")["numpy"]


def plain_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code where the integration's folder is on the path and the host is not."""
    blocker = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in {'homeassistant', 'custom_components',\n"
        "                'aiosqlite', 'sqlalchemy', 'voluptuous', 'probatio'}:\n"
        "            raise ImportError(f'{name} is not here')\n"
        "sys.meta_path.insert(0, Blocked())\n"
    )
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", blocker + code],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_plain_interpreter_mines() -> None:
    """Without Home Assistant, without the integration around it."""
    done = plain_python(
        "from mining.events import log_of_rows\n"
        "from mining.facts import HomeFacts\n"
        "from mining.pipeline import mine\n"
        "from mining.settings import MiningSettings\n"
        "day, minute = 86_400_000, 60_000\n"
        "rows = []\n"
        "for n in range(20_470, 20_500):\n"
        "    at = n * day + 1200 * minute + n * n % 7 * minute\n"
        "    rows.append((at - 400 * minute, 'light.a', 'off', 1, ''))\n"
        "    rows.append((at, 'light.a', 'on', 1, ''))\n"
        "result = mine(log_of_rows(rows), HomeFacts('UTC'), MiningSettings())\n"
        "assert not result.errors, result.errors\n"
        "print([p.rule.trigger.minute for p in result.proven\n"
        "       if p.rule.action.state == 'on'])\n"
        "assert not {'sqlite3', 'homeassistant'} & set(sys.modules)\n"
    )
    assert done.stderr == ""
    assert done.stdout.strip() in {"[1200]", "[1205]"}
    assert plain_python("import homeassistant").returncode != 0


def test_a_plain_interpreter_edits_a_file() -> None:
    """What touches the bytes of a person's file knows nothing but bytes."""
    done = plain_python(
        "from pathlib import Path\n"
        "from installer import files, text\n"
        "config = {'id': 'a', 'alias': 'A', 'actions': []}\n"
        "after, splice = text.append(b'[]\\n', config)\n"
        "assert text.remove(after, config, splice) == b'[]\\n'\n"
        "assert files.read(Path('/nowhere/at/all')) is None\n"
        "assert 'homeassistant' not in sys.modules\n"
    )
    assert done.stderr == ""


def test_value_types_come_without_numpy() -> None:
    modules = ", ".join(sorted(value for value in VALUES if ":" not in value))
    done = plain_python(f"import {modules}\nassert 'numpy' not in sys.modules\n")
    assert done.stderr == ""


def test_every_module_has_a_layer() -> None:
    assert {layer_of(module) for module in MODULES} <= set(ALLOWED) == set(OUTSIDE)
    assert set(MODULES) >= WIRING
    assert len(MODULES) > 50
