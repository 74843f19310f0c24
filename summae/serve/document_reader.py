"""The text of a dropped file: plain text at once, documents in a process of their own.

Documents come from anywhere, and the libraries that read them may take hours or gigabytes for a bad one: the
process has a time limit and a memory limit, and what it does to itself it does not do to the service.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from summae.errors import InputError, MissingExtraError
from summae.inputs.decode import decode
from summae.inputs.formats import extract, kind_of
from summae.serve.worker_queue import QueueFullError

MEMORY = 2 << 30  # bytes of address space
READERS = 2  # documents read at the same time
WAITING = 16  # documents being read or waiting for it, at most
QUIET_WAY_OUT = ", or use --errors replace"  # an option that the command line has, not the service
_FAILED, _MISSING = 2, 3  # exit codes of the process


class DocumentReader:
    """Reads a few documents at a time; ``seconds`` is the limit for each."""

    def __init__(self, seconds: int):
        self.seconds = seconds
        self._turn = asyncio.Semaphore(READERS)
        self._waiting = 0

    async def read(self, data: bytes, name: str) -> str:
        """Raises :class:`InputError` and :class:`MissingExtraError`, one line that names the file, and
        :class:`QueueFullError`.
        """
        if kind_of(data, name) is None:
            return decode(data, name, hint="")
        if self._waiting >= WAITING:
            raise QueueFullError(self.seconds)
        self._waiting += 1
        try:
            async with self._turn:
                return await self._apart(data, name)
        finally:
            self._waiting -= 1

    async def _apart(self, data: bytes, name: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "summae.serve.document_reader", name),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([_home(), *filter(None, sys.path)]), "PYTHONUTF8": "1"},
            start_new_session=True,  # Ctrl-C in the terminal is for the service, which finishes what it has begun
        )
        try:
            async with asyncio.timeout(self.seconds):
                out, said = await process.communicate(data)
        except TimeoutError:
            raise InputError(f"{name}: cannot be read within {self.seconds} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode == 0:
            return out.decode()
        reason = said.decode("utf-8", "replace").strip().replace(QUIET_WAY_OUT, "")
        if process.returncode == _MISSING:
            raise MissingExtraError(reason)
        raise InputError(reason if process.returncode == _FAILED else f"{name}: cannot be read, a damaged file perhaps")


def _home() -> str:
    """Where the package lies, installed or not."""
    return str(Path(__file__).resolve().parents[2])


def main(name: str) -> int:
    """The process: a document on standard input, its text on standard output or one line on standard error."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):  # no such limits on this system, or a stricter one
        pass
    try:
        text = extract(sys.stdin.buffer.read(), name)
    except MissingExtraError as error:
        print(error, file=sys.stderr)
        return _MISSING
    except InputError as error:
        print(error, file=sys.stderr)
        return _FAILED
    sys.stdout.buffer.write((text or "").encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
