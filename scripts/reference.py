"""The pages under docs/reference that follow from the program: `python -m scripts.reference`.

Commands come from click, files from their JSON Schemas, exit codes from the errors. A test holds
the committed pages to what this writes, so neither can say something that the other does not.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from scaffold import errors
from scaffold.cli import WIDTH, cli

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
SCHEMAS = FOLDER / "schemas"
NOTE = "<!-- Written by `make reference`: change what it is made from. -->"
FILES = {
    "template-toml": "template", "challenges-toml": "challenges", "portfolio-toml": "portfolio",
    "metrics-json": "metrics",
}  # fmt: skip
EXAMPLES = {
    "portfolio-toml": "[An example](../how-to/site.md#portfoliotoml) stands where it is used.",
    "template-toml": "[An example](../how-to/catalogue.md) stands where it is used.",
    "challenges-toml": "[What to do with it](../tutorial/challenges.md) is shown in the tutorial.",
    "metrics-json": "[Ten lines write one](checks.md#results-that-can-be-checked).",
}


def pages() -> dict[str, str]:
    """Every page by its file name, as it should read."""
    files = {f"{page}.md": file_page(page, schema) for page, schema in FILES.items()}
    written = {"commands.md": commands(), "exit-codes.md": exit_codes(), "modules.md": modules()}
    return written | files


# -- commands -------------------------------------------------------------------------------


def walk(
    command: click.Command = cli, above: tuple[str, ...] = ("scaffold",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, with the words that call them, in the order of `--help`."""
    yield above, command
    if isinstance(command, click.Group):
        context = _context(command, above)
        for name in command.list_commands(context):
            if (inner := command.get_command(context, name)) is not None:
                yield from walk(inner, (*above, name))


def _context(command: click.Command, words: tuple[str, ...]) -> click.Context:
    return click.Context(command, info_name=" ".join(words), max_content_width=WIDTH)


def commands() -> str:
    """What `--help` of every command says."""
    found = list(walk())
    parts = ["# Commands", NOTE, f"{_sentence(cli)} `scaffold --help` lists the commands."]
    rows = [
        [f"[`{' '.join(words)}`](#{'-'.join(words)})", command.get_short_help_str(WIDTH)]
        for words, command in found[1:]
    ]
    parts.append(_table(["command", "what it does"], rows))
    parts += [_command(words, command) for words, command in found[1:]]
    return "\n\n".join(parts) + "\n"


def _command(words: tuple[str, ...], command: click.Command) -> str:
    context = _context(command, words)
    usage = " ".join([*words, *command.collect_usage_pieces(context)])
    parts = [f"## {' '.join(words)}", f"```text\n{usage}\n```", _prose(command)]
    if isinstance(command, click.Group):
        below = [each for way, each in walk(command, words) if len(way) == len(words) + 1]
        rows = [[f"`{each.name}`", each.get_short_help_str(WIDTH)] for each in below]
        parts.append(_table(["Commands", "what it does"], rows))
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    rows = [_option(option, context) for option in options]
    if rows:
        parts.append(_table(["option", "what it does"], rows))
    if command.epilog:
        lines = inspect.cleandoc(command.epilog.removeprefix("\b\nExamples:")).strip("\n")
        parts.append(f'```text title="Examples"\n{lines}\n```')
    return "\n\n".join(parts)


def _option(option: click.Option, context: click.Context) -> list[str]:
    name, text = option.get_help_record(context) or ("", "")
    return [f"`{name}`", text]


def _prose(command: click.Command) -> str:
    """The help text as Markdown; what click keeps as it is (`\\b`) stays a block."""
    text = inspect.cleandoc(command.help or "").split("\f")[0]
    return re.sub(r"(?<![`\w-])(--?[a-z][a-z-]*[a-z])\b(?!`)", r"`\1`", text)


def _sentence(command: click.Command) -> str:
    return (command.help or "").split("\n\n")[0]


# -- files ----------------------------------------------------------------------------------


def file_page(page: str, name: str) -> str:
    """A page about a file: a table of keys for each table in it."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    title = schema["title"]
    parts = [f"# {title.removeprefix('reports/')}", NOTE, schema["description"]]
    parts.append(f"{EXAMPLES[page]} For programs: the [JSON Schema](schemas/{name}.schema.json).")
    parts += list(_section("", schema, schema))
    return "\n\n".join(parts) + "\n"


def _section(at: str, schema: Mapping[str, Any], top: Mapping[str, Any]) -> Iterator[str]:
    """The table of one level, then those of the levels below it."""
    required = set(schema.get("required", ()))
    if at:
        yield f"## {at}"
        if text := schema.get("description"):
            yield str(text)
    rows, below = [], []
    for key, value in schema.get("properties", {}).items():
        value = _resolved(value, top)
        rows.append([f"`{key}`", _kind(value), "yes" if key in required else "", _words(value)])
        inner = _resolved(value.get("items", value), top)
        way = f"{at}.{key}" if at else key
        if "properties" in inner:
            below.append((way if inner is value else f"{way}[]", inner))
        for branch in (_resolved(each, top) for each in inner.get("oneOf", ())):
            if "properties" in branch:
                kind = branch["properties"]["kind"]["const"]
                below.append((f"{way} of kind {kind}", branch))
        entries = value.get("additionalProperties")
        if isinstance(entries, dict) and "properties" in entries:
            below.append((f"{way}.NAME", entries))
    if rows:
        yield _table(["key", "value", "required", "what it says"], rows)
    for way, inner in below:
        yield from _section(way, inner, top)


def _resolved(value: Mapping[str, Any], top: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with what it refers to; its own words come first."""
    if reference := value.get("$ref"):
        return {**top["$defs"][reference.rsplit("/", 1)[1]], **value}
    return value


def _kind(value: Mapping[str, Any]) -> str:
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{choice}`" for choice in value["enum"])
    if "oneOf" in value:
        return "table"
    names: dict[str, str] = {
        "string": "text", "integer": "whole number", "boolean": "`true` or `false`",
        "object": "table", "null": "nothing",
    }  # fmt: skip
    kinds = value["type"] if isinstance(value["type"], list) else [value["type"]]
    if kinds == ["array"]:
        if "prefixItems" in value:
            return "two numbers"
        items = value.get("items", {})
        inner = items.get("type", "string")
        words = {"object": "tables", "string": "texts", "integer": "whole numbers"}[inner]
        return f"list of {words}"
    return " or ".join(names.get(kind, str(kind)) for kind in kinds)


def _words(value: Mapping[str, Any]) -> str:
    return str(value.get("description", "")).replace("|", "\\|")


# -- exit codes -----------------------------------------------------------------------------

CODES: dict[int, str] = {
    0: "Done.",
    1: "Something that you can fix; the message says how. After “Unexpected”: a fault of "
    "scaffold, with a report file.",
    2: "The command line is wrong: an unknown option, or two that contradict each other.",
    3: "`scaffold check` found something; `scaffold update --check` found a newer version; "
    "`scaffold publish` was stopped by a check.",
    4: "`scaffold update` merged, and conflicts are left for you.",
    errors.EXIT_INTERRUPTED: "Interrupted: Ctrl-C, or told to stop.",
}


def exit_codes() -> str:
    """The codes, and the kind of error behind each."""
    kinds = list(_kinds(errors.ScaffoldError))
    parts = [
        "# Exit codes",
        NOTE,
        _table(["code", "means"], [[str(c), t] for c, t in CODES.items()]),
    ]
    parts.append(
        "A command for many projects ends with the highest code of all. Programs of a generated "
        "project have codes of their own: [monitor](../explanation/monitoring.md)."
    )
    parts += [
        "## Errors",
        _table(
            ["error", "code", "what happened"],
            [[f"`{kind.__name__}`", str(kind.exit_code), _first(kind)] for kind in kinds],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _kinds(kind: type[errors.ScaffoldError]) -> Iterator[type[errors.ScaffoldError]]:
    for inner in kind.__subclasses__():
        if inner.__module__ == errors.__name__:
            yield inner
            yield from _kinds(inner)


def _first(kind: type) -> str:
    return (kind.__doc__ or "").split("\n")[0]


# -- modules --------------------------------------------------------------------------------

PACKAGE = Path(errors.__file__).parent


def modules() -> str:
    """The first sentence of each module, folder by folder."""
    parts = ["# Modules", NOTE, "What each part of `scaffold/` is for, in its own words."]
    folders = sorted({path.parent for path in PACKAGE.rglob("*.py")} - {PACKAGE})
    for folder in (PACKAGE, *(each for each in folders if "_templates" not in each.parts)):
        files = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
        parts.append(f"## {folder.relative_to(PACKAGE.parent).as_posix()}")
        if about := _docstring(folder / "__init__.py"):
            parts.append(about)
        rows = [[f"`{path.stem}`", _docstring(path).replace("|", "\\|")] for path in files]
        parts.append(_table(["module", "what it is for"], rows))
    return "\n\n".join(parts) + "\n"


def _docstring(path: Path) -> str:
    found = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return found.split("\n\n")[0].replace("\n", " ")


# -- Markdown -------------------------------------------------------------------------------


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def main() -> None:
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
