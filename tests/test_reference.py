"""What the reference says of commands, files, exit codes and variables is what the program does."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

from scaffold import catalogue, schema
from scaffold.cli import WIDTH, cli
from scaffold.engines import layers
from scaffold.errors import EXIT_INTERRUPTED, ScaffoldError
from scaffold.site import portfolio
from scripts import reference

TOP = Path(__file__).parents[1]
PAGES = sorted([TOP / "README.md", TOP / "CONTRIBUTING.md", *TOP.glob("docs/**/*.md")])
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
# In capitals too, and nothing that a user sets: git's files, capabilities of Linux, and what is set
# for the programs that are started.
NO_SETTING = re.compile(
    r"(MERGE|REVERT|CHERRY_PICK)_\w+|CAP_\w+|SC_PAGE_SIZE|SCAFFOLD_CREDENTIAL_\w+|GIT_\w+|LC_ALL|"
    r"SSH_ASKPASS\w*|VIRTUAL_ENV|MLFLOW_HTTP_\w+"
)


# -- commands -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", reference.pages())
def test_a_page_says_what_the_program_says(name: str) -> None:
    page = (reference.FOLDER / name).read_text(encoding="utf-8")
    assert page == reference.pages()[name], "stale: make reference"


@pytest.mark.parametrize(
    ("words", "command"), list(reference.walk())[1:], ids=lambda each: " ".join(each)
    if isinstance(each, tuple) else "",
)  # fmt: skip
def test_every_word_of_a_help_text_is_on_the_page_of_commands(
    words: tuple[str, ...], command: click.Command
) -> None:
    page = (reference.FOLDER / "commands.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {' '.join(words)}\n")[1].split("\n## ")[0]
    context = click.Context(command, info_name=" ".join(words), max_content_width=WIDTH)
    told = re.sub(r"(-h, )?--help\s+Show this message and exit\.", "", command.get_help(context))
    missing = set(re.findall(r"[\w-]+", told)) - set(re.findall(r"[\w-]+", section))
    assert missing <= {"Usage", "Options", "Examples"}


def lines_of(page: Path) -> Iterator[str]:
    """Every line of a page that calls scaffold: in its blocks, and as code in its text."""
    text = re.sub(r"\\\n\s*", " ", page.read_text(encoding="utf-8"))
    blocks = re.findall(r"^```\w.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    blocks += re.findall(r"^    .+$", text, re.MULTILINE)
    for block in blocks:
        yield from re.findall(r"^\s*(?:\$ |> )?(scaffold .+)$", block, re.MULTILINE)
    yield from re.findall(r"`(scaffold [^`]+)`", text)


def split(line: str) -> list[str]:
    """The words of a shell line up to where it ends, or is explained."""
    line = re.split(r"\s{3,}|\s+#\s|\s+[|>]\s|;|\s&&", line)[0].replace("[", "").replace("]", "")
    return shlex.split(line.replace("...", "").replace("…", ""))[1:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TOP).as_posix())
def test_every_command_that_a_page_names_is_there_with_its_options(page: Path) -> None:
    for line in lines_of(page):
        words, command = split(line), cli
        if not words or words[0] in {"--help", "--version"}:
            continue
        while isinstance(command, click.Group) and words and words[0] != "OPTIONS":
            name = words.pop(0)
            found = command.commands.get(name)
            assert found is not None, f"{line}: no command {name}"
            command = found  # type: ignore[assignment]
        options = {word for each in command.params for word in (*each.opts, *each.secondary_opts)}
        given = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert given <= options | {"--help"}, line


# -- files ----------------------------------------------------------------------------------


def read(name: str) -> dict[str, Any]:
    text = (reference.SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def kinds_of(value: Mapping[str, Any]) -> Any:
    """A JSON Schema as the program's own description of a TOML file."""
    if "properties" in value:
        keys = {key: kinds_of(inner) for key, inner in value["properties"].items()}
        return schema.Table(keys, tuple(value.get("required", ())))
    if value.get("type") == "object":
        return schema.Table(others=kinds_of(value["additionalProperties"]))
    if value.get("type") == "array":
        return schema.ListOf(kinds_of(value["items"]))
    plain = {
        "string": schema.TEXT, "number": schema.NUMBER, "integer": schema.WHOLE,
        "boolean": schema.FLAG,
    }  # fmt: skip
    return plain[value.get("type", "string")]


@pytest.mark.parametrize(
    ("name", "kinds"), [("template", layers.KINDS), ("portfolio", portfolio.KINDS)]
)
def test_a_schema_has_the_keys_that_the_program_knows(name: str, kinds: schema.Table) -> None:
    assert kinds_of(read(name)) == kinds


@pytest.mark.parametrize("name", sorted(path.name for path in reference.SCHEMAS.glob("*.json")))
def test_a_schema_is_one_and_says_what_each_key_means(name: str) -> None:
    found = read(name.removesuffix(".schema.json"))
    jsonschema.Draft202012Validator.check_schema(found)


CATALOGUE = sorted(
    path for name in ("template", "challenges") for path in catalogue.root().glob(f"*/{name}.toml")
)


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_catalogue_keeps_to_the_schemas(path: Path) -> None:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(read(path.stem))
    assert [error.message for error in validator.iter_errors(table)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('level = "adjust"', 'level = "easy"'),
        ('verdict = "tried"', 'verdict = "worse"'),
        ('kind = "answered"', 'kind = "told"'),
        ("at_least = 1", "at_least = 1, at_most = 2"),
        ("hint =", "tip ="),
    ],
)
def test_a_challenge_that_is_none_is_refused_by_the_schema(old: str, new: str) -> None:
    text = (catalogue.root() / "spam-detector" / "challenges.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text.replace(old, new, 1)), read("challenges"))


def test_the_goals_of_the_schema_are_those_that_a_project_judges() -> None:
    kit = catalogue.root() / "_base" / "src" / "project_package" / "kit" / "challenges.py"
    table = re.search(r"^KINDS = \{\n(.*?)^\}", kit.read_text(encoding="utf-8"), re.S | re.M)
    assert table
    assert set(re.findall(r'^    "(\w+)": Kind', table[1], re.M)) == set(
        read("challenges")["$defs"]
    )


# -- exit codes and variables ---------------------------------------------------------------


def test_every_exit_code_is_explained() -> None:
    kinds: list[type[ScaffoldError]] = [ScaffoldError, *reference._kinds(ScaffoldError)]
    assert {0, EXIT_INTERRUPTED, *(kind.exit_code for kind in kinds)} == set(reference.CODES)


def variables(folder: Path) -> set[str]:
    """The strings of a program that are written like a variable, and can be a setting."""
    texts = {
        node.value
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {each for each in texts if VARIABLE.fullmatch(each) and not NO_SETTING.fullmatch(each)}


def test_every_variable_that_is_read_is_in_the_reference_and_no_other() -> None:
    page = (reference.FOLDER / "environment.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    base = catalogue.root() / "_base"
    read_there = variables(TOP / "scaffold") | variables(base / "src")
    assert read_there <= told
    code = [*(TOP / "scaffold").rglob("*.py"), *(base / "src").rglob("*.py"), *base.glob("*.jinja")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in code)
    assert [name for name in told if not re.search(rf"\b{name}\b", text)] == []


# -- the code -------------------------------------------------------------------------------


def test_the_functions_that_the_walk_names_are_in_the_code() -> None:
    page = (TOP / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    walk = page.split("```text\n")[1].split("```")[0].splitlines()
    steps = " ".join(re.split(r" {3,}", line[21:])[0] for line in walk[1:])
    named = set(re.findall(r"[a-z_]+", re.sub(r"\(.*?\)", "", steps)))
    written = {
        node.name
        for path in (TOP / "scaffold").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert len(named) > 12
    assert named <= written
