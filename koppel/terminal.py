"""The command line's ways with people: outside text made safe, errors in three lines, and who is asking."""

import getpass
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from koppel.errors import KoppelError, LimitExceeded

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
errors = Console(stderr=True)


def safe(value: Any, most: int | None = None) -> str:
    """A value as text for rich: control characters shown as ``�``, markup escaped, cut to ``most`` characters."""
    text = _CONTROL.sub("�", "" if value is None else str(value))
    return escape(text if most is None or len(text) <= most else f"{text[:most]}…")


@contextmanager
def said() -> Iterator[None]:
    """An error as three lines for a person, without a traceback: what happened, what is safe, what to do."""
    try:
        yield
    except KoppelError as error:
        errors.print(f"[red]{safe(error.what)}[/red]", highlight=False)
        for line in (error.kept, error.do):
            if line:
                errors.print(safe(line), highlight=False)
        raise typer.Exit(3 if isinstance(error, LimitExceeded) else 1) from error


def who() -> str:
    """The user of this machine who asks."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return f"user {os.getuid()}"
