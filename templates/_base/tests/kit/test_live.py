"""The model that answers is changed once for all requests that notice, and by none of them."""

import os
from threading import Event

from project_package.kit.live import Live
from project_package.kit.registry import read_registry
from project_package.kit.workspace import Workspace, write_json


def test_however_many_requests_notice_a_change_the_model_is_read_once(copy: Workspace) -> None:
    begun, ready, changed, read = Event(), Event(), Event(), []

    def load(workspace: Workspace) -> int:
        read.append(workspace.models)
        if len(read) > 1:
            begun.set()
            assert ready.wait(60)
        return len(read)

    live = Live(copy, load)
    live.on_change = lambda _: changed.set()
    registry = copy.models / "registry.json"
    write_json(registry, read_registry(copy))
    os.utime(registry, ns=(1, 1))
    assert [live.look().model for _ in range(3)] == [1] * 3, "nobody waits for the new one"
    assert begun.wait(60)
    assert [live.look().model for _ in range(3)] == [1] * 3
    ready.set()
    assert changed.wait(60)
    assert read == [copy.models] * 2
