"""The rules of the house that import-linter cannot say, each as a test that names the offenders."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "domain",
    "tools",
    "engines",
    "connectors",
    "storage",
    "activities",
    "workflows",
    "realtime",
    "gateway",
    "workers",
)
GENERATED = re.compile(r"_pb2(_grpc)?$")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if not GENERATED.search(path.stem))

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70
MAX_FOLDER_FILES = 20
GROWS = "storage/migrations/versions"
"""One file for each change of the tables, in their order, for good."""
"""About 15 is the aim; past 20 a folder holds two ideas."""
SYSTEM_MODULES = {"asyncio", "os", "time", "random", "secrets"}
"""What lets a decision wait, read a clock or roll dice."""
CHANCE = {"now", "utcnow", "today", "uuid1", "uuid4"}
"""Calls that do the same, of modules that are otherwise pure."""
GPL_LIBRARIES = {"piper", "espeakng_loader", "espeakng", "phonemizer"}
GPL_ENGINES = {"engines.piper", "engines.espeak"}
EMPTY_WORDS = re.compile(r"(?:^|_)(?:utils?|common|helpers?)(?:_|$)|(?:Manager|Base|Helper|Utils?)$")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def imported(tree: ast.AST) -> Iterator[str]:
    """Every dotted name that a module imports, at its top or anywhere inside."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "import_module"):
            yield from (
                arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            )


def importers(names: set[str], sources: list[Path] = SOURCES) -> set[str]:
    """The files that import one of `names` or something inside it."""
    return {
        relative(path)
        for path in sources
        if any(
            module in names or module.startswith(tuple(f"{name}." for name in names))
            for module in imported(tree_of(path))
        )
    }


def tracked() -> list[Path]:
    """Every text file that is in the repository, or would be by `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_there_is_something_to_check() -> None:
    assert len(SOURCES) > 50
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == set(ROOMS)


def test_domain_imports_only_the_standard_library_and_neither_waits_nor_reads_a_clock() -> None:
    allowed = (sys.stdlib_module_names | {"domain"}) - SYSTEM_MODULES
    strangers = {
        f"{relative(path)}: {module}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "domain")
        for module in imported(tree_of(path))
        if module.partition(".")[0] not in allowed
    }
    assert strangers == set()


def test_what_domain_calls_is_the_same_at_every_time() -> None:
    """Workflows decide with it outside of what their sandbox watches."""
    found = {
        f"{relative(path)}: {node.func.attr}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "domain")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANCE
    }
    assert found == set()


def test_on_the_live_line_only_one_folder_knows_temporal() -> None:
    durable = ROOT / "realtime" / "durable"
    realtime = [path for path in SOURCES if path.is_relative_to(ROOT / "realtime")]
    assert importers({"temporalio", "workflows"}, [path for path in realtime if durable not in path.parents]) == set()


def test_gpl_voices_stay_in_their_own_process() -> None:
    assert importers(GPL_LIBRARIES) <= {"engines/piper.py", "engines/espeak.py"}
    assert importers(GPL_ENGINES) <= {"workers/speech.py"}
    assert importers({"workers.speech"}) == set()


def test_files_and_functions_stay_short() -> None:
    long_files = {relative(path) for path in SOURCES if len(path.read_text().splitlines()) > MAX_FILE_LINES}
    long_functions = {
        f"{relative(path)}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert long_files | long_functions == set()


def test_folders_stay_small() -> None:
    folders = {path.parent for path in SOURCES}
    files = {relative(folder): len([p for p in folder.glob("*.py") if p.name != "__init__.py"]) for folder in folders}
    assert {name: count for name, count in files.items() if count > MAX_FOLDER_FILES and name != GROWS} == {}


def test_names_say_something() -> None:
    names = [(relative(path), path.stem) for path in SOURCES]
    for path in SOURCES:
        names += [(relative(path), node.name) for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]
    assert {f"{where}: {name}" for where, name in names if EMPTY_WORDS.search(name)} == set()


@pytest.mark.parametrize("name", ["utils", "common", "str_helpers", "CallManager", "EngineBase"])
def test_the_rule_about_names_finds_the_empty_ones(name: str) -> None:
    assert EMPTY_WORDS.search(name)


def test_every_module_opens_with_a_sentence() -> None:
    silent = {relative(path) for path in SOURCES if not (ast.get_docstring(tree_of(path)) or "").strip()}
    assert silent == set()


def test_no_activity_is_abandoned() -> None:
    """An activity cancelled with ABANDON wedges its workflow for good when it times out later."""
    word = "ABAN" + "DON"
    offenders = {
        f"{relative(path)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == word and "Cancellation" in ast.unparse(node.value)
    }
    assert offenders == set()


def test_what_is_made_of_the_speech_port_is_up_to_date(tmp_path: Path) -> None:
    """`make speech-proto` makes it again."""
    proto = "engines/speech_v1/speech.proto"
    made = [f"--{kind}_out={tmp_path}" for kind in ("python", "pyi", "grpc_python")]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT}", *made, proto], cwd=ROOT, check=True)
    found = {path.name: path.read_text() for path in (tmp_path / "engines" / "speech_v1").iterdir()}
    assert len(found) == 3
    assert found == {name: (ROOT / "engines" / "speech_v1" / name).read_text() for name in found}


def test_migrations_are_one_chain() -> None:
    """Each has the number of its file and follows the one before: Alembic stops at two heads."""
    said = re.compile(r'^(revision|down_revision) = (?:"(\d+)"|None)$', re.MULTILINE)
    files = sorted((ROOT / "storage" / "migrations" / "versions").glob("s*.py"))
    chain = [(path.name[1:5], dict(said.findall(path.read_text()))) for path in files]
    assert [(number, found["revision"], found["down_revision"]) for number, found in chain] == [
        (f"{n:04}", f"{n:04}", f"{n - 1:04}" if n > 1 else "") for n in range(1, len(files) + 1)
    ]


REGISTRIES = [
    "pypi" + ".org",
    "files.python" + "hosted.org",
    "registry.npm" + "js.org",
    "registry.yarn" + "pkg.com",
    "deb." + "debian.org",
    "test.py" + "pi.org",
]
MACHINE_PATHS = [
    "/wor" + "k/",
    "/roo" + "t/",
    "/home/" + "runner",
    "/opt/" + "pypi",
    "/opt/" + "wheels",
    "/Use" + "rs/",
]


def test_no_registry_host_and_no_path_of_one_machine_is_in_the_repository() -> None:
    """Sites have their own mirrors, and nobody has our machine."""
    pattern = re.compile("|".join(re.escape(word) for word in REGISTRIES + MACHINE_PATHS))
    offenders: set[str] = set()
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        offenders |= {f"{relative(path)}: {found.group()}" for found in pattern.finditer(text)}
    assert offenders == set()


def test_the_lock_has_a_hash_for_every_package() -> None:
    for name in ("requirements.lock", "deploy/setup/node.lock"):
        lock = (ROOT / name).read_text()
        pins = re.findall(r"^([a-zA-Z0-9._-]+)==", lock, re.MULTILINE)
        hashed = re.findall(r"^([a-zA-Z0-9._-]+)==\S.*\\\n(?:    --hash=sha256:)", lock, re.MULTILINE)
        assert pins == hashed
        assert "--index-url" not in lock
