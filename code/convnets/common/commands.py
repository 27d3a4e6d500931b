"""How a command of ours ends: with an exit code and at most one sentence, whatever happens on the way.

What no part of a program foresees ends here: output that nobody takes, folders that may not be looked into, a folder
of work that is gone, memory that is not there, Ctrl-C.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from convnets.common.errors import ConvnetsError

__all__ = ["FAILED", "Parser", "run"]

FAILED = 2
"""A mistake in the input, or something that the system refuses; 1 is left to what a command finds wrong."""

_LONGEST = 200


def run(program: str, work: Callable[[], int], stopped: Callable[[], str]) -> int:
    """The exit code of ``work``: its own, :data:`FAILED`, 130 after Ctrl-C or 141 if its reader has gone.

    ``program`` begins each sentence; ``stopped`` says what Ctrl-C leaves.
    """
    try:
        _open_streams()
        os.getcwd()  # where it is gone, PyTorch would end us with a riddle
        code = work()
        sys.stdout.flush()
        return code
    except ConvnetsError as error:
        return _say(program, str(error))
    except ModuleNotFoundError as error:
        if (error.name or program).partition(".")[0] in ("convnets", "press"):
            raise
        remedy = "`make test` installs all, or `pip install .[dev]`"
        return _say(program, f"this needs the package {error.name}: {remedy}.")
    except BrokenPipeError:  # who reads our output, `head` perhaps, has seen enough
        _forget_output()
        return 141  # as if the signal SIGPIPE had ended us
    except KeyboardInterrupt:
        return _say(program, stopped(), 130)
    except MemoryError:
        return _say(program, "there is not enough memory for this: close other programs, or take less at a time.")
    except OSError as error:
        return _say(program, _refused(error))


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments, and learns whether its help could be written."""

    def error(self, message: str) -> NoReturn:
        """End, with the line."""
        self.exit(FAILED, f"{self.prog}: {message}; see `{self.prog} --help`.\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End; output that nobody takes is told by :func:`run`."""
        sys.stdout.flush()
        super().exit(status, message)


def _open_streams() -> None:
    """Refuse to work without an output, whose number the next file opened would get; write what it has no letters for.

    Raises:
        OSError: there is none.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            if number == 1:
                raise
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _refused(error: OSError) -> str:
    """What the system refuses, and what to do."""
    why = error.strerror or type(error).__name__
    if error.filename is not None:
        name = str(error.filename)
        name = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..."
        return f"{name} cannot be used ({why}): mend it, or choose another place."
    try:
        os.getcwd()
    except OSError:
        return "the folder in which this was started is gone: change to another, and start it again."
    if error.errno in (errno.ENOSPC, errno.EBADF, errno.EIO):
        return f"what the command says cannot be written ({why}): send it to a file that can be, or nowhere."
    return f"something cannot be read or written ({why}): look after the disk and the output, then start it again."


def _say(program: str, text: str, code: int = FAILED) -> int:
    """Tell it, if anybody can be told."""
    with suppress(OSError, ValueError, AttributeError):
        print(f"{program}: {text}", file=sys.stderr, flush=True)
    _forget_output()
    return code


def _forget_output() -> None:
    """Have Python's last flush write nowhere what is left to say and cannot be said."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except AttributeError:  # there was none from the start
            continue
        except (OSError, ValueError):
            handle = os.open(os.devnull, os.O_WRONLY)
            os.dup2(handle, stream.fileno())
            os.close(handle)
