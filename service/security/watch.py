"""Files that are read again when their content has changed."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from service.faults import UnusableCredentials

T = TypeVar("T")

log = logging.getLogger(__name__)


class Watch(Generic[T]):
    """
    Reads some files, and again whenever they hold something else; their content is looked at, not their dates.

    What cannot be used, such as a half-written file, leaves standing what was read before, and is logged once.

    Args:
        what: What they hold, for the log.
        files: The files, by the option that named them.
        parse: Makes something of their contents.
    """

    def __init__(self, what: str, files: dict[str, Path], parse: Callable[[Sequence[bytes]], T]) -> None:
        self._what = what
        self._files = files
        self._parse = parse
        self._seen: Sequence[bytes] = ()
        self._problem = ""
        # gRPC asks for certificates from threads of its own.
        self._lock = Lock()

    def read(self) -> T:
        """
        What they hold now.

        Raises:
            UnusableCredentials: a file cannot be read, or nothing can be made of it.
        """
        self._seen = contents_of(self._files)
        return self._parse(self._seen)

    def changed(self) -> T | None:
        """What they hold now, if it is not what they held when last asked, and can be used."""
        with self._lock:
            try:
                contents = contents_of(self._files)
                if contents == self._seen:
                    return None
                self._seen, self._problem = contents, ""
                value = self._parse(contents)
            except UnusableCredentials as fault:
                self._complain(str(fault))
                return None
            log.info("read again", extra={"what": self._what})
            return value

    def _complain(self, problem: str) -> None:
        if problem != self._problem:
            log.error("not read again; what was read before stays", extra={"what": self._what, "problem": problem})
        self._problem = problem


def contents_of(files: dict[str, Path]) -> list[bytes]:
    """
    The bytes of files.

    Args:
        files: By the option that named them.

    Raises:
        UnusableCredentials: one cannot be read; the message tells its option, not its path.
    """
    contents = []
    for option, path in files.items():
        try:
            contents.append(path.read_bytes())
        except OSError as error:
            raise UnusableCredentials(f"{option}: the file cannot be read ({error.strerror})") from error
    return contents
