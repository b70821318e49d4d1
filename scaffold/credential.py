"""How git gets a token without anybody else getting it.

Git asks a helper, the helper asks this process over a private channel: a socket in a folder of
mode 0700, on Windows a named pipe. So the token stands in no argument list, no environment, no
file, no address and no configuration; the environment carries a key of one use, good for asking
this process while it lends.
"""

from __future__ import annotations

import secrets
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from scaffold import credential_helper

USER = "x-access-token"  # GitHub takes any name beside a token; this one says what follows


@dataclass(frozen=True)
class Loan:
    """What a git command needs to borrow: options before the verb, and variables."""

    options: tuple[str, ...]
    environment: dict[str, str]


@contextmanager
def lend(token: str, server: str) -> Iterator[Loan]:
    """Answer git's question for a credential of one server while the block runs."""
    key = secrets.token_bytes(32)
    with Listener(authkey=key) as listener:
        address = str(listener.address)
        clerk = Thread(target=_serve, args=(listener, token, server), daemon=True)
        clerk.start()
        try:
            yield Loan(_options(), _environment(address, key))
        finally:
            with Client(address, authkey=key) as end:
                end.send(None)
            clerk.join()


def _options() -> tuple[str, ...]:
    helper = f"!{_quoted(sys.executable)} -I {_quoted(credential_helper.__file__)}"
    # The empty value forgets the user's own helpers: none may answer first, none may store this.
    return ("-c", "credential.helper=", "-c", f"credential.helper={helper}")


def _environment(address: str, key: bytes) -> dict[str, str]:
    return {
        credential_helper.ADDRESS: address,
        credential_helper.KEY: key.hex(),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_TRACE_REDACT": "1",
    }


def _serve(listener: Listener, token: str, server: str) -> None:
    expected = urlsplit(server)
    while True:
        try:
            with listener.accept() as asker:
                asked = asker.recv()
                if asked is None:
                    return
                ours = asked == (expected.scheme, expected.netloc)
                asker.send({"username": USER, "password": token} if ours else {})
        except (AuthenticationError, EOFError, OSError):
            continue


def _quoted(path: str) -> str:
    """A path for the shell that git brings along, on Windows too."""
    return shlex.quote(Path(path).as_posix())
