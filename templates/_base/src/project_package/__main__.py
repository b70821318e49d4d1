"""The command line: python -m project_package STEP."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from .errors import ProjectError
from .workspace import Workspace


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
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=__doc__)
    steps = parser.add_subparsers(metavar="STEP", required=True)

    def step(name: str, text: str, action: Callable[[Any], int | None]) -> argparse.ArgumentParser:
        made = steps.add_parser(name, help=text, description=text)
        made.set_defaults(action=action)
        return made

    data = step("data", "download, clean and split the data", _data)
    train = step("train", "choose a model on the training part and fit it", _train)
    evaluate = step("evaluate", "measure model and baselines on the test set", _evaluate)
    step("report", "write the numbers into README, REPORT and MODEL_CARD", _report)
    everything = step("all", "data, train, evaluate, report", _all)
    for chosen in (data, everything):
        chosen.add_argument(
            "--sample", action="store_true", help="use the small sample, and say so"
        )
    for chosen in (train, evaluate, everything):
        _add_training_options(chosen)
    predict = step("predict", "predict for one input (from standard input if none)", _predict)
    predict.add_argument("inputs", nargs="*", metavar="INPUT")
    serve = step("serve", "start the service and its page", _serve)
    serve.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    serve.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    step("monitor", "compare served predictions with those seen in training", _monitor)
    return parser


def _add_training_options(parser: argparse.ArgumentParser) -> None:
    """Every single value of `[train]` in config.toml becomes an option for one run."""
    for key, value in Workspace().config["train"].items():
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            parser.add_argument(
                f"--{key.replace('_', '-')}", type=type(value), metavar=type(value).__name__,
                help=f"{value!r} in config.toml",
            )  # fmt: skip


def _workspace(options: argparse.Namespace) -> Workspace:
    given = vars(options)
    known = Workspace().config["train"]
    return Workspace(overrides={key: given[key] for key in known if given.get(key) is not None})


def _data(options: argparse.Namespace) -> None:
    from . import data

    data.run(_workspace(options), sample=options.sample)


def _train(options: argparse.Namespace) -> None:
    from . import train

    train.run(_workspace(options))


def _evaluate(options: argparse.Namespace) -> None:
    from . import evaluate

    evaluate.run(_workspace(options))


def _report(options: argparse.Namespace) -> None:
    from . import report

    report.run(_workspace(options))


def _all(options: argparse.Namespace) -> None:
    for name, action in (
        ("data", _data), ("train", _train), ("evaluate", _evaluate), ("report", _report),
    ):  # fmt: skip
        started = time.perf_counter()
        print(f"== {name}")
        action(options)
        print(f"== {name} took {time.perf_counter() - started:.1f} s")


def _predict(options: argparse.Namespace) -> None:
    from . import predict

    predict.run(_workspace(options), options.inputs or [sys.stdin.read()])


def _serve(options: argparse.Namespace) -> None:
    import uvicorn

    from .serve import create_app

    uvicorn.run(create_app(_workspace(options)), host=options.host, port=options.port)


def _monitor(options: argparse.Namespace) -> int:
    from . import monitor

    return monitor.run(_workspace(options))


if __name__ == "__main__":
    sys.exit(main())
