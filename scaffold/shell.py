"""Words as one types them into a shell, so that what a hint shows can be pasted."""

from __future__ import annotations

import os
import re
import shlex


def quoted(text: str, *, windows: bool = os.name == "nt") -> str:
    """A path or another word in quotes where a shell would take it apart or read it otherwise.

    `~/` in front stays outside of the quotes. On Windows they are those that both of its shells
    know.
    """
    home, rest = re.fullmatch(r"(~[/\\])?(.*)", text, re.DOTALL).groups(default="")  # type: ignore[union-attr]
    if not windows:
        return home + shlex.quote(rest) if rest or not home else home
    return f'"{text}"' if not text or re.search(r"[^\w.:~\\/+=-]", text) else text


def change_folder(shown: str, *, windows: bool = os.name == "nt") -> str:
    """The command that goes to a folder, whatever it is called."""
    dashed = shown.startswith("-")
    if windows:
        return "cd " + quoted(f".\\{shown}" if dashed else shown, windows=True)
    return ("cd -- " if dashed else "cd ") + quoted(shown, windows=False)
