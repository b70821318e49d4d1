"""copier's templates: copier reads, checks and renders them; only the asking is ours.

Its questions depend on earlier answers, so they are put one by one by the loop that copier itself
uses for that (`Worker._ask`), with our prompt in place of its own.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]
from copier._main import Worker, as_operation
from copier._settings import SettingsModel
from copier._template import Task, Template
from copier._tools import cast_to_bool
from copier._types import MISSING, Phase
from copier._user_data import AnswersMap
from copier._user_data import Question as CopierQuestion
from copier.errors import CopierError, ExtensionNotFoundError, TaskError
from packaging.version import InvalidVersion, Version

from scaffold.engines import (
    EXTENSION,
    Answers,
    Ask,
    Question,
    Source,
    Stage,
    no_longer_allowed,
    refuse_missing,
    refuse_untrusted_extensions,
)
from scaffold.engines.capture import captured_output
from scaffold.engines.contents import files_below
from scaffold.errors import AnswerRefused, ScaffoldError, TemplateError

_READABLE = 1_000_000  # bytes of a file that a person wrote
_NAMING = ("project_slug", "repository_name", "repo_name", "project_name")  # the first one given


class CopierEngine:
    """Renders a repository with a `copier.yml`."""

    def questions(self, source: Source) -> tuple[Question, ...]:
        """None is known before the interview: conditions and defaults follow earlier answers."""
        return ()

    def names(self, source: Source) -> set[str]:
        """The names of all questions, asked or not."""
        with _copier(source):
            return set(_template(source).questions_data)

    def interview(
        self,
        source: Source,
        given: Mapping[str, str],
        ask: Ask | None,
        folder_name: str,
        recorded: Mapping[str, str],
    ) -> Answers:
        """An answer to every question: given, recorded, asked for, or its default."""
        kept = {name: value for name, value in recorded.items() if name not in given}
        with _worker(source, Path(folder_name), {**kept, **given}, on_screen=True) as worker:
            complaints = worker.ask_all(ask, frozenset(kept))
            answers = worker.answered()
        notes = tuple(
            no_longer_allowed(name, kept[name], complaint, answers.values.get(name, ""))
            for name, complaint in complaints.items()
        )
        return replace(answers, notes=notes)

    def render(self, source: Source, answers: Mapping[str, str], into: Path) -> tuple[str, ...]:
        known = self.names(source)
        given = {name: value for name, value in answers.items() if name in known}
        with _worker(source, into, given) as worker:
            worker.run_again() if source.operation == "update" else worker.run_copy()
        return files_below(into)

    def seeded(
        self, source: Source, answers: Mapping[str, str], files: tuple[str, ...]
    ) -> tuple[str, ...]:
        """The files that `_skip_if_exists` leaves alone once they are there."""
        known = self.names(source)
        given = {name: value for name, value in answers.items() if name in known}
        with _worker(source, Path("project"), given) as worker:
            worker.ask_all(None)
            return tuple(file for file in files if worker.match_skip(Path(file)))

    def folder_name(self, source: Source, answers: Mapping[str, str]) -> str:
        """The answer that templates commonly ask for a name with; copier knows of none."""
        name = next((answers[name] for name in _NAMING if answers.get(name)), "")
        return re.sub(r"[^\w.-]+", "-", name).strip("-.")


ENGINE = CopierEngine()


def with_code(source: Source) -> Source:
    """A source that says what of the template's own code copier would run."""
    with _copier(source):
        template = _template(source)
        code = (
            *(f"{EXTENSION} {name}" for name in template.jinja_extensions),
            *(f"task: {_command(task)}" for task in template.tasks),
        )
        return replace(source, code=code, migrates=bool(template.config_data.get("migrations")))


def minds_operation(source: Source) -> bool:
    """Whether anything in the template speaks of the operation, so that an update may differ."""
    files = (source.folder / name for name in files_below(source.folder))
    return any(
        b"copier_operation" in path.read_bytes().lower()
        for path in files
        if path.is_file() and ".git" not in path.parts and path.stat().st_size < _READABLE
    )


def migrations(
    source: Source, version: str, answers: Mapping[str, str], stage: Stage
) -> tuple[str, ...]:
    """The commands that the template runs in a stage of an update from an earlier version."""
    with _worker(source, Path("project"), answers) as worker:
        worker.ask_all(None)
        return tuple(map(_command, worker.due(stage, version)))


def migrate(
    source: Source, version: str, answers: Mapping[str, str], stage: Stage, folder: Path
) -> tuple[str, ...]:
    """Run a template's migrations from an earlier version in a project's folder; returns them.

    Before the update the answers are those of the folder's answers file, as they are for copier.
    """
    with _worker(source, folder, answers) as worker:
        if stage == "before":
            worker.recall()
        else:
            worker.ask_all(None)
        return tuple(map(_command, worker.migrate(stage, version)))


def read_answers(text: str, name: str) -> tuple[str, str, dict[str, str]]:
    """The template's address, the version and the answers that copier's own file records."""
    recorded = _recorded(text, name)
    answers = {
        name: _as_text(value, "str" if isinstance(value, str) else "yaml")
        for name, value in recorded.items()
        if not name.startswith("_")
    }
    return str(recorded.get("_src_path", "")), str(recorded.get("_commit", "")), answers


def _recorded(text: str, name: str) -> dict[str, Any]:
    """What an answers file holds; ScaffoldError with the line where it is not plain YAML."""
    try:
        recorded = yaml.safe_load(text) or {}
        if not isinstance(recorded, dict):
            raise ScaffoldError(f"{name} holds no answers.", "Put it back as copier wrote it.")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = text.splitlines()[mark.line : mark.line + 1] if mark else []
        key = re.match(r"[\w-]+(?=:)", "".join(line))
        place = f"{name}:{mark.line + 1}:" if mark else f"{name}:"
        place += f" {key[0]}" if key else " it"
        words = getattr(error, "problem", None) or str(error)
        raise ScaffoldError(
            f"{place} cannot be understood: {words}.", "Put it back as copier wrote it."
        ) from error
    return {str(key): value for key, value in recorded.items()}


class _Worker(Worker):  # type: ignore[misc, unused-ignore]
    """copier's worker, asking through us and from a checkout that is already there."""

    def _ask(self) -> None:
        self.ask_all(None)

    def ask_all(self, ask: Ask | None, recorded: frozenset[str] = frozenset()) -> dict[str, str]:
        """Answer every question once, in order; returns what is wrong with recorded answers."""
        self.answers = AnswersMap(
            init=self.data, metadata=self.template.metadata, external=self._external_data()
        )
        missing: list[str] = []
        complaints: dict[str, str] = {}
        for name in self.template.questions_data:
            try:
                value, complaint = self._settle(self._question(name), ask, name in recorded)
            except CopierError:
                if missing:
                    break  # it follows from one that is missing
                raise
            if complaint:
                complaints[name] = complaint
            if value is not MISSING:
                self.answers.user[name] = value
            elif name not in self.answers.hidden:
                missing.append(name)
        refuse_missing(missing)
        self.answers.external = self._external_data()
        return complaints

    def _question(self, name: str) -> CopierQuestion:
        return CopierQuestion(
            answers=self.answers,
            context=self._render_context(),
            jinja_env=self.jinja_env,
            settings=self.settings,
            var_name=name,
            **self.template.questions_data[name],
        )

    def _settle(self, question: CopierQuestion, ask: Ask | None, recorded: bool) -> tuple[Any, str]:
        """The value of one question, MISSING if it needs an answer that nobody gives; and what is
        wrong with the recorded one.
        """
        if question.get_when():
            return self._answer(question, ask, recorded)
        self.answers.hide(question.var_name)
        self.answers.init.pop(question.var_name, None)
        return question.get_default(), ""

    def answered(self) -> Answers:
        """The answers as text, the secret ones marked; hidden ones are derived anew each time."""
        values = {
            name: _as_text(self.answers.user[name], self._question(name).type)
            for name in self.template.questions_data
            if name in self.answers.user and name not in self.answers.hidden
        }
        return Answers(values, frozenset(self.template.secret_questions & values.keys()))

    def _answer(self, question: CopierQuestion, ask: Ask | None, recorded: bool) -> tuple[Any, str]:
        name = question.var_name
        given = self.answers.init.get(name)
        complaint = ""
        if given is not None:
            value, complaint = _parsed(question, given)
            if not complaint:
                return value, ""
            self.answers.init.pop(name)
        default = _default(question)
        wrong = complaint if recorded else ""
        if ask is None or not question.get_ask():
            if complaint and not recorded:
                raise AnswerRefused(
                    f"{given!r} is no answer to {name!r}: {complaint}", f"Give --set {name}=VALUE"
                )
            return default, wrong
        return _parsed(question, ask(_as_ours(question, default, complaint)))[0], wrong

    def recall(self) -> None:
        """Take the answers of the answers file, ask nothing."""
        self.answers = AnswersMap(
            last=self.subproject.last_answers,
            metadata=self.template.metadata,
            external=self._external_data(),
        )

    @as_operation("update")
    def run_again(self) -> None:
        """Render as copier's own update does: its tasks and exclusions know that it is one."""
        self.run_copy()

    @as_operation("update")
    def due(self, stage: Stage, version: str) -> list[Task]:
        """The migrations of a stage whose condition holds."""
        before = _earlier(self.template, version)
        if not (before.version and self.template.version):
            return []
        if before.version > self.template.version:
            return []  # copier has no way back at all
        tasks = self.template.migration_tasks(stage, before)
        return [task for task in tasks if self._holds(task)]

    @as_operation("update")
    def migrate(self, stage: Stage, version: str) -> list[Task]:
        """Run the migrations of a stage; TaskError where one fails."""
        with Phase.use(Phase.MIGRATE):
            tasks = self.due(stage, version)
            self._execute_tasks(tasks)
        return tasks

    def _holds(self, task: Task) -> bool:
        known = {f"_{name}": value for name, value in task.extra_vars.items()}
        known["_copier_operation"] = "update"
        return bool(cast_to_bool(self._render_value(task.condition, known)))

    def _render_path(self, relpath: Path) -> Iterable[tuple[Path, Any]]:
        """None for the repository that a template is checked out as, which is no file of its own:
        an `_exclude` that does not name `.git` would have copier copy it into the project.
        """
        root = self.template_copy_root == self.template.local_abspath
        checked_out = root and self.template.vcs == "git" and relpath.parts[:1] == (".git",)
        return () if checked_out else super()._render_path(relpath)

    def _print_message(self, message: str) -> None:
        """A template's messages speak of copier's own commands; they are left out."""

    def _sync_git_index_executable_bit(self, dst_relpath: Path, src_mode: int) -> None:
        """Nothing, where copier calls git for each file: the target is no repository."""

    def _check_unsafe(self, mode: str) -> None:
        """Trust was settled before: untrusted tasks are skipped, untrusted extensions refused."""


def _default(question: CopierQuestion) -> Any:
    """A question's own default; one that its own validator refuses is none."""
    try:
        return question.get_default()
    except (ValueError, TypeError):
        return MISSING


def _parsed(question: CopierQuestion, text: str) -> tuple[Any, str]:
    """An answer's value, or the complaint about it; a choice may be named by its title."""
    titles = {choice.title: choice.value for choice in question._formatted_choices}
    if question.multiselect and not text.lstrip().startswith("["):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        text = json.dumps([titles.get(part, part) for part in parts], ensure_ascii=False)
    elif question.choices and text in titles:
        text = str(titles[text])
    try:
        value = question.parse_answer(text)
        question.validate_answer(value)
    except Exception as error:  # noqa: BLE001 - a template's validator may raise anything
        return None, str(error).partition("': ")[2] or str(error)
    return value, ""


def _as_ours(question: CopierQuestion, default: Any, complaint: str) -> Question:
    titles = [str(choice.title) for choice in question._formatted_choices if not choice.disabled]
    shown = "" if default is MISSING or default is None else _as_text(default, question.type)
    for choice in question._formatted_choices:
        if not question.multiselect and choice.value == default:
            shown = str(choice.title)
    if question.multiselect and isinstance(default, list):
        shown = ", ".join(map(str, default))
    help_text = question.get_message().strip() if question.help else ""
    several = f"Several, with commas between them: {', '.join(titles)}."
    hint = several if question.multiselect else ""
    return Question(
        name=question.var_name,
        prompt=help_text or question.var_name,
        help=" ".join(filter(None, (complaint, hint))),
        default=shown,
        choices=() if question.multiselect else tuple(titles),
        required=default is MISSING,
        check=lambda text: _parsed(question, text)[1],
    )


def _as_text(value: Any, kind: str) -> str:
    """A value as `--set` would give it."""
    if isinstance(value, str) and kind not in {"yaml", "json"}:
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _template(source: Source) -> Template:
    template = Template(url=source.location, ref=source.commit or None)
    vars(template)["local_abspath"] = source.folder.resolve()  # a cached property: no second clone
    if source.commit:
        vars(template)["vcs"] = "git"  # another one; copier does not see it in a bare repository
    return template


@contextmanager
def _worker(
    source: Source, into: Path, given: Mapping[str, str], *, on_screen: bool = False
) -> Iterator[_Worker]:
    refuse_untrusted_extensions(source)
    with _copier(source, on_screen=on_screen):
        worker = _Worker(
            src_path=source.location,
            dst_path=into,
            vcs_ref=source.commit or None,
            data=dict(given),
            settings=SettingsModel(),
            answers_file=Path(source.answers_file) if source.answers_file else None,
            defaults=True,
            overwrite=True,
            quiet=True,
            cleanup_on_error=False,
            unsafe=source.trusted,
            skip_tasks=not source.trusted or source.idle,
        )
        vars(worker)["template"] = _template(source)
        yield worker


@contextmanager
def _copier(source: Source, *, on_screen: bool = False) -> Iterator[None]:
    """copier's errors as ours; nothing reaches the screen unless somebody is asked there."""
    captured = None
    try:
        with (
            warnings.catch_warnings(),
            nullcontext() if on_screen else captured_output() as captured,
        ):
            warnings.simplefilter("ignore")
            yield
    except ScaffoldError:
        raise
    except ExtensionNotFoundError as error:
        missing = error.__cause__ or error.__context__ or error
        raise TemplateError(
            f"{source.template} needs a Jinja extension that is not installed: {missing}.",
            "Install it beside scaffold; the template's own documentation names the package.",
        ) from error
    except TaskError as error:
        command = error.cmd if isinstance(error.cmd, str) else " ".join(map(str, error.cmd))
        raise TemplateError(
            f"The template's own command failed with exit status {error.returncode}: {command}",
            f"Nothing was changed. It belongs to {source.template} {source.version}; "
            "what it said stands above.",
            output=captured.tail if captured else "",
        ) from error
    except Exception as error:
        said = str(error) if isinstance(error, CopierError) else f"{type(error).__name__}: {error}"
        raise TemplateError(
            f"copier could not use {source.template} {source.version}: {said.strip()}",
            output=captured.tail if captured else "",
        ) from error


def _earlier(template: Template, label: str) -> Template:
    """What copier asks of the version that a project was made from, which may be gone by now."""
    described = re.fullmatch(r"(.+)-(\d+)-g([0-9a-f]+)", label)
    try:
        number = Version("{}.post{}+{}".format(*described.groups()) if described else label)
    except InvalidVersion:
        number = None
    earlier = Template(url=template.url)
    vars(earlier).update(commit=label, version=number)  # cached properties, both
    return earlier


def _command(task: Task) -> str:
    return task.cmd if isinstance(task.cmd, str) else " ".join(map(str, task.cmd))
