"""More machines, the same numbers: joblib's work goes to the workers of a Dask cluster.

What asks joblib for more than one process is sent, and nothing else. Workers are processes in this
project's environment, with its code: `dask worker tcp://scheduler:8786 --nthreads 1`.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from .experiments import code
from .provenance import software
from .workspace import ProjectError

try:
    import dask
    import distributed
    from joblib import parallel_config, register_parallel_backend
    from joblib._dask import DaskDistributedBackend
    from joblib.parallel import FallbackToBackend, SequentialBackend
except ModuleNotFoundError:
    raise ProjectError('`--on` needs Dask: pip install -e ".[cluster]"') from None

SECONDS = 10.0  # that a scheduler has to answer
ANY_SIZE = {"distributed.admin.large-graph-warning-threshold": "1TB"}
LOST = (
    distributed.scheduler.KilledWorker,
    distributed.comm.CommClosedError,
    CancelledError,
    TimeoutError,
)


class Cluster(DaskDistributedBackend):
    """joblib's own, but for what asks for one process, which stays where it is.

    What is fitted once is not sent about, so that the model's file is the same to the byte.
    """

    default_n_jobs = 1

    def configure(self, n_jobs: int = 1, parallel: Any = None, **options: Any) -> int:
        """How many jobs run at a time."""
        if n_jobs == 1:
            raise FallbackToBackend(SequentialBackend(nesting_level=self.nesting_level))
        return super().configure(n_jobs, parallel, **options)

    def submit(self, func: Any, callback: Any = None) -> Any:
        """Send a batch of calls, none of which sends calls of its own."""
        func.items = [(_alone, (call, *args), options) for call, args, options in func.items]
        return super().submit(func, callback)


def _alone(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    with parallel_config(backend="sequential"):
        return call(*args, **options)


@contextmanager
def on(address: str) -> Iterator[None]:
    """Send joblib's work to the scheduler at `address`, as long as this lasts.

    Raises ProjectError when nobody answers there, when there is no worker, and when a worker has
    other software or other code of this project than there is here.
    """
    if urlsplit(address).scheme not in {"tcp", "tls"}:
        raise ProjectError(f"{address!r} is no scheduler's address, such as tcp://scheduler:8786")
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is told once, by us
    register_parallel_backend("cluster", Cluster)
    try:
        client = distributed.Client(address, timeout=SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ProjectError(f"no scheduler answers at {address}: {error}") from error
    with client:
        _require_same(client, address)
        client.scatter = partial(_keep, client)
        try:
            with dask.config.set(ANY_SIZE), parallel_config(backend="cluster", client=client):
                yield
        except LOST as error:
            raise ProjectError(f"the cluster was lost on the way: {error!r}") from error


async def _keep(client: distributed.Client, data: Any, **_: Any) -> distributed.Future:
    """In place of scattering: the scheduler keeps data as well, so none are lost with a worker."""
    return client.submit(_same, data, pure=False)


def _same(data: Any) -> Any:
    return data


def _require_same(client: distributed.Client, address: str) -> None:
    """Raise ProjectError unless every worker would compute what this machine computes."""
    if not client.scheduler_info()["workers"]:
        raise ProjectError(f"the scheduler at {address} has no workers: start `dask worker`")
    client.run(_forget, on_error="ignore")
    here = _computing()
    for worker, there in client.run(_computing, on_error="return").items():
        if isinstance(there, Exception):
            raise ProjectError(f"{worker} does not have this project: {there}") from there
        other = [f"{name} {there.get(name)}" for name in here if there.get(name) != here[name]]
        if other:
            raise ProjectError(f"{worker} would find other numbers, by {', '.join(other)}")


def _forget() -> None:
    """What was imported before the project was edited is imported anew."""
    package = __name__.partition(".")[0]
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


def _computing() -> dict[str, str]:
    """What the numbers of a machine depend on, by name."""
    found = software()
    return {**found["packages"], "Python": found["python"], "code": code()[:10]}
