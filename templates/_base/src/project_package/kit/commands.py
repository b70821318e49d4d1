"""The command line: python -m project_package STEP."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from .provenance import PACKAGE
from .workspace import COMMAND, ProjectError, Workspace, read_settings

Step = Callable[[str, str, Callable[[Any], int | None]], argparse.ArgumentParser]
RETRAIN = "learn from feedback too; serve the new model if it is better on rows nobody has seen"


def main(arguments: list[str] | None = None) -> int:
    """Run one step; returns the exit code (0 done, 1 something the user can put right)."""
    try:
        options = _parser().parse_args(arguments)
        return int(options.action(options) or 0)
    except ProjectError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; what was finished is kept", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    steps = parser.add_subparsers(metavar="STEP", required=True)

    def step(name: str, text: str, action: Callable[[Any], int | None]) -> argparse.ArgumentParser:
        made = steps.add_parser(name, help=text, description=text)
        made.set_defaults(action=action)
        return made

    train = _add_run(step)
    for searching in (train, *_add_attempts(step)):
        _add_settings(searching)
        searching.add_argument(
            "--on", metavar="ADDRESS", help="a Dask scheduler, such as tcp://scheduler:8786"
        )
    _add_service(step)
    _add_life(step)
    following = step("next", "what to do next, and what is reached", _next)
    following.add_argument("--json", action="store_true", help="print JSON, for programs")
    following.add_argument("--quick", action="store_true", help="run no test, time nothing")
    return parser


def _add_run(step: Step) -> argparse.ArgumentParser:
    """From nothing to the write-up; returns the step `train`."""
    data = step("data", "download, clean and split the data", _data)
    step("explore", "look at the training set: figures and tables for the write-up", _explore)
    notebook = step("notebook", "the exploration as an executed notebook", _notebook)
    notebook.add_argument("--again", action="store_true", help="write over what is there")
    train = step("train", "fit the model of config.toml to the training set", _train)
    evaluate = step("evaluate", "measure model and baselines on the test set", _evaluate)
    step("report", "write the numbers into README, REPORT and MODEL_CARD", _report)
    everything = step("all", ", ".join(STEPS), _all)
    study = step("study", "ask one secondary question again and print its section", _study)
    study.add_argument("name", metavar="NAME", help="a module of studies/")
    for chosen in (data, everything):
        chosen.add_argument(
            "--sample", action="store_true", help="use the small sample, and say so"
        )
    for chosen in (data, evaluate, everything):
        _add_settings(chosen)
    for chosen in (evaluate, everything, study):
        chosen.add_argument(
            "--because", default="", metavar="TEXT",
            help="why the test set is read once more; the report shows it",
        )  # fmt: skip
    return train


def _add_attempts(step: Step) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """Ideas, one by one or many at once; returns `try` and `tune`."""
    tried = step("try", "score an idea on the training set and put it on record", _try)
    tried.add_argument("why", help="what you expect of it, in a few words")
    step("attempts", "list the attempts on record", _attempts)
    keep = step("keep", "write the values of an attempt into config.toml", _keep)
    again = step("repeat", "make an attempt again; it must give the same number", _repeat)
    for chosen in (keep, again):
        chosen.add_argument("number", type=int)
    tune = step("tune", "search [ranges] of config.toml; the best becomes an attempt", _tune)
    tune.add_argument("--trials", type=int, default=40)
    tune.add_argument("--minutes", type=float, default=5.0)
    tune.add_argument("--storage", help="any of Optuna's, for several machines: postgresql://...")
    return tried, tune


def _add_service(step: Step) -> None:
    predict = step("predict", "predict for one input (from standard input if none)", _predict)
    predict.add_argument("inputs", nargs="*", metavar="INPUT")
    if (PACKAGE / "enrolment.py").exists():
        enrol = step("enrol", "enrol people on this machine by their pictures", _enrol)
        enrol.add_argument("folder", metavar="FOLDER", help="a folder for each person, by name")
        forget = step("forget", "delete all that is kept of somebody enrolled", _forget)
        forget.add_argument("name", metavar="NAME")
    serve = step("serve", "start the service and its page", _serve)
    serve.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    serve.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    if (PACKAGE / "demo.py").exists():
        step("demo", "write demo/: the page with the model in it, for any static host", _demo)
    bench = step("bench", "measure how many requests the service bears", _bench)
    bench.add_argument("--url", help="a service that runs already, such as http://127.0.0.1:8000")
    bench.add_argument("--seconds", type=float, default=10.0, help="for each row of the table")


def _add_life(step: Step) -> None:
    """What comes after the number."""
    rerun = step("rerun", "compare the results at hand with those committed", _rerun)
    rerun.add_argument("commit", nargs="?", default="HEAD")
    watch = step(
        "monitor",
        "compare served predictions with those seen in training: "
        "exit code 0 stable, 3 shifted, 2 too few, 1 an error",
        _monitor,
    )
    watch.add_argument("--window", type=int, metavar="N", help="so many predictions a window")
    watch.add_argument(
        "--html", nargs="?", const="logs/monitor.html", metavar="FILE", help="write a page as well"
    )
    if (PACKAGE / "feedback.py").exists():
        retrain = step("retrain", RETRAIN, _retrain)
        retrain.add_argument(
            "--data", default="data/feedback.jsonl", metavar="FILE",
            help="labelled rows, all that there are so far: JSON lines of what /predict takes for "
            "one input, with `truth` and what feedback.py names beside it. The service keeps no "
            "inputs, so this file is yours to bring (default: %(default)s, which git ignores)",
        )  # fmt: skip
        retrain.add_argument("--no-promote", action="store_true", help="compare, and keep nothing")
        retrain.add_argument(
            "--trusted", action="store_true", help="truths that the model contradicts were checked"
        )
        step("rollback", "serve the version again that was served before", _rollback)
    if (PACKAGE / "stream.py").exists():
        again = step("simulate", "replay later data as traffic: when would it show?", _simulate)
        again.add_argument("--late", type=int, default=14, metavar="DAYS", help="truths come after")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", dest="settings", action="append", metavar="TABLE.KEY=VALUE",
        help="a value of config.toml for this run; can be given more than once",
    )  # fmt: skip


def _workspace(options: argparse.Namespace) -> Workspace:
    plain = Workspace()
    given = read_settings(getattr(options, "settings", None) or [], plain.config)
    return Workspace(overrides=given, because=getattr(options, "because", ""))


def _served(options: argparse.Namespace) -> Workspace:
    from .registry import serving

    return serving(_workspace(options))


def _machines(options: argparse.Namespace) -> AbstractContextManager[None]:
    """Where joblib works: here, or on the cluster that `--on` names."""
    if not getattr(options, "on", None):
        return nullcontext()
    from .cluster import on

    return on(options.on)


def _data(options: argparse.Namespace) -> None:
    from .. import data

    data.run(_workspace(options), sample=options.sample)


def _explore(options: argparse.Namespace) -> None:
    from .. import explore

    explore.run(_workspace(options))


def _notebook(options: argparse.Namespace) -> None:
    from . import notebook

    print(notebook.make(_workspace(options), options.again))


def _train(options: argparse.Namespace) -> None:
    from .. import train

    with _machines(options):
        train.run(_workspace(options))


def _evaluate(options: argparse.Namespace) -> None:
    from .. import evaluate

    evaluate.run(_workspace(options))


def _study(options: argparse.Namespace) -> None:
    from .. import evaluate
    from .report import shown
    from .results import run_study, study_as_json

    workspace = _workspace(options)
    made = study_as_json(run_study(workspace, options.name, evaluate.measure(workspace)))
    print(f"# {made['title']}\n\n{made['text']}\n\n{shown(made, made, workspace.root)}")


def _report(options: argparse.Namespace) -> None:
    from . import report

    report.run(_workspace(options))


def _all(options: argparse.Namespace) -> None:
    for name, action in STEPS.items():
        started = time.perf_counter()
        print(f"== {name}")
        action(options)
        print(f"== {name} took {time.perf_counter() - started:.1f} s")


# From nothing to the write-up.
STEPS: dict[str, Callable[[Any], None]] = {
    "data": _data,
    "explore": _explore,
    "train": _train,
    "evaluate": _evaluate,
    "report": _report,
}


def _predict(options: argparse.Namespace) -> None:
    from .. import predict

    predict.run(_served(options), options.inputs or [sys.stdin.read()])


def _enrol(options: argparse.Namespace) -> None:
    from .. import enrolment

    people = enrolment.enrol(_served(options), Path(options.folder))
    print(f"enrolled {', '.join(people)}: kept are descriptors, no pictures")


def _forget(options: argparse.Namespace) -> None:
    from .. import enrolment

    left = enrolment.forget(_served(options), options.name)
    print(f"nothing is kept of {options.name}; people enrolled: {left}")


def _serve(options: argparse.Namespace) -> None:
    import uvicorn

    from ..serve import create_app

    uvicorn.run(create_app(_workspace(options)), host=options.host, port=options.port)


def _bench(options: argparse.Namespace) -> None:
    from . import bench, report

    workspace = _workspace(options)
    bench.run(workspace, options.url, options.seconds)
    if not options.url:
        report.run_on_load(workspace)


def _rerun(options: argparse.Namespace) -> int:
    from .rerun import compare_with

    as_good, told = compare_with(_workspace(options), options.commit)
    print(told)
    return 0 if as_good else 1


def _try(options: argparse.Namespace) -> None:
    from . import experiments, journal, report, track

    workspace = _workspace(options)
    try:
        with _machines(options):
            print(journal.tell(experiments.attempt(workspace, options.why)))
    finally:  # the first time, there is an attempt 0 whatever became of this one
        report.run_on_attempts(workspace)
    track.track(workspace)


def _attempts(options: argparse.Namespace) -> None:
    from . import journal

    entries = journal.read_log(_workspace(options))
    print(*(map(journal.tell, entries) if entries else [journal.NONE]), sep="\n")


def _keep(options: argparse.Namespace) -> None:
    from . import experiments, journal

    workspace = _workspace(options)
    changed = experiments.keep(workspace, options.number)
    for name, value in changed.items():
        print(f"config.toml: {name} = {value!r}")
    attempt = journal.find(journal.read_log(workspace), options.number)
    if attempt["code"] != experiments.code():
        commit = (attempt["commit"] or "none")[:10]
        print(f"its code was another (commit {commit}): these values and this code are untried")
    print(
        "now run `train`, and `evaluate` when you are done choosing"
        if changed
        else f"config.toml has the values of attempt {options.number} already"
    )


def _repeat(options: argparse.Namespace) -> None:
    from . import experiments

    entry = experiments.repeat(_workspace(options), options.number)
    print(f"attempt {options.number} gave {entry['value']:.6g} again")


def _tune(options: argparse.Namespace) -> int:
    from . import journal, report, track
    from .tune import tune

    workspace = _workspace(options)
    with _machines(options):
        entry, stopped = tune(workspace, options.trials, options.minutes, options.storage)
    report.run_on_attempts(workspace)
    print(journal.tell(entry) if entry else "the best of all trials is on record already")
    track.track(workspace)
    return 130 if stopped else 0


def _monitor(options: argparse.Namespace) -> int:
    from ..watch import WATCH
    from . import monitoring

    workspace, size = _served(options), options.window or monitoring.WINDOW
    page = workspace.root / options.html if options.html else None
    return monitoring.monitor(workspace, WATCH, size, page)


def _retrain(options: argparse.Namespace) -> None:
    from .retrain import retrain

    workspace, kept = _workspace(options), not options.no_promote
    file = workspace.root / options.data
    print(retrain(workspace, file, promote=kept, trusted=options.trusted))


def _rollback(options: argparse.Namespace) -> None:
    from .registry import rollback

    left, back = rollback(_workspace(options))
    print(f"serving {back} again, in place of {left}")


def _simulate(options: argparse.Namespace) -> None:
    from .. import stream
    from ..watch import WATCH
    from .replay import simulate

    workspace = _workspace(options)
    page = workspace.root / "logs" / "simulation.html"
    simulate(workspace, WATCH, stream.replay(workspace), options.late, page)


def _demo(options: argparse.Namespace) -> None:
    from . import demo

    folder = demo.make(_workspace(options))
    about = json.loads((folder / demo.ABOUT).read_text(encoding="utf-8"))
    print(f"wrote {folder}: {about['bytes'] / 1e6:.2g} MB to load")
    print(f"open it by `python -m http.server --directory {demo.FOLDER}`")
    if not about["publish"]:
        print(f"not to be published: {about['why']}")


def _next(options: argparse.Namespace) -> None:
    from . import challenges

    seen = challenges.look(Workspace(), quick=options.quick)
    print(json.dumps(seen, ensure_ascii=False) if options.json else seen["text"])
