"""Replies of an SMTP server, read from bytes that arrive in pieces of any size (RFC 5321, 4.2)."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

MAXIMUM_REPLY: Final = 64 * 1024
_LINE: Final = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)


class UnreadableReplyError(Exception):
    """The server said what is no reply: it is no verdict, and nothing that follows can be paired with a command."""


class Reply(NamedTuple):
    """A reply with its lines joined."""

    code: int
    text: str


class Replies:
    """Reads replies one after the other; where the bytes are cut changes nothing."""

    def __init__(self) -> None:
        self._rest = b""
        self._code = b""
        self._texts: list[bytes] = []
        self._length = 0

    @property
    def is_within(self) -> bool:
        """Whether a reply has begun that has not ended."""
        return bool(self._rest or self._texts)

    def read(self, data: bytes) -> Iterator[Reply]:
        """Yields the replies that are complete now.

        Raises:
            UnreadableReplyError: What follows those it yielded is no reply: no code of three digits, a code of a class
                that servers do not use, lines of different codes, or more than `MAXIMUM_REPLY` bytes.
        """
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        for line in lines:
            if (reply := self._line(line)) is not None:
                yield reply
        if self._length + len(self._rest) > MAXIMUM_REPLY:
            raise UnreadableReplyError

    def _line(self, line: bytes) -> Reply | None:
        found = _LINE.fullmatch(line)
        self._length += len(line) + 2
        if found is None or self._length > MAXIMUM_REPLY or (self._texts and found[1] != self._code):
            raise UnreadableReplyError
        self._code = found[1]
        self._texts.append(found[3] or b"")
        if found[2] == b"-":
            return None
        text = b" ".join(self._texts).decode("utf-8", "replace")
        self._texts, self._length = [], 0
        return Reply(int(found[1]), text)
