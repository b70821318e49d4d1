"""One thread for single predictions: for one row, waking the others costs more than they do."""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def one_thread(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Let `function` run with one OpenMP and one BLAS thread, whichever thread calls it."""

    @wraps(function)
    def limited(*arguments: Arguments.args, **options: Arguments.kwargs) -> Answer:
        with _controller().limit(limits=1):
            return function(*arguments, **options)

    return limited


@cache
def _controller() -> ThreadpoolController:
    """Looks for the libraries once: at the first call, when the model has loaded them all."""
    return ThreadpoolController()
