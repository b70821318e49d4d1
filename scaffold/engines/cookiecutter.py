"""cookiecutter's templates: cookiecutter renders them; only the asking is ours.

Its Jinja environment is no sandbox, and it writes to whatever path a name renders to. So templates
that are not trusted are rendered in Jinja's sandbox, and names that leave the project are refused.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cookiecutter import generate, utils
from cookiecutter.environment import ExtensionLoaderMixin, StrictEnvironment
from cookiecutter.exceptions import CookiecutterException
from cookiecutter.find import find_template
from cookiecutter.generate import generate_context
from cookiecutter.hooks import valid_hook
from cookiecutter.main import cookiecutter
from cookiecutter.prompt import YesNoPrompt, prompt_for_config, render_variable
from jinja2 import Environment, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from rich.prompt import InvalidResponse

from scaffold.engines import (
    EXTENSION,
    Answers,
    Ask,
    Question,
    Source,
    no_longer_allowed,
    refuse_missing,
    refuse_untrusted_extensions,
)
from scaffold.engines.capture import captured_output
from scaffold.engines.contents import files_below
from scaffold.errors import AnswerRefused, ScaffoldError, TemplateError

CONTEXT_FILE = "cookiecutter.json"

logging.getLogger("cookiecutter").addHandler(logging.NullHandler())  # it logs a hook's traceback

_HOOKS = ("pre_prompt", "pre_gen_project", "post_gen_project")
_KNOWN_EXTENSIONS = ("cookiecutter.extensions.", "jinja2.ext.")


class CookiecutterEngine:
    """Renders a folder with a `cookiecutter.json`."""

    def questions(self, source: Source) -> tuple[Question, ...]:
        """None is known before the interview: defaults follow earlier answers."""
        return ()

    def names(self, source: Source) -> set[str]:
        """The names of all questions."""
        with _cookiecutter(source):
            return {name for name in _raw_context(source) if not name.startswith("_")}

    def interview(
        self,
        source: Source,
        given: Mapping[str, str],
        ask: Ask | None,
        folder_name: str,
        recorded: Mapping[str, str],
    ) -> Answers:
        """An answer to every question: given, recorded, asked for, or its default."""
        refuse_untrusted_extensions(source)
        with _cookiecutter(source):
            variables = _all_variables(source)
            prompts = dict(_raw_context(source).get("__prompts__", {}))
            environment = utils.create_env_with_context(_context(source))
        known: dict[str, Any] = {}
        answers: dict[str, str] = {}
        notes: list[str] = []
        for name, raw in variables.items():
            with _cookiecutter(source):
                default = _rendered(environment, name, raw, known)
            if name.startswith("_"):
                known[name] = default
                continue
            question = _question(name, default, prompts)
            old = None if name in given else recorded.get(name)
            complaint = _complaint(question, raw, old) if old is not None else ""
            known_answer = given.get(name, None if complaint else old)
            answers[name] = _answer(question, raw, known_answer, ask)
            if old is not None and complaint:
                notes.append(no_longer_allowed(name, old, complaint, answers[name]))
            known[name] = _value(raw, answers[name])
        return Answers(answers, notes=tuple(notes))

    def render(self, source: Source, answers: Mapping[str, str], into: Path) -> tuple[str, ...]:
        refuse_untrusted_extensions(source)
        _refuse_links_out(source)
        with _cookiecutter(source), tempfile.TemporaryDirectory(prefix="scaffold-") as scratch:
            values = _values(source, answers)
            _refuse_names_that_leave(source, values)
            with _top_folder(into):
                cookiecutter(
                    source.location,
                    checkout=source.version or None,
                    no_input=True,
                    extra_context=values,
                    output_dir=str(into.parent),
                    config_file=str(_settings(source, Path(scratch))),
                    accept_hooks=source.runs_code,
                )
        return files_below(into)

    def seeded(
        self, source: Source, answers: Mapping[str, str], files: tuple[str, ...]
    ) -> tuple[str, ...]:
        """The files that the template's own `_skip_if_exists` names; cookiecutter ignores it."""
        from fnmatch import fnmatchcase

        with _cookiecutter(source):
            patterns = _raw_context(source).get("_skip_if_exists", [])
        return tuple(file for file in files if any(fnmatchcase(file, str(one)) for one in patterns))

    def folder_name(self, source: Source, answers: Mapping[str, str]) -> str:
        """What the template calls its top folder."""
        refuse_untrusted_extensions(source)
        with _cookiecutter(source):
            context, environment = _filled(source, _values(source, answers))
            name = find_template(source.folder, environment).name
            return str(environment.from_string(name).render(**context))


ENGINE = CookiecutterEngine()


def with_code(source: Source) -> Source:
    """A source that says what of the template's own code cookiecutter would run."""
    with _cookiecutter(source):
        context = _raw_context(source)
    _refuse_several(source, context)
    extensions = context.get("_extensions", [])
    hooks = source.folder / "hooks"
    scripts = sorted(hooks.iterdir()) if hooks.is_dir() else []
    code = (
        *(
            f"{EXTENSION} {name}"
            for name in extensions
            if not str(name).startswith(_KNOWN_EXTENSIONS)
        ),
        *(
            f"hook: hooks/{script.name}"
            for script in scripts
            if any(valid_hook(script.name, hook) for hook in _HOOKS)
        ),
    )
    return replace(source, code=code)


def _refuse_several(source: Source, context: Mapping[str, Any]) -> None:
    """In a repository of several templates, the address says which one is meant."""
    several = context.get("templates", {})
    paths = [str(entry["path"]) for entry in several.values()] if isinstance(several, dict) else []
    paths += re.findall(r"\(([^()]+)\)", " ".join(map(str, context.get("template", []))))
    if paths:
        where = ", ".join(f"{source.location}#{path.removeprefix('./')}" for path in paths)
        raise TemplateError(f"{source.location} holds several templates.", f"Say which: {where}")


class _Sandbox(ExtensionLoaderMixin, SandboxedEnvironment):  # type: ignore[misc, unused-ignore]
    """cookiecutter's environment, in which a template cannot reach Python."""

    def __init__(self, **options: Any) -> None:
        super().__init__(undefined=StrictUndefined, **options)


def _answer(question: Question, raw: Any, given: str | None, ask: Ask | None) -> str:
    complaint = "" if given is None else _complaint(question, raw, given)
    if given is not None and not complaint:
        return given
    if ask is not None:
        return ask(question)
    if given is not None:
        raise AnswerRefused(
            f"{given!r} is no answer to {question.name!r}: {complaint}",
            f"Give --set {question.name}=VALUE",
        )
    if question.required:
        refuse_missing([question.name])
    return question.default


def _question(name: str, default: Any, prompts: Mapping[str, Any]) -> Question:
    words = prompts.get(name, name)
    if isinstance(words, dict):
        words = words.get("__prompt__", name)
    question = Question(name=name, prompt=str(words) or name, required=default is None)
    if isinstance(default, list):
        choices = tuple(map(str, default))
        return Question(name, question.prompt, default=choices[0], choices=choices)
    shown = "" if default is None else as_text(default)
    return Question(
        name,
        question.prompt,
        help="Give it as JSON." if isinstance(default, dict) else "",
        default=shown,
        required=default is None,
        check=lambda text: _complaint(question, default, text),
    )


def _complaint(question: Question, raw: Any, text: str) -> str:
    """What is wrong with an answer to a variable of this kind, "" if nothing is."""
    if isinstance(raw, list):
        choices = question.choices or tuple(map(str, raw))
        return "" if text in choices else f"choose one of {', '.join(choices)}"
    if isinstance(raw, bool):
        try:
            YesNoPrompt().process_response(text)
        except InvalidResponse:
            return "say yes or no"
    if isinstance(raw, dict):
        try:
            if isinstance(json.loads(text), dict):
                return ""
        except ValueError:
            pass
        return "not a JSON object"
    return "An answer is needed." if question.required and not text.strip() else ""


def _value(raw: Any, text: str) -> Any:
    """An answer as cookiecutter wants it in its context."""
    if isinstance(raw, bool):
        return YesNoPrompt().process_response(text)
    return json.loads(text) if isinstance(raw, dict) else text


def as_text(value: Any) -> str:
    """A value of cookiecutter's context as `--set` would give it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _all_variables(source: Source) -> dict[str, Any]:
    """Those that nobody is asked for too: later defaults are made from them."""
    return {name: raw for name, raw in _raw_context(source).items() if name != "__prompts__"}


def _rendered(environment: Environment, name: str, raw: Any, known: Mapping[str, Any]) -> Any:
    """A default after the answers before it; cookiecutter leaves names with one `_` as they are."""
    plain = name.startswith("_") and not name.startswith("__")
    return raw if plain else render_variable(environment, raw, dict(known))


def _values(source: Source, answers: Mapping[str, str]) -> dict[str, Any]:
    """Those answers that this version of the template asks for, as cookiecutter wants them.

    It looks for a choice among those that are written in the template: numbers, unrendered text.
    """
    environment = utils.create_env_with_context(_context(source))
    known: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name, raw in _all_variables(source).items():
        text = None if name.startswith("_") else answers.get(name)
        if text is None or isinstance(raw, list):
            known[name] = shown = _rendered(environment, name, raw, known)
        if text is not None:
            known[name] = values[name] = _value(raw, text)
            if isinstance(raw, list) and text in shown:
                values[name] = raw[shown.index(text)]
    return values


def _raw_context(source: Source) -> dict[str, Any]:
    return dict(_context(source)["cookiecutter"])


def _context(source: Source) -> dict[str, Any]:
    return dict(generate_context(str(source.folder / CONTEXT_FILE)))


def _settings(source: Source, scratch: Path) -> Path:
    """Settings of cookiecutter that keep it off the user's own, and off the network.

    The address stands for the checkout, so that `_template` in a project is the address.
    """
    path = scratch / "settings.json"  # JSON is YAML
    settings = {
        "cookiecutters_dir": str(scratch / "clones"),
        "replay_dir": str(scratch / "replay"),
        "default_context": {},
        "abbreviations": {source.location: str(source.folder)},
    }
    path.write_text(json.dumps(settings), encoding="utf-8")
    return path


def _filled(source: Source, values: Mapping[str, Any]) -> tuple[dict[str, Any], Environment]:
    """The context that templates are rendered with, and what renders them."""
    context = generate_context(str(source.folder / CONTEXT_FILE), extra_context=dict(values))
    context["cookiecutter"].update(prompt_for_config(context, no_input=True))
    return dict(context), utils.create_env_with_context(context)


def _refuse_names_that_leave(source: Source, values: Mapping[str, Any]) -> None:
    context, environment = _filled(source, values)
    top = find_template(source.folder, environment)
    for path in (top, *top.rglob("*")):
        name = path.relative_to(top.parent if path == top else top).as_posix()
        if "{" not in name:
            continue  # a plain name leads nowhere else
        rendered = environment.from_string(name).render(**context)
        parts = rendered.replace("\\", "/").split("/")
        if rendered.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
            raise TemplateError(f"{name} renders to {rendered}, which leaves the project.")


def _refuse_links_out(source: Source) -> None:
    """A link to a file outside would be read and copied into the project."""
    top = source.folder.resolve()
    for path in top.rglob("*"):
        if path.is_symlink() and not path.resolve().is_relative_to(top):
            raise TemplateError(f"{path.relative_to(top)} is a link that leads outside.")


@contextmanager
def _top_folder(into: Path) -> Iterator[None]:
    """Let cookiecutter, and so its hooks, work in this folder, whatever the template calls it."""
    make = generate.render_and_create_dir
    waiting = [into]

    def place(dirname: str, context: Any, output_dir: Any, *more: Any, **options: Any) -> Any:
        if waiting:
            return waiting.pop(), False  # not cookiecutter's to remove if it fails
        return make(dirname, context, output_dir, *more, **options)

    generate.render_and_create_dir = place
    try:
        yield
    finally:
        generate.render_and_create_dir = make


@contextmanager
def _environment(kind: type) -> Iterator[None]:
    """Let cookiecutter make all its Jinja environments of this kind."""
    utils.StrictEnvironment = kind
    try:
        yield
    finally:
        utils.StrictEnvironment = StrictEnvironment


@contextmanager
def _modules(source: Source) -> Iterator[None]:
    """Let the extensions that a trusted template brings be found, those of this version only."""
    path, before = list(sys.path), set(sys.modules)
    folder = source.folder.resolve()
    if source.trusted:
        sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).resolve().is_relative_to(folder):
                del sys.modules[name]


@contextmanager
def _cookiecutter(source: Source) -> Iterator[None]:
    """cookiecutter's errors as ours, nothing on the screen, no code unless trusted."""
    captured, before = None, Path.cwd()
    try:
        with (
            warnings.catch_warnings(),
            _environment(StrictEnvironment if source.trusted else _Sandbox),
            _modules(source),
            captured_output() as captured,
        ):
            warnings.simplefilter("ignore")
            yield
    except ScaffoldError:
        raise
    except Exception as error:
        said = str(error).partition(" Context: ")[0] or type(error).__name__
        if not isinstance(error, CookiecutterException):
            said = f"{type(error).__name__}: {said}"
        raise TemplateError(
            f"cookiecutter could not use {source.template} {source.version}: {said.strip()}",
            output=captured.tail if captured else "",
        ) from error
    finally:
        os.chdir(before)  # a failed rendering leaves us in the template
