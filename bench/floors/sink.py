"""An SMTP server that takes everything and keeps nothing, so that senders are what is measured."""

import asyncio
import signal
from typing import cast

from bench.floors.measured import answer

_EHLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
_OK = b"250 2.0.0 Ok\r\n"
_BYE = b"221 2.0.0 Bye\r\n"
_END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One connection."""

    taken = 0

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greets."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answers every command that is complete, in one write."""
        self._buffer += data
        said: list[bytes] = []
        while True:
            end = self._buffer.find(_END if self._in_data else b"\r\n")
            if end < 0:
                break
            if self._in_data:
                del self._buffer[: end + len(_END)]
                self._in_data = False
                Sink.taken += 1
                said.append(_OK)
                continue
            verb = bytes(self._buffer[:4]).upper()
            del self._buffer[: end + 2]
            said.append(self._reply(verb))
        if said:
            self._transport.write(b"".join(said))
            if said[-1] == _BYE:
                self._transport.close()

    def _reply(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            return _EHLO
        if verb == b"DATA":
            self._in_data = True
            return b"354 Go on\r\n"
        if verb == b"QUIT":
            return _BYE
        return _OK


async def main() -> None:
    """Listens until it is told to stop; prints its port first, and what it took at the end."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    answer(port=server.sockets[0].getsockname()[1])
    await stop.wait()
    answer(taken=Sink.taken)


if __name__ == "__main__":
    asyncio.run(main())
