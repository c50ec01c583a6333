"""The shape of the code: rooms, sizes, doors, and the commands of the README."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from typer.main import get_command

from derivcheck.cli import app
from derivcheck.reports import format_named, format_names

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "derivcheck"
FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = sorted(p.parent for p in PACKAGE.glob("*/__init__.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
LONGEST, MEDIAN = 600, 150


def sign_of(room: Path) -> str:
    """The first line of what a room says of itself."""
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))
    return (docstring or "").split("\n")[0]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_room_has_a_sign_and_the_readme_shows_it(room: Path) -> None:
    sign = sign_of(room)
    assert sign
    assert f"| `{room.name}` | {sign} |" in README


def test_files_stay_short() -> None:
    lines = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in FILES}
    assert [str(p) for p, n in lines.items() if n > LONGEST] == []
    assert statistics.median(n for p, n in lines.items() if p.name != "__init__.py") <= MEDIAN


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [p for p in FILES if p.stem in {"utils", "helpers", "misc", "manager", "common"}] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_file_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)) or not text.strip()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_document_is_never_executed(path: Path) -> None:
    """No eval, exec, sympify or parse_expr anywhere: a document's text is data from a stranger."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            bare = isinstance(called, ast.Name)
            assert name not in {"sympify", "parse_expr", "literal_eval"}
            assert not (bare and name in {"eval", "exec", "__import__"})


# every registry: the package whose files each declare one thing, and the name of the declaration
REGISTRIES = [
    ("derivcheck.notation.ways", "NOTATION"),
    ("derivcheck.verdicts.edits", "EDIT"),
    ("derivcheck.families", "FAMILY"),
    ("derivcheck.experiments", "EXPERIMENT"),
    ("derivcheck.models", "MODEL"),
    ("derivcheck.datasets", "DATASET"),
    ("derivcheck.measures", "MEASURE"),
    ("derivcheck.reports.figures.trained", "FIGURE"),
    *((f"derivcheck.laws.{m.name}", "LAW") for m in iter_modules([str(PACKAGE / "laws")]) if m.ispkg),
]


@pytest.mark.parametrize(("room", "attribute"), REGISTRIES)
def test_one_file_one_declaration(room: str, attribute: str) -> None:
    try:
        package = import_module(room)
    except ModuleNotFoundError:
        pytest.skip(f"{room} is not there")
    for module in iter_modules(package.__path__):
        if not module.name.startswith("_") and not module.ispkg:
            assert hasattr(import_module(f"{room}.{module.name}"), attribute), module.name


@pytest.mark.parametrize("name", format_names())
def test_a_format_is_named_like_its_file(name: str) -> None:
    assert format_named(name).name == name


# --- doors ---------------------------------------------------------------------------------------

HEAVY = "torch, sympy, numpy, scipy, matplotlib, lark, jinja2, math_core, pydantic, hypothesis, pytest".split(", ")


def loaded_after(code: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after this code."""
    report = f"import sys\n{code}\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.splitlines()[-1].split()) if done.stdout.split("\n")[-2:] != ["", ""] else set()


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_after("import derivcheck") == set()


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["explain", "--help"], ["prove", "--help"], ["sample", "--help"], ["train", "--help"], ["claim", "--help"], ["figures", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "from derivcheck.cli import app\n"
        f"try: app({arguments!r})\n"
        "except SystemExit as end: assert not end.code"
    )
    assert loaded_after(code) <= {"numpy", "pydantic"} - {"numpy"}


def test_what_the_worker_loads_has_no_sympy() -> None:
    loaded = loaded_after("import derivcheck.worker, derivcheck.verdicts.judge, derivcheck.notation.signature")
    assert "torch" in loaded
    assert loaded.isdisjoint({"sympy", "scipy", "jinja2", "math_core"})


def test_what_the_prover_loads_has_no_torch() -> None:
    loaded = loaded_after("from derivcheck import prover; prover._load()")
    assert loaded.isdisjoint({"torch", "scipy", "jinja2", "math_core"})


def test_what_the_parent_loads_has_neither() -> None:
    loaded = loaded_after("import derivcheck.pipeline, derivcheck.workers, derivcheck.cache, derivcheck.reports.text")
    assert loaded.isdisjoint({"torch", "sympy", "scipy", "jinja2", "math_core"})


def test_public_names_are_fetched_on_first_use() -> None:
    import derivcheck

    assert {"check", "explain", "replay", "Report", "Options"} <= set(dir(derivcheck))
    assert derivcheck.Options.__module__ == "derivcheck.verdicts.options"
    with pytest.raises(AttributeError, match="it offers"):
        _ = derivcheck.nonsense  # type: ignore[attr-defined]


def test_every_command_and_option_has_help() -> None:
    group = get_command(app)
    commands = group.commands  # type: ignore[attr-defined]
    assert set(commands) == {"check", "explain", "prove", "laws", "theories", "schema", "sample", "train", "sample-model", "figures", "claim"}
    for name, command in commands.items():
        assert command.help, name
        assert f"`derivcheck {name}" in README, name
        for parameter in command.params:
            assert getattr(parameter, "help", ""), f"{name} {parameter.name}"


@pytest.mark.parametrize("name", ["check", "prove", "sample", "train", "claim"])
def test_the_readme_names_every_option(name: str) -> None:
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    options = [o for p in command.params for o in p.opts if o.startswith("-") and o not in {"--output", "--help", "-h"}]
    assert [o for o in options if f"`{o}" not in README] == []


# --- commands of the README ----------------------------------------------------------------------


def command_below(heading: str) -> str:
    """The one command in the fence below a heading."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    fences = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert len(fences) == 1
    return str(fences[0]).strip()


@pytest.mark.parametrize("heading", ["Check a homework document", "Run the tests"])
def test_each_command_does_its_own_set_up(heading: str) -> None:
    command = command_below(heading)
    assert "\n" not in command
    assert command.startswith("python3 -m venv .venv && ")
    assert "pip install --quiet torch==2.13.0 && " in command
    assert command.index("torch==2.13.0") < command.index("pip install --quiet .") if heading.startswith("Check") else True


def test_the_check_command_names_files_that_exist() -> None:
    named = re.findall(r"tests/homework/\S+", command_below("Check a homework document"))
    assert named
    assert all((ROOT / name).exists() for name in named)


def test_ci_runs_the_readme_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    extraction = next(line for line in script.splitlines() if line.startswith("command=$(awk"))
    program = extraction.removeprefix("command=$(").removesuffix(")")
    found = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == command_below("Run the tests")
    for tool in ("ruff check", "pyright", "lint-imports"):
        assert tool in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
