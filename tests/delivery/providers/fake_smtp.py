"""A small SMTP server with replies and faults on order."""

import asyncio
import base64
from collections import Counter
from contextlib import suppress
from email import message_from_bytes, policy
from typing import Self


class FakeSmtp:
    """`replies` maps a recipient to the reply of RCPT, or with `data:` or `dot:` before it of DATA or the content, and
    `rset` to that of RSET: a text, drop or hang.
    """

    def __init__(
        self, *, pipelining: bool = True, password: str = "", limit: int = 0, lenient: bool = False
    ) -> None:
        self.extensions = ["8BITMIME"] + ["PIPELINING"] * pipelining + ["AUTH PLAIN"] * bool(password)
        self.password, self.limit, self.lenient = password, limit, lenient
        self.replies: dict[str, str] = {}
        self.letters: list[tuple[str, str, bytes]] = []
        self.connections = 0
        self.talks: list[asyncio.Task[None]] = []
        self.commands: Counter[str] = Counter()
        self.port = 0

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 22)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for task in self.talks:
            task.cancel()
        await asyncio.gather(*self.talks, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.talks.append(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await _Talk(self, reader, writer).run()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def received(self) -> list[dict[str, str]]:
        """Every message as its recipient would see it."""
        seen = []
        for _, recipient, content in self.letters:
            parsed = message_from_bytes(content, policy=policy.SMTP)
            parts = {part.get_content_type(): part for part in parsed.walk()}
            seen.append(
                {
                    "message_id": parsed["X-Angarium-Message-Id"],
                    "to": recipient,
                    "subject": parsed["Subject"],
                    "text": parts["text/plain"].get_content().replace("\r\n", "\n"),
                    "html": parts["text/html"].get_content().replace("\r\n", "\n").rstrip("\n"),
                }
            )
        return seen


class _Talk:
    def __init__(self, server: FakeSmtp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.sender = self.recipient = ""
        self.count = 0

    async def run(self) -> None:
        self.writer.write(b"220 fake\r\n")
        while line := (await self.reader.readuntil(b"\r\n")).decode().rstrip():
            verb = line.split(" ")[0].lower()
            self.server.commands[verb] += 1
            answer = getattr(self, verb, None)
            reply = await answer(line) if answer else "250 ok"
            if reply == "hang":
                await asyncio.sleep(5)
            if reply == "drop":
                return
            self.writer.write(reply.encode() + b"\r\n")
            await self.writer.drain()
            if reply.startswith(("421", "221")):
                return

    async def ehlo(self, line: str) -> str:
        names = ["fake", *self.server.extensions]
        return "\r\n".join(f"250{'-' if n < len(names) - 1 else ' '}{name}" for n, name in enumerate(names))

    async def auth(self, line: str) -> str:
        given = base64.b64decode(line.split(" ")[2]).split(b"\x00")[-1].decode()
        return "235 ok" if given == self.server.password else "535 5.7.8 bad credentials"

    async def mail(self, line: str) -> str:
        if self.server.limit and self.count >= self.server.limit:
            return "421 4.7.0 too many messages on this connection"
        self.sender, self.recipient = line.partition("<")[2].partition(">")[0], ""
        return "250 ok"

    async def rcpt(self, line: str) -> str:
        address = line.partition("<")[2].partition(">")[0]
        reply = self.server.replies.get(address, "250 ok")
        self.recipient = address if reply.startswith("2") else ""
        return reply

    async def data(self, line: str) -> str:
        if not self.recipient and not self.server.lenient:
            return "503 5.5.1 no recipients"
        if (refused := self.server.replies.get(f"data:{self.recipient}")) is not None:
            return refused
        self.writer.write(b"354 go on\r\n")
        lines = []
        while (read := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(read[1:] if read.startswith(b".") else read)
        if not self.recipient:
            return "554 5.5.1 no valid recipients"
        reply = self.server.replies.get(f"dot:{self.recipient}", "250 2.0.0 queued")
        if reply.startswith("2") or reply in ("drop", "hang"):
            self.server.letters.append((self.sender, self.recipient, b"".join(lines)))
        self.count += 1
        return reply

    async def rset(self, line: str) -> str:
        return self.server.replies.get("rset", "250 ok")

    async def quit(self, line: str) -> str:
        return "221 bye"
