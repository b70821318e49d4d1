"""The command line: python -m project_package STEP."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from .workspace import COMMAND, ProjectError, Workspace, read_settings


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

    data = step("data", "download, clean and split the data", _data)
    step("explore", "look at the training set: figures and tables for the write-up", _explore)
    train = step("train", "choose a model on the training part and fit it", _train)
    evaluate = step("evaluate", "measure model and baselines on the test set", _evaluate)
    study = step("study", "ask one secondary question again and print its section", _study)
    study.add_argument("name", metavar="NAME", help="a module of studies/")
    step("report", "write the numbers into README, REPORT and MODEL_CARD", _report)
    everything = step("all", "data, explore, train, evaluate, report", _all)
    for chosen in (data, everything):
        chosen.add_argument(
            "--sample", action="store_true", help="use the small sample, and say so"
        )
    for chosen in (data, train, evaluate, everything):
        chosen.add_argument(
            "--set", dest="settings", action="append", metavar="TABLE.KEY=VALUE",
            help="a value of config.toml for this run; can be given more than once",
        )  # fmt: skip
    for chosen in (evaluate, study, everything):
        chosen.add_argument(
            "--because", default="", metavar="TEXT",
            help="why the test set is read once more; the report shows it",
        )  # fmt: skip
    predict = step("predict", "predict for one input (from standard input if none)", _predict)
    predict.add_argument("inputs", nargs="*", metavar="INPUT")
    serve = step("serve", "start the service and its page", _serve)
    serve.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    serve.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    step("monitor", "compare served predictions with those seen in training", _monitor)
    following = step("next", "what to do next, and what is reached", _next)
    following.add_argument("--json", action="store_true", help="print JSON, for programs")
    following.add_argument("--quick", action="store_true", help="run no test, time nothing")
    return parser


def _workspace(options: argparse.Namespace) -> Workspace:
    plain = Workspace()
    given = read_settings(getattr(options, "settings", None) or [], plain.config)
    return Workspace(overrides=given, because=getattr(options, "because", ""))


def _data(options: argparse.Namespace) -> None:
    from .. import data

    data.run(_workspace(options), sample=options.sample)


def _explore(options: argparse.Namespace) -> None:
    from .. import explore

    explore.run(_workspace(options))


def _train(options: argparse.Namespace) -> None:
    from .. import train

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
    for name, action in (
        ("data", _data), ("explore", _explore), ("train", _train), ("evaluate", _evaluate),
        ("report", _report),
    ):  # fmt: skip
        if name == "explore" and find_spec("project_package.explore") is None:
            continue
        started = time.perf_counter()
        print(f"== {name}")
        action(options)
        print(f"== {name} took {time.perf_counter() - started:.1f} s")


def _predict(options: argparse.Namespace) -> None:
    from .. import predict

    predict.run(_workspace(options), options.inputs or [sys.stdin.read()])


def _serve(options: argparse.Namespace) -> None:
    import uvicorn

    from ..serve import create_app

    uvicorn.run(create_app(_workspace(options)), host=options.host, port=options.port)


def _monitor(options: argparse.Namespace) -> int:
    from . import web

    return web.monitor(_workspace(options))


def _next(options: argparse.Namespace) -> None:
    from . import challenges

    seen = challenges.look(Workspace(), quick=options.quick)
    print(json.dumps(seen, ensure_ascii=False) if options.json else seen["text"])
