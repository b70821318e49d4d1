"""Templates that nobody has trusted are read and rendered in a process of their own.

There they cannot hang or fill the tool: the process has a deadline, and limits on memory and files.
It stays for the next call, since importing an engine takes longer than most renderings. Pickles go
through its standard streams; asking somebody, and checking what they say, goes back and forth.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from scaffold import errors
from scaffold.engines import ENGINES, Answers, Ask, Question, Source
from scaffold.engines.limits import MEGABYTES, MEMORY, SECONDS, Limits, sizes
from scaffold.errors import ScaffoldError, TemplateError
from scaffold.staging import workshop

_LOOK = 0.2  # seconds between two looks at what has been written
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from scaffold.engines.apart import serve; serve(sys.argv[2])"
)


@dataclass(frozen=True)
class Apart:
    """An engine at a distance."""

    engine: str

    def questions(self, source: Source) -> tuple[Question, ...]:
        found: tuple[Question, ...] = self._call("questions", source)
        return found

    def names(self, source: Source) -> set[str]:
        found: set[str] = self._call("names", source)
        return found

    def interview(
        self,
        source: Source,
        given: Mapping[str, str],
        ask: Ask | None,
        folder_name: str,
        recorded: Mapping[str, str],
    ) -> Answers:
        arguments = (dict(given), None, folder_name, dict(recorded))
        answers: Answers = self._call("interview", source, *arguments, ask=ask)
        return answers

    def seeded(
        self, source: Source, answers: Mapping[str, str], files: tuple[str, ...]
    ) -> tuple[str, ...]:
        found: tuple[str, ...] = self._call("seeded", source, dict(answers), files)
        return found

    def render(self, source: Source, answers: Mapping[str, str], into: Path) -> tuple[str, ...]:
        arguments = (dict(answers), into.absolute())
        files: tuple[str, ...] = self._call("render", source, *arguments, watched=into)
        return files

    def folder_name(self, source: Source, answers: Mapping[str, str]) -> str:
        return str(self._call("folder_name", source, dict(answers)))

    def _call(self, name: str, source: Source, *arguments: Any, **held: Any) -> Any:
        return call(self.engine, source.template, name, source, *arguments, **held)


def call(
    engine: str,
    template: str,
    name: str,
    *arguments: Any,
    ask: Ask | None = None,
    watched: Path | None = None,
) -> Any:
    """What a function of an engine returns, or its ScaffoldError; TemplateError beyond a limit.

    `ask` answers its questions, outside of the deadline; `watched` is the folder that it fills.
    """
    process, limits = _process(), Limits.read()
    request = (engine, name, arguments, ask is not None, limits, str(Path.cwd()), dict(os.environ))
    try:
        process.send(request)
        kind, *answer = process.receive(template, limits, watched)
        while kind == "ask" and ask:
            process.send(ask(_checked(process, answer[0], template, limits)))
            kind, *answer = process.receive(template, limits, watched)
        if kind == "over":
            raise limits.exceeded(template, answer[0])
        if watched:
            limits.check(template, sizes(watched))
    except BaseException:
        process.end()  # it may be at work still, or wait for an answer
        raise
    if kind == "done":
        return answer[0]
    raise _error(kind, answer)


def _checked(process: _Process, question: Question, template: str, limits: Limits) -> Question:
    """A question whose answers are judged where the template is."""

    def check(text: str) -> str:
        process.send(("check", text))
        return str(process.receive(template, limits, None)[1])

    return replace(question, check=check)


def _error(kind: str, answer: list[Any]) -> Exception:
    if kind != "error":
        return RuntimeError(answer[0])
    name, message, hint, output = answer
    kind_of: type[ScaffoldError] = getattr(errors, name, TemplateError)
    error = kind_of.__new__(kind_of)  # each kind's own words are in the message already
    ScaffoldError.__init__(error, message, hint, output)
    return error


class _Process:
    """The other process, and what it has said."""

    def __init__(self) -> None:
        self.folder = _folder()  # its temporary files go when it is killed
        path = [entry for entry in sys.path if entry]  # "" would be the current folder
        self._popen = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", _PROGRAM, json.dumps(path), self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._said: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def send(self, message: Any) -> None:
        assert self._popen.stdin is not None  # noqa: S101 - PIPE was asked for
        with suppress(OSError):  # it ended: `receive` says so
            _write(self._popen.stdin, message)

    def receive(self, template: str, limits: Limits, watched: Path | None) -> tuple[Any, ...]:
        """Its next message; TemplateError when it takes too long or too much."""
        deadline = time.monotonic() + limits.seconds
        while True:
            try:
                pause = min(_LOOK, max(0.0, deadline - time.monotonic()))
                message = self._said.get(timeout=pause)
            except queue.Empty:
                if time.monotonic() >= deadline:
                    raise limits.exceeded(template, SECONDS) from None
                if watched:
                    limits.check(template, sizes(watched))
                continue
            if message is None:
                raise TemplateError(
                    f"{template} could not be read or rendered: the process that did it ended with "
                    f"exit status {self._popen.wait()}.",
                    "It may have been out of memory.",
                )
            return tuple(message)

    def end(self) -> None:
        self._popen.kill()
        self._popen.wait()
        if self._popen.stdin:
            with suppress(OSError):
                self._popen.stdin.close()

    def _listen(self) -> None:
        assert self._popen.stdout is not None  # noqa: S101 - PIPE was asked for
        try:
            while True:
                self._said.put(_read(self._popen.stdout))
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            self._popen.stdout.close()
            self._said.put(None)


_running: list[_Process] = []
_shared: list[Path] = []


def use_workshop(folder: Path) -> None:
    """Keep temporary files under a folder that somebody else removes."""
    _shared.append(folder)


def _folder() -> Path:
    if _shared:
        return Path(tempfile.mkdtemp(prefix="apart-", dir=_shared[-1]))
    return workshop("scaffold-apart-")


def _process() -> _Process:
    if _running and not _running[-1].is_alive:
        _running.clear()
    if not _running:
        _running.append(_Process())
        atexit.register(_running[-1].end)
    return _running[-1]


# -- the other side ------------------------------------------------------------------------------


def serve(folder: str) -> None:
    """Answer calls until nobody is there; what a template prints goes nowhere."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interruption is the parent's to handle
    tempfile.tempdir = folder
    nothing = os.open(os.devnull, os.O_RDWR)
    heard, said = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    with suppress(OSError, EOFError):  # the parent ended
        while True:
            engine, name, arguments, asks, limits, here, environment = _read(heard)
            os.environ.clear()
            os.environ.update(environment)
            os.chdir(here)
            _hold(limits)
            if asks:
                arguments = tuple(_asker(heard, said) if one is None else one for one in arguments)
            _write(said, _result(engine, name, arguments))


def _asker(heard: BinaryIO, said: BinaryIO) -> Ask:
    def ask(question: Question) -> str:
        _write(said, ("ask", replace(question, check=None)))
        message = _read(heard)
        while not isinstance(message, str):
            _write(said, ("complaint", question.check(message[1]) if question.check else ""))
            message = _read(heard)
        return message

    return ask


def _result(engine: str, name: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        module = import_module(ENGINES[engine].module)
        function = getattr(module.ENGINE, name, None) or getattr(module, name)
        return "done", function(*arguments)
    except ScaffoldError as error:
        if over := _limit_behind(error):
            return "over", over
        return "error", type(error).__name__, error.message, error.hint, error.output
    except Exception as error:  # noqa: BLE001 - told to the parent, which raises it
        if over := _limit_behind(error):
            return "over", over
        return "fault", traceback.format_exc()


def _limit_behind(error: BaseException | None) -> str:
    """The limit that an error goes back to, "" if to none."""
    while error is not None:
        if isinstance(error, MemoryError):
            return MEMORY
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return MEGABYTES
        error = error.__cause__ or error.__context__
    return ""


def _hold(limits: Limits) -> None:
    """Let the system hold what it can; the time too, should the parent be killed meanwhile."""
    try:
        import resource
    except ImportError:
        return  # Windows; the parent's deadline and its looks at the folder hold there
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + limits.seconds + 5
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory * 1_000_000),
        (resource.RLIMIT_FSIZE, limits.bytes),
        (resource.RLIMIT_CPU, seconds),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))


def _write(stream: BinaryIO | Any, message: Any) -> None:
    data = pickle.dumps(message)
    stream.write(struct.pack("!Q", len(data)) + data)
    stream.flush()


def _read(stream: BinaryIO | Any) -> Any:
    """The next message; EOFError where there is none."""
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    data = stream.read(struct.unpack("!Q", head)[0])
    return pickle.loads(data)  # noqa: S301 - both ends are this program
