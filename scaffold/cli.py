"""The command line: parse, call, print, exit code. Everything it calls is imported when called."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import wraps
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from scaffold import terminal
from scaffold.errors import EXIT_INTERRUPTED, ChecksFailed, ScaffoldError, UnknownName, UsageError
from scaffold.plain import one_line
from scaffold.terminal import (
    TerminalReporter,
    duration,
    hand_over,
    say,
    say_json,
    shortened,
    styled,
)

if TYPE_CHECKING:
    from types import FrameType

    from scaffold.catalogue import Template
    from scaffold.checks.repair import Repair
    from scaffold.commands.new import Created
    from scaffold.commands.run import Ran
    from scaffold.engines import Ask
    from scaffold.project import Project
    from scaffold.updating.plan import Options

WIDTH = 80

# What a machine refuses to any program: no fault of ours, and told as it is.
_OF_THE_MACHINE = {
    errno.ENAMETOOLONG: "Give a shorter name or path.",
    errno.ENOSPC: "Make room, then try again.",
    errno.EROFS: "Choose a place that can be written to.",
}

GREETING = """\
scaffold makes machine-learning projects worth showing: real data, a baseline to
beat, tests, and a write-up with your own numbers in it.

  scaffold list                  what can be built
  scaffold info spam-detector    its data, its number to beat, its minutes
  scaffold new spam-detector     a git repository, ready to run
  scaffold run                   data, explore, train, evaluate, report, tests

All commands: scaffold --help"""

GREETING_IN_PROJECT = """\
This is {title}, made from the {template} template.

  scaffold run                   data, explore, train, evaluate, report, tests
  scaffold run train report      only some steps and what they need
  scaffold next                  what to do next, and what is reached

All commands: scaffold --help"""


class Commands(click.Group):
    """Lists the commands in the order of a project's life, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def examples(*lines: str) -> str:
    """The closing part of a help text, kept as it is by click."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


# What several commands take.
PATH = click.Path(path_type=Path)
as_json_too = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
in_folder = click.argument("folder", metavar="[DIR]", default=".", type=PATH)
in_folders = click.argument("folders", nargs=-1, metavar="[DIR]...", type=PATH)
of_folders = click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=PATH)


def _complete_template(_ctx: click.Context, _param: click.Parameter, text: str) -> list[str]:
    from scaffold import catalogue

    return [name for name in catalogue.names() if name.startswith(text)]


def _complete_step(_ctx: click.Context, _param: click.Parameter, text: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    from scaffold.commands.run import STEPS

    steps = [CompletionItem(name) for name in STEPS if name.startswith(text)]
    return [*steps, CompletionItem(text, type="dir")]


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        from scaffold.version import version

        say(str(version()))
        ctx.exit()


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
    epilog=examples("scaffold new spam-detector --yes --run", "cd spam-detector && scaffold run"),
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
    help="Show release, commit and catalogue, and exit.",
)  # fmt: skip
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Machine-learning portfolio projects that run."""
    if ctx.invoked_subcommand is None:
        say(_greeting())


def _greeting() -> str:
    from scaffold.project import STATE_FILE, Project

    if not Path(STATE_FILE).is_file():
        return GREETING
    project = Project.read(Path.cwd())
    return GREETING_IN_PROJECT.format(title=project.title, template=project.origin.template)


@cli.command(
    "list",
    short_help="What can be built.",
    epilog=examples("scaffold list", "scaffold list --json"),
)
@as_json_too
def list_command(as_json: bool) -> None:
    """What can be built, by kind of problem."""
    from scaffold import catalogue

    templates = catalogue.templates()
    if as_json:
        say_json([catalogue.as_dict(template) for template in templates])
        return
    kind = attrgetter("task")
    for task, alike in groupby(sorted(templates, key=kind), key=kind):
        say(styled(task.capitalize(), bold=True))
        for template in alike:
            facts = f"{template.level}, {_minutes(template)}"
            say("  ", styled(template.name, bold=True), "  ", styled(facts, dim=True))
            say(_wrap(template.summary, indent="      "))
            say(_wrap(f"To beat: {_to_beat(template)}", indent="      "))
    say("\nMore about one: scaffold info NAME")


@cli.command(
    short_help="One template: data, licence, number to beat, minutes.",
    epilog=examples("scaffold info spam-detector", "scaffold info spam-detector --json"),
)
@click.argument("template", shell_complete=_complete_template)
@as_json_too
def info(template: str, as_json: bool) -> None:
    """One TEMPLATE: its data and licence, the number to beat, skills and minutes."""
    from scaffold import catalogue

    record = catalogue.template(template)
    if as_json:
        say_json(catalogue.as_dict(record))
    else:
        say(styled(record.title, bold=True), "\n", _describe(record))


@cli.command(
    short_help="A git repository from a template, ready to run.",
    epilog=examples(
        "scaffold new spam-detector",
        "scaffold new spam-detector work/my-spam-filter",
        "scaffold new spam-detector .       # in this folder or repository",
        "scaffold new spam-detector --yes --run",
        "scaffold new spam-detector --set author='Ada L.' --set licence=Apache-2.0",
        "scaffold new house-prices --practice   # central functions left to you",
    ),
)
@click.argument("source", shell_complete=_complete_template)
@click.argument("dest", required=False, type=PATH)
@click.option("--ref", default="", help="Version, tag, branch or commit of the source.")
@click.option("--set", "answers", multiple=True, metavar="KEY=VALUE", help="Answer a question.")
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults.")
@click.option("--run", "run_it", is_flag=True, help="Run the new project right away.")
@click.option("--trust", is_flag=True, help="Let a template from elsewhere run its own code.")
@click.option("--practice", is_flag=True, help="Leave the central functions to write yourself.")
@click.option("--no-solutions", is_flag=True, help="With --practice: only hints can be had.")
def new(
    source: str,
    dest: Path | None,
    ref: str,
    answers: tuple[str, ...],
    yes: bool,
    run_it: bool,
    trust: bool,
    practice: bool,
    no_solutions: bool,
) -> None:
    """Make a project from SOURCE in DEST (default: a folder named like SOURCE, or as
    the answers to a template from elsewhere name it).

    The last part of DEST names the project and its package. The result is a git
    repository with one commit. A DEST that is a repository already gets one commit more;
    files of the same name are refused. An error or an interruption leaves nothing behind.

    The seed of a project's random choices is drawn, so that no two rest on the same
    split; `--set seed=7` fixes it, and config.toml keeps it.

    Courses such as ml-zoomcamp and mlops-zoomcamp give no points for a project that is
    somebody else's, and this one is until you have made it yours: docs/reference/rubrics.md.
    """
    from scaffold.commands import new as command
    from scaffold.project import Practice

    if no_solutions and not practice:
        raise UsageError("--no-solutions goes with --practice.")
    if run_it and practice:
        raise UsageError("--run has to wait until the functions are written: scaffold next")
    given = _key_values(answers)
    to_write = Practice(solutions=not no_solutions) if practice else None
    plan = command.plan(source, dest, ref=ref, trust=trust, practice=to_write)
    ask = _whom_to_ask(yes)
    if ask:
        where = f" in {_shown(plan.dest)}" if plan.dest else ""
        say(f"{plan.title}{where}. Enter takes what stands there.\n")
    reporter = TerminalReporter()
    created = command.create(plan, given, reporter, ask)
    reporter.clear()
    say(_closing(created, with_run=not run_it))
    if run_it:
        _run_steps(created.project.root)


def _closing(created: Created, with_run: bool) -> str:
    from scaffold.shell import change_folder

    project, where = created.project, _shown(created.project.root)
    named = "it here" if where == "." else where
    lines = [f"Made {named}: {project.title}, one commit on branch {created.branch}."]
    if created.left_out:
        lines.append(f"On disk, not in git, as .gitignore says: {_some(created.left_out)}.")
    if created.not_brought:
        lines.append(
            "Left out, since it works only where the template's code made it: "
            f"{_some(created.not_brought)}. Make it anew here."
        )
    if not created.author.known:
        lines += [
            "",
            "Git does not know you, so the commit is in the name of scaffold. To set yours:",
            '  git config --global user.name "Your Name"',
            "  git config --global user.email you@example.com",
        ]
    if with_run:
        going = [] if where == "." else [change_folder(where)]
        running = ["scaffold run"] if project.origin.location == "catalogue" else []
        running = ["scaffold next"] if project.practice else running
        after = [f"  {line}" for line in (*going, *running)]
        lines += ["", "Next:", *after] if after else []
    return "\n".join(lines)


@cli.command(
    short_help="Environment, data, explore, train, evaluate, report, tests.",
    epilog=examples(
        "scaffold run                       # here, everything",
        "scaffold run work/my-spam-filter   # there, everything",
        "scaffold run train report          # these and what they need",
        "scaffold run --sample              # a trial without the network",
        "scaffold run evaluate --force      # again, though nothing changed",
        "scaffold run --commit              # one commit a step",
    ),
)
@click.argument("words", nargs=-1, metavar="[DIR] [STEP]...", shell_complete=_complete_step)
@click.option("--sample", is_flag=True, help="Use the small sample instead of the real data.")
@click.option("--force", is_flag=True, help="Run the steps again though nothing changed.")
@click.option("--commit", is_flag=True, help="Commit what each step has written.")
@click.option(
    "--because", default="", metavar="TEXT",
    help="Why the test set is read by a second model; the report shows it.",
)  # fmt: skip
def run(words: tuple[str, ...], **wanted: Any) -> None:
    """Run the project in DIR (default: here), all of it or the named STEPs.

    Steps: environment, data, explore, train, evaluate, report, tests. What is made already
    and unchanged is skipped; a failure stops the run and shows the end of the output.

    With --commit the history tells the work: one commit a step, with its headline number.
    Changes of your own stay for you to commit.
    """
    from scaffold.commands.run import STEPS

    folder = Path()
    if words and words[0] not in STEPS:
        folder, words = Path(words[0]), words[1:]
        if not folder.is_dir():
            raise UnknownName("folder or step", str(folder), STEPS)
    _run_steps(folder, words, **wanted)


def _run_steps(folder: Path, steps: Sequence[str] = (), **wanted: Any) -> None:
    from scaffold.commands import run as command
    from scaffold.project import Project

    project = Project.find(folder)
    say(f"{project.title} in {_shown(project.root)}")
    ran = command.run(project, steps, reporter=TerminalReporter(), **wanted)
    say(_outcome(project, ran))
    if ran.done:
        from scaffold.commands.next import closing

        if lines := closing(project):
            say("\n".join(["", *lines]))


def _outcome(project: Project, ran: Ran) -> str:
    if ran.result is None:
        return f"Done in {duration(ran.seconds)}.{ran.note and f' {ran.note}'}"
    from scaffold.results import number

    result, lines = ran.result, []
    interval = "{} to {}".format(*map(number, result.interval)) if result.interval else "not given"
    lines.append(f"{result.label} {number(result.value)} (95 % interval {interval})")
    if result.baseline is not None:
        lines.append(f"{result.baseline_name}: {number(result.baseline)}")
    if result.from_sample:
        lines.append("From the small sample, not the real data: scaffold run gets those.")
    here = _shown(project.root)
    look = [Path(here, name) for name in ("README.md", "REPORT.md", "reports")]
    shown = ", ".join(str(path) for path in look if path.exists())
    body = "\n".join(f"  {line}" for line in lines)
    return f"\nDone in {duration(ran.seconds)}.\n\n{body}\n\nLook at: {shown}"


@cli.command(
    "next",
    short_help="What to do next in a project.",
    epilog=examples("scaffold next", "scaffold next work/house-prices", "scaffold next --json"),
)
@in_folder
@as_json_too
def next_command(folder: Path, as_json: bool) -> None:
    """What to do next in the project in DIR (default: here).

    In a practice project: which functions are right by their tests, and the one to
    write now. In any other: the challenges of its template.
    """
    from scaffold.commands import next as ordinary
    from scaffold.commands import practice as command
    from scaffold.project import Project

    project = Project.find(folder)
    if project.practice is None:
        say(ordinary.next_of_project(project, as_json=as_json))
        return
    reporter = TerminalReporter()
    course = command.look(project, reporter)
    reporter.clear()
    say_json(command.as_dict(course)) if as_json else say(command.as_text(course))


def _complete_function(_ctx: click.Context, _param: click.Parameter, text: str) -> list[str]:
    from scaffold.practising import practice
    from scaffold.project import Project

    try:
        known = practice.functions(Project.find(Path()).root)
    except ScaffoldError:
        return []
    return [function.name for function in known if function.name.startswith(text)]


@cli.command(
    short_help="One hint more for a function to practise.",
    epilog=examples("scaffold hint", "scaffold hint margin"),
)
@click.argument("name", required=False, default="", shell_complete=_complete_function)
def hint(name: str) -> None:
    """One hint more for the function NAME (default: the one to write now).

    From light to heavy; how many were read is recorded in .scaffold.toml.
    """
    from scaffold.commands import practice as command
    from scaffold.project import Project

    reporter = TerminalReporter()
    given = command.hint(Project.find(Path()), name, reporter)
    reporter.clear()
    function = given.function
    say(f"Hint {given.number} of {len(function.hints)} for {function.name}, in {function.file}:")
    say(_wrap(given.text, indent="  "))


@cli.command(
    short_help="The template's own body of a function to practise.",
    epilog=examples("scaffold solution margin"),
)
@click.argument("name", shell_complete=_complete_function)
def solution(name: str) -> None:
    """Put the template's body into the function NAME; .scaffold.toml records it.

    What you had written is kept under .scaffold/practice/. A teacher can switch
    solutions off: scaffold new TEMPLATE --practice --no-solutions
    """
    from scaffold.commands import practice as command
    from scaffold.project import Project

    solved = command.solution(Project.find(Path()), name)
    say(f"{solved.function.name} has the template's body now: {solved.function.file}")
    if solved.kept:
        say(f"What you had written is in {solved.kept}")
    say("Next: scaffold next")


@cli.command(
    short_help="What passes in each of many practice projects.",
    epilog=examples(
        "scaffold grade students/*/ --trust",
        "scaffold grade students/*/ --trust --csv class.csv",
        "scaffold grade students/*/ --trust --seconds 20 --memory 2000 --json",
    ),
)
@of_folders
@click.option("--trust", is_flag=True, help="Run the projects' code; nothing happens without.")
@click.option("--seconds", default=60, show_default=True, help="For the tests of one function.")
@click.option("--memory", default=4000, show_default=True, help="Megabytes for one project.")
@click.option("--jobs", default=0, help="Projects at a time (default: one a processor).")
@as_json_too
@click.option(
    "--csv", "table", metavar="FILE", type=PATH,
    help="Also write a row for each project.",
)  # fmt: skip
def grade(
    folders: tuple[Path, ...],
    trust: bool,
    seconds: int,
    memory: int,
    jobs: int,
    as_json: bool,
    table: Path | None,
) -> None:
    """Examine the practice projects in DIR..., for teachers.

    The tests are the template's: a student who edits tests gains nothing. The code of
    students runs, so only with --trust; each project in a copy, with limits on time and
    memory, under bubblewrap where the system has it. The output says which it was.
    """
    from scaffold.commands import grade as command

    if min(seconds, memory) < 1 or jobs < 0:
        raise UsageError("--seconds and --memory are 1 or more, --jobs is no less than 0.")
    limits = replace(command.DEFAULTS, seconds=seconds, memory=memory)
    reporter = TerminalReporter()
    grades = command.grade(folders, trust=trust, limits=limits, jobs=jobs, reporter=reporter)
    reporter.clear()
    if table:
        table.write_text(command.as_csv(grades), encoding="utf-8")
    say_json(command.as_dict(grades)) if as_json else say(command.as_text(grades))


@cli.command(
    short_help="Would a reviewer take this seriously? What is missing, how to fix it.",
    epilog=examples(
        "scaffold check",
        "scaffold check ~/work/spam-detector ~/work/house-prices",
        "scaffold check --explain ST104     # what it asks for, and why",
        "scaffold check --fix               # what a machine can put right; asks",
        "scaffold check --deep              # clone, install, run, test (minutes)",
        "scaffold check --markdown > review.md",
        "scaffold check --rubric ml-zoomcamp   # its points, and what is yours to add",
        "scaffold check students/*/         # a class: one table, who resembles whom",
        "scaffold check students/*/ --csv --pages reviews > class.csv",
    ),
)
@in_folders
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Print Markdown, every check too.")
@click.option("--csv", "form", flag_value="csv", help="Print a row a check, for a spreadsheet.")
@click.option("--sarif", "form", flag_value="sarif", help="Print SARIF, for code scanning.")
@click.option("--all", "everything", is_flag=True, help="Everything, not the first five things.")
@click.option(
    "--pages", type=PATH, metavar="FOLDER",
    help="Also write a Markdown page for each repository.",
)  # fmt: skip
@click.option("--fix", is_flag=True, help="Show, and do if you agree, what a machine can.")
@click.option("--yes", is_flag=True, help="With --fix: agree to all of it.")
@click.option("--deep", is_flag=True, help="Also clone, install, run on the sample and test.")
@click.option("--trust", is_flag=True, help="Let --deep run a project that was not made here.")
@click.option("--explain", metavar="CHECK", help="What one check asks for, and why.")
@click.option(
    "--rubric", metavar="NAME",
    help="Points of mlops-zoomcamp, ml-zoomcamp, ml-test-score or reforms.",
)  # fmt: skip
def check(
    folders: tuple[Path, ...],
    form: str | None,
    everything: bool,
    pages: Path | None,
    fix: bool,
    yes: bool,
    deep: bool,
    trust: bool,
    explain: str | None,
    rubric: str | None,
) -> int:
    """Review the repositories in DIR (default: here). Exit code 3 when something fails.

    Nothing of a repository is executed, but with --deep. Works on any repository,
    not only on those made by scaffold: it says what kind it is, and asks for what that
    kind owes. The five things that a reviewer would say come first. Of many, a table.
    Checks of other packages for repo-review run too.
    """
    from scaffold.checks import showing
    from scaffold.commands import check as command

    if explain:
        say(command.explain(explain))
        return 0
    folders = folders or (Path(),)
    if rubric:
        return _score(folders, rubric, form)
    if (yes and not fix) or (trust and not deep):
        raise UsageError("--yes goes with --fix, and --trust with --deep.")
    reporter = TerminalReporter()
    consent = _consent(reporter, yes) if fix else None
    reviews = command.check(folders, deep=deep, trust=trust, fix=consent, reporter=reporter)
    reporter.clear()
    if pages:
        command.write_pages(reviews, pages)
    shown = showing.rendered(reviews, form or "", everything=everything)
    say_json(shown) if isinstance(shown, list | dict) else say(shown)
    for review in reviews:
        if review.error:
            _complain(review.error, review.hint)
    if any(review.error for review in reviews):
        return ScaffoldError.exit_code
    return ChecksFailed.exit_code if any(review.failures for review in reviews) else 0


def _score(folders: Sequence[Path], name: str, form: str | None) -> int:
    from scaffold.checks import rubric
    from scaffold.commands import check as command

    if form not in {None, "json", "markdown"}:
        raise UsageError("--rubric prints text, --json or --markdown.")
    scores = command.score(folders, name)
    if form == "json":
        say_json([rubric.as_dict(score) for score in scores])
    else:
        shown = rubric.as_markdown if form else rubric.as_text
        say("\n\n".join(map(shown, scores)))
    return 0


def _consent(reporter: TerminalReporter, yes: bool) -> Callable[[Repair], bool]:
    """Show what a repair would change, on the side of the errors, and ask unless told."""

    def consent(repair: Repair) -> bool:
        reporter.message(repair.diff.rstrip("\n"))
        if yes:
            return True
        if terminal.is_interactive():
            return terminal.confirm("Do this?")
        reporter.message("Left as it is: without a terminal, --fix needs --yes.")
        return False

    return consent


@cli.command(
    short_help="GitHub repository, pushed, described, with topics and pages.",
    epilog=examples(
        "scaffold publish --dry-run         # every call it would make",
        "scaffold publish --public",
        "scaffold publish --owner my-team --name spam-filter --private",
        "scaffold publish --skip ST102      # leave one check out",
        "scaffold publish --space --public  # the service, on Hugging Face",
    ),
)
@in_folder
@click.option("--owner", help="User or organisation (default: you).")
@click.option("--name", help="Name of the repository (default: the project's).")
@click.option("--private/--public", default=None, help="Who may see it; a new one: asked.")
@click.option("--description", help="Default: the question and the measured result.")
@click.option("--topic", "topics", multiple=True, help="Default: the template's topics.")
@click.option("--pages/--no-pages", default=None, help="Serve the report (default: if public).")
@click.option("--space", is_flag=True, help="To Hugging Face instead: a Space with the service.")
@click.option("--protect", is_flag=True, help="Forbid force pushes to the branch, and deletion.")
@click.option("--skip", multiple=True, metavar="CHECK", help="Leave a check out; `all`: every one.")
@click.option("--dry-run", is_flag=True, help="Print the calls; change nothing.")
@as_json_too
@click.option("--open", "open_it", is_flag=True, help="Open the repository in the browser.")
def publish(
    folder: Path, space: bool, dry_run: bool, as_json: bool, open_it: bool, **wanted: Any
) -> None:
    """Bring what is committed in DIR (default: here) to GitHub.

    Account and visibility are said before anything changes. Of a new repository,
    without a terminal, --public or --private has to be given.

    Each step looks before it acts: run it again after any failure, and it finishes
    the job. The token comes from GH_TOKEN, GITHUB_TOKEN, `gh auth token` or git's
    credential helper, and is shown nowhere; --dry-run needs none if --owner or git's
    github.user says whose it is. --space takes it from HF_TOKEN or `hf auth login`.
    """
    from scaffold.commands import publish as to_forge
    from scaffold.commands import space as to_hub

    wishes = to_forge.Wishes(**wanted)
    of_github = wishes.description or wishes.topics or wishes.pages is not None or wishes.protect
    if space and of_github:
        raise UsageError("--space goes with --owner, --name, --public, --private and --skip.")
    command: Any = to_hub if space else to_forge
    choose = _choose_private if terminal.is_interactive() else None
    reporter = TerminalReporter()
    published = command.publish(folder, wishes, dry_run=dry_run, choose=choose, reporter=reporter)
    say_json(asdict(published)) if as_json else say(command.as_text(published))
    if open_it and not dry_run:
        click.launch(published.address)


def _choose_private(full_name: str) -> bool:
    words = ("public", "private")
    return terminal.choose(f"Who may see {full_name}?", words) == "private"


def _whom_to_ask(yes: bool) -> Ask | None:
    """Somebody at the terminal, unless `--yes` was given."""
    return terminal.ask if terminal.is_interactive() and not yes else None


def _renewing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that `update` and `diff` share: they get `options`, and whom to ask."""

    @wraps(command)
    def renew(
        ref: str, answers: tuple[str, ...], source: str, trust: bool, yes: bool, **own: Any
    ) -> Any:
        from scaffold.updating.plan import Options

        options = Options(ref, source, _key_values(answers), trust)
        return command(options=options, asking=_whom_to_ask(yes), **own)

    for option in (
        click.option("--trust", is_flag=True, help="Let the template run its own code."),
        click.option("--source", default="", help="Where the template has moved to."),
        click.option("--yes", is_flag=True, help="Ask nothing; new questions get their defaults."),
        click.option(
            "--set", "answers", multiple=True, metavar="KEY=VALUE", help="Change an answer."
        ),
        click.option("--ref", default="", help="Go to this tag, branch or commit."),
    ):
        renew = option(renew)
    return renew


@cli.command(
    short_help="Merge a newer template, keeping your work.",
    epilog=examples(
        "scaffold update",
        "scaffold update --no-commit          # merged, to look at before committing",
        "scaffold update --check              # exit code 3: there is a newer one",
        "scaffold update students/*/          # many projects, in parallel",
    ),
)
@in_folders
@_renewing
@click.option("--no-commit", is_flag=True, help="Merge, and leave the commit to you.")
@click.option(
    "--check", "only_check", is_flag=True, help="Only say whether there is a newer version."
)
@as_json_too
def update(
    folders: tuple[Path, ...],
    options: Options,
    asking: Ask | None,
    no_commit: bool,
    only_check: bool,
    as_json: bool,
) -> int:
    """Merge the newest version of the template into the project in DIR (default: here).

    Git merges: what you changed stays, what the template changed comes, and where both
    changed the same lines git's markers show both (exit code 4). Seeded files like the
    README stay yours. A refusal (exit code 1) leaves everything as it was.
    """
    from scaffold.commands import update as command
    from scaffold.commands import update_many
    from scaffold.project import Project

    options = replace(options, commit=not no_commit)
    roots = folders or (Path(),)
    reporter = TerminalReporter()
    if only_check:
        results = update_many.check_many(roots, options)
    elif len(roots) > 1:
        results = update_many.update_many(roots, options, reporter)
    elif as_json:
        results = [update_many.one(roots[0], options, asking, reporter)]
    else:
        outcome = command.update(Project.find(roots[0]).root, options, asking, reporter)
        reporter.clear()
        say(command.as_text(outcome))
        return command.exit_code(outcome)
    reporter.clear()
    if as_json:
        say_json([update_many.as_dict(result) for result in results])
    elif only_check:
        say("\n".join(shortened(update_many.looked_at(result)) for result in results))
    else:
        say(f"\n{update_many.table(results)}")
    return update_many.worst(results)


@cli.command(
    short_help="What an update would change, touching nothing.",
    epilog=examples("scaffold diff", "scaffold diff --stat", "scaffold diff | less -R"),
)
@in_folder
@_renewing
@click.option("--stat", is_flag=True, help="Files and counts instead of the patch.")
@click.option("--two-way", is_flag=True, help="Compare with a plain rendering, without a merge.")
@as_json_too
def diff(
    folder: Path, options: Options, asking: Ask | None, stat: bool, two_way: bool, as_json: bool
) -> None:
    """Show what `scaffold update` would do to the last commit of the project in DIR."""
    from scaffold.commands import diff as command
    from scaffold.project import Project

    reporter = TerminalReporter()
    found = command.diff(Project.find(folder).root, options, asking, reporter, two_way=two_way)
    reporter.clear()
    if as_json:
        say_json(command.as_dict(found), exact=True)
    else:
        hand_over(found.stat if stat else found.patch)
        say(command.as_text(found), err=True)


@cli.command(
    short_help="Adopt a project that copier, cruft or a hand made.",
    epilog=examples(
        "scaffold link . gh:owner/template      # made by copier or cruft",
        "scaffold link . spam-detector          # made by hand from a template",
        "scaffold link . gh:owner/template --ref v1.2 --set name=value",
    ),
)
@click.argument("folder", metavar="DIR", type=PATH)
@click.argument("source", required=False, default="")
@click.option("--ref", default="", help="The version that the project was made from.")
@click.option("--set", "answers", multiple=True, metavar="KEY=VALUE", help="Answer a question.")
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults.")
@click.option("--trust", is_flag=True, help="Let the template run its own code.")
def link(
    folder: Path, source: str, ref: str, answers: tuple[str, ...], yes: bool, trust: bool
) -> None:
    """Tell scaffold which template the project in DIR came from, so that update works.

    Version and answers are read from .copier-answers.yml or .cruft.json where there is
    one. The files of the project stay as they are; one commit adds .scaffold.toml.
    """
    from scaffold.commands import link as command

    given, ask = _key_values(answers), _whom_to_ask(yes)
    reporter = TerminalReporter()
    linked = command.link(folder, source, ref, given, ask, reporter, trusted=trust)
    reporter.clear()
    say(command.as_text(linked))


@cli.command(
    short_help="One portfolio page out of many projects.",
    epilog=examples(
        "scaffold site projects/            # every project in that folder",
        "scaffold site spam-detector house-prices -o site",
        "scaffold site projects/ --publish --dry-run",
    ),
)
@of_folders
@click.option(
    "-o", "output", default="site", show_default=True, metavar="FOLDER", type=PATH,
    help="Where to write it.",
)  # fmt: skip
@click.option(
    "--about", metavar="FILE", type=PATH, help="Who you are (default: portfolio.toml here)."
)
@click.option("--publish", "online", is_flag=True, help="Bring it to <user>.github.io.")
@click.option("--dry-run", is_flag=True, help="With --publish: print the calls; change nothing.")
@as_json_too
def site(
    folders: tuple[Path, ...],
    output: Path,
    about: Path | None,
    online: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a static site of the projects in DIR..., or directly beneath it.

    A card and a page for each: question, measured result beside its baseline, figures,
    report. Numbers of the sample, and sections that nobody has written, stay out.
    """
    from scaffold.commands import site as command

    if dry_run and not online:
        raise click.UsageError("--dry-run goes with --publish.")
    reporter = TerminalReporter()
    if online:
        built = command.publish(folders, output, about, dry_run=dry_run, reporter=reporter)
    else:
        built = command.build(folders, output, about, reporter=reporter)
    reporter.clear()
    say_json(command.as_dict(built)) if as_json else say(command.as_text(built))


@cli.group(
    cls=Commands,
    short_help="For template authors: begin, check, preview.",
    epilog=examples("scaffold template new churn-predictor --family tabular"),
)
def template() -> None:
    """Begin a template, see whether it is all that it should be, look at what it makes."""


@template.command(
    "new",
    short_help="A template that runs, to make your own.",
    epilog=examples(
        "scaffold template new churn-predictor --family tabular",
        "scaffold template new churn-predictor --from work/my-churn",
    ),
)
@click.argument("name")
@click.argument("top", metavar="[DIR]", default=".", type=PATH)
@click.option(
    "--family", metavar="FAMILY", default="",
    help="tabular, text, image or series: a copy of the nearest template.",
)  # fmt: skip
@click.option(
    "--from", "project", metavar="PROJECT", type=PATH,
    help="A project of yours: what you changed in it becomes the template's.",
)  # fmt: skip
def template_new(name: str, top: Path, family: str, project: Path | None) -> None:
    """Make the template NAME in DIR/templates (default: here), its papers in DIR/tests.

    It runs and passes every check from the start. What it has of its own yet is said
    by `scaffold template check`.
    """
    from scaffold.authoring import start

    if bool(family) == bool(project):
        raise UsageError("Give --family or --from.", f"Families: {', '.join(start.families())}")
    if project:
        started = start.from_project(name, top, project)
    else:
        started = start.from_family(name, top, family)
    where = _shown(started.folder)
    say(f"Made {where} from {started.origin}; its papers are in {_shown(started.papers.tests)}.")
    if started.unsettled:
        say(f"Bring over by hand what you changed in {_some(started.unsettled)}.")
    say(
        "\nNext: template.toml, then data.py and the sample, model.py, the texts.\n"
        f"  scaffold template preview {where}\n  scaffold template check {where}"
    )


@template.command(
    "check",
    short_help="All that is asked of a template, a line each.",
    epilog=examples(
        "scaffold template check templates/churn-predictor --quick",
        "scaffold template check templates/churn-predictor",
    ),
)
@click.argument("path", type=PATH)
@click.option("--quick", is_flag=True, help="Render only: no environment, no step, no test.")
@as_json_too
def template_check(path: Path, quick: bool, as_json: bool) -> None:
    """Whether the template in PATH is all that it should be; exit code 3 if it is not.

    Seconds with --quick. Else it also makes an environment, runs on the sample, and
    plants the mistakes that its tests must catch: minutes. Check what you trust: the list
    of mistakes in its papers is Python that is run, with --quick too.
    """
    from scaffold.authoring import check as command
    from scaffold.authoring.subject import Subject

    reporter = TerminalReporter()

    def tell(line: command.Line) -> None:
        reporter.clear()
        if not as_json:
            say(command.as_text(line))

    subject = Subject.at(path)
    lines = command.check(subject, reporter, tell, quick=quick)
    if as_json:
        say_json([asdict(line) for line in lines])
    elif note := command.still(subject):
        say(f"\n{note}")
    command.refuse_failures(lines)


@template.command(
    "preview",
    short_help="A project that follows its template as you write.",
    epilog=examples(
        "scaffold template preview templates/churn-predictor",
        "scaffold template preview templates/churn-predictor --step report --once",
    ),
)
@click.argument("path", type=PATH)
@click.argument("dest", metavar="[DEST]", required=False, type=PATH)
@click.option("--step", "steps", multiple=True, metavar="STEP", help="Only these, and their needs.")
@click.option("--once", is_flag=True, help="Do not wait for changes.")
def template_preview(path: Path, dest: Path | None, steps: tuple[str, ...], once: bool) -> None:
    """Render the template in PATH into DEST (default: preview/NAME), run it on its sample.

    Then wait: whenever a file of the template or its layers is written, what changed is
    rendered, and the steps that it touches run again. Ctrl-C ends it.
    """
    from scaffold.authoring import preview as command

    dest = dest or command.place_for(path)

    def bring_up_to_date() -> None:
        project = command.preview(path, dest, steps, TerminalReporter())
        say(f"{project.title} in {_shown(project.root)} is up to date.")

    if once:
        bring_up_to_date()
        return
    for changed in command.changes(path):
        if changed:
            say(f"\nwritten: {_some(changed)}")
        try:
            bring_up_to_date()
        except ScaffoldError as error:
            _tell(error)
        say("Waiting for changes; Ctrl-C ends it.")


@cli.command(
    short_help="Shell completion.",
    epilog=examples(
        'eval "$(scaffold completion bash)"      # in ~/.bashrc',
        'eval "$(scaffold completion zsh)"       # in ~/.zshrc',
        "scaffold completion fish > ~/.config/fish/completions/scaffold.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is not None:
        say(kind(cli, {}, "scaffold", "_SCAFFOLD_COMPLETE").source())


def _describe(template: Template) -> str:
    target, data = template.target, template.data
    better = "higher" if target.higher_is_better else "lower"
    rows = {
        "Question": template.question,
        "Problem": template.task,
        "Data": f"{data.name}, {data.rows:,} {data.unit}, by {data.publisher}",
        "": data.url,
        "Licence": data.licence,
        "To beat": f"{_to_beat(template)} ({better} is better)",
        "Reached": f"{target.gate:g} is the least the tests accept",
        "Time": f"{_minutes(template)} from the data to the report, on two cores",
        "Level": template.level,
        "Skills": ", ".join(template.skills),
    }
    body = "\n".join(
        _wrap(text, indent=f"  {name:<10}", hanging=" " * 12) for name, text in rows.items() if text
    )
    return f"{_wrap(template.summary)}\n\n{body}\n\nMake it: scaffold new {template.name}"


def _to_beat(template: Template) -> str:
    target = template.target
    return f"{target.label} {target.baseline:g} by {target.baseline_name}"


def _minutes(template: Template) -> str:
    return f"{template.minutes:g} minute{'' if template.minutes == 1 else 's'}"


def _shown(path: Path) -> str:
    """A path as one would type it here."""
    try:
        shown = os.path.relpath(path)
    except ValueError:  # another drive of Windows
        return str(path)
    far = shown.startswith(os.path.join("..", ".."))  # noqa: PTH118
    return shortened(str(path)) if far else shown


def _wrap(text: str, indent: str = "", hanging: str | None = None) -> str:
    return click.wrap_text(text, WIDTH, indent, indent if hanging is None else hanging)


def _some(paths: Sequence[str]) -> str:
    """The first few of some paths, and how many more there are."""
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return f"{', '.join(map(one_line, paths[:5]))}{more}"


def _key_values(pairs: Sequence[str]) -> dict[str, str]:
    """`KEY=VALUE` options as a dictionary; anything else is a usage error."""
    for pair in pairs:
        if "=" not in pair or pair.startswith("="):
            raise click.BadParameter(f"{pair!r} is not KEY=VALUE.", param_hint="--set")
    return dict(pair.split("=", 1) for pair in pairs)


def main() -> NoReturn:
    """The program."""
    from scaffold.git import ask_nobody, forget_ambient

    forget_ambient()
    if sys.stdin is None or not sys.stdin.isatty():
        ask_nobody()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may be in no encoding at all
            stream.reconfigure(errors="backslashreplace")
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    sys.exit(execute(sys.argv[1:]))


def execute(arguments: Sequence[str]) -> int:
    """Run one command line; the one place where errors become words and exit codes."""
    try:
        result = cli.main(list(arguments), prog_name="scaffold", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except ScaffoldError as error:
        _tell(error)
        return error.exit_code
    except click.ClickException as error:
        _explain(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("\nInterrupted.", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # `scaffold list | head`
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - nothing is left to tell
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
            name = str(error.filename or "")
            shown = f"{name[:40]}…{name[-20:]}" if len(name) > 80 else name
            _complain(f"{error.strerror}: {shown}", _OF_THE_MACHINE[error.errno])
            return ScaffoldError.exit_code
        from scaffold.report_file import place_for_reports, write_report

        report = write_report(error, ["scaffold", *arguments])
        _complain(
            f"Unexpected: {type(error).__name__}: {error}",
            f"That is a fault of scaffold. A report is in {report}; please read it, then send it "
            f"to {place_for_reports()}.",
        )
        return 1


def _tell(error: ScaffoldError) -> None:
    """An error, below the end of what a failed program said."""
    if error.output:
        say("\n".join(f"  | {line}" for line in error.output.splitlines()), err=True)
    _complain(error.message, error.hint)


def _complain(message: str, hint: str) -> None:
    say(styled("Error:", fg="red", bold=True), f" {_hanging(shortened(message))}", err=True)
    if hint:
        say(f"  {_hanging(shortened(hint))}", err=True)


def _hanging(text: str) -> str:
    """The further lines of a message indented, so that none of them passes for a message."""
    return text.replace("\n", "\n  ")


def _explain(error: click.ClickException) -> None:
    """What click says of a wrong command line, which may hold anything."""
    words = io.StringIO()
    error.show(words)
    say(words.getvalue(), err=True, nl=False)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    """Being told to stop is like Ctrl-C: clean up, then go; only once."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
