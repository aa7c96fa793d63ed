"""A broker that speaks AMQP 0-9-1 and keeps to its rules: what is not acknowledged comes again, to whoever is there."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pamqp import body, commands, exceptions, frame, header

START = b"AMQP\x00\x00\x09\x01"
FRAME_MAX = 131_072
CAPABILITIES = {"publisher_confirms": True, "basic.nack": True, "consumer_cancel_notify": True}


@dataclass
class Message:
    """A message in a queue."""

    body: bytes
    properties: Any
    is_again: bool = False


@dataclass
class Broker:
    """Exchanges, bindings and queues; they outlive connections, as durable ones do."""

    port: int = 0
    exchanges: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    queues: dict[str, deque[Message]] = field(default_factory=dict)
    durable: set[str] = field(default_factory=set)
    prefetch: int = 0
    confirming: bool = False
    sessions: set[_Session] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def route(self, exchange: str, key: str, message: Message) -> bool:
        """Puts a message into the queues it is for; False when there is none."""
        names = [key] if not exchange else [name for bound, name in self.exchanges[exchange] if bound == key]
        for name in names:
            if name not in self.queues:
                return False
            self.queues[name].append(message)
        self.push()
        return bool(names)

    def push(self) -> None:
        for session in list(self.sessions):
            session.push()

    async def drop(self) -> None:
        """Cuts all connections, as a broker does that is restarted."""
        for session in list(self.sessions):
            session.writer.close()
        await asyncio.sleep(0)

    def waiting(self, queue: str) -> int:
        held = sum(name == queue for session in self.sessions for name, _ in session.unacked.values())
        return len(self.queues.get(queue, ())) + held


@dataclass(eq=False)
class _Session:
    """One connection."""

    broker: Broker
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    consumers: dict[str, tuple[int, str]] = field(default_factory=dict)
    limits: dict[int, int] = field(default_factory=dict)
    unacked: dict[tuple[int, int], tuple[str, Message]] = field(default_factory=dict)
    delivered: dict[int, int] = field(default_factory=dict)
    published: dict[int, int] = field(default_factory=dict)
    confirms: set[int] = field(default_factory=set)
    coming: dict[int, tuple[Any, Any, bytes]] = field(default_factory=dict)

    async def run(self) -> None:
        assert await self.reader.readexactly(8) == START
        self.send(0, commands.Connection.Start(0, 9, {"capabilities": CAPABILITIES}, "PLAIN", "en_US"))
        buffer = b""
        self.broker.sessions.add(self)
        try:
            while data := await self.reader.read(65_536):
                buffer += data
                while True:
                    try:
                        used, channel, found = frame.unmarshal(buffer)
                    except exceptions.UnmarshalingException:
                        break
                    buffer = buffer[used:]
                    self.take(channel, found)
        finally:
            self.broker.sessions.discard(self)
            for queue, message in reversed(self.unacked.values()):
                message.is_again = True
                self.broker.queues[queue].appendleft(message)
            self.broker.push()
            self.writer.close()

    def send(self, channel: int, *frames: Any) -> None:
        if not self.writer.is_closing():
            self.writer.write(b"".join(frame.marshal(one, channel) for one in frames))

    def take(self, channel: int, found: Any) -> None:
        name = f"_{type(found).__qualname__.replace('.', '_').lower()}"
        handler = getattr(self, name, None)
        if handler is not None:
            handler(channel, found)

    def _connection_startok(self, channel: int, _: Any) -> None:
        self.send(channel, commands.Connection.Tune(16, FRAME_MAX, 0))

    def _connection_open(self, channel: int, _: Any) -> None:
        self.send(channel, commands.Connection.OpenOk())

    def _connection_close(self, channel: int, _: Any) -> None:
        self.send(channel, commands.Connection.CloseOk())

    def _channel_open(self, channel: int, _: Any) -> None:
        self.send(channel, commands.Channel.OpenOk())

    def _channel_close(self, channel: int, _: Any) -> None:
        self.consumers = {tag: one for tag, one in self.consumers.items() if one[0] != channel}
        self.send(channel, commands.Channel.CloseOk())

    def _confirm_select(self, channel: int, _: Any) -> None:
        self.confirms.add(channel)
        self.broker.confirming = True
        self.send(channel, commands.Confirm.SelectOk())

    def _basic_qos(self, channel: int, found: Any) -> None:
        self.limits[channel] = self.broker.prefetch = found.prefetch_count
        self.send(channel, commands.Basic.QosOk())

    def _exchange_declare(self, channel: int, found: Any) -> None:
        self.broker.exchanges.setdefault(found.exchange, set())
        if found.durable:
            self.broker.durable.add(found.exchange)
        self.send(channel, commands.Exchange.DeclareOk())

    def _queue_declare(self, channel: int, found: Any) -> None:
        queue = self.broker.queues.setdefault(found.queue, deque())
        if found.durable:
            self.broker.durable.add(found.queue)
        self.send(channel, commands.Queue.DeclareOk(found.queue, len(queue), 0))

    def _queue_bind(self, channel: int, found: Any) -> None:
        self.broker.exchanges[found.exchange].add((found.routing_key, found.queue))
        self.send(channel, commands.Queue.BindOk())

    def _queue_delete(self, channel: int, found: Any) -> None:
        self.broker.queues.pop(found.queue, None)
        self.send(channel, commands.Queue.DeleteOk(0))

    def _exchange_delete(self, channel: int, found: Any) -> None:
        self.broker.exchanges.pop(found.exchange, None)
        self.send(channel, commands.Exchange.DeleteOk())

    def _basic_consume(self, channel: int, found: Any) -> None:
        self.consumers[found.consumer_tag] = (channel, found.queue)
        self.send(channel, commands.Basic.ConsumeOk(found.consumer_tag))
        self.push()

    def _basic_cancel(self, channel: int, found: Any) -> None:
        self.consumers.pop(found.consumer_tag, None)
        self.send(channel, commands.Basic.CancelOk(found.consumer_tag))

    def _basic_ack(self, channel: int, found: Any) -> None:
        self.unacked.pop((channel, found.delivery_tag), None)
        self.push()

    def _basic_publish(self, channel: int, found: Any) -> None:
        self.coming[channel] = (found, None, b"")

    def _contentheader(self, channel: int, found: Any) -> None:
        self.coming[channel] = (self.coming[channel][0], found, b"")
        if not found.body_size:
            self._complete(channel)

    def _contentbody(self, channel: int, found: Any) -> None:
        publish, head, so_far = self.coming[channel]
        self.coming[channel] = (publish, head, so_far + found.value)
        if len(so_far) + len(found.value) >= head.body_size:
            self._complete(channel)

    def _complete(self, channel: int) -> None:
        publish, head, content = self.coming.pop(channel)
        self.broker.route(publish.exchange, publish.routing_key, Message(content, head.properties))
        if channel in self.confirms:
            self.published[channel] = self.published.get(channel, 0) + 1
            self.send(channel, commands.Basic.Ack(self.published[channel]))

    def push(self) -> None:
        """Delivers what waits, as far as the prefetch allows."""
        for tag, (channel, queue) in list(self.consumers.items()):
            while self.broker.queues.get(queue) and not self.writer.is_closing():
                held = sum(one == channel for one, _ in self.unacked)
                if self.limits.get(channel) and held >= self.limits[channel]:
                    break
                message = self.broker.queues[queue].popleft()
                number = self.delivered[channel] = self.delivered.get(channel, 0) + 1
                self.unacked[channel, number] = (queue, message)
                parts = [
                    message.body[start : start + FRAME_MAX - 8]
                    for start in range(0, len(message.body), FRAME_MAX - 8)
                ]
                self.send(
                    channel,
                    commands.Basic.Deliver(tag, number, message.is_again, "", queue),
                    header.ContentHeader(0, len(message.body), message.properties),
                    *(body.ContentBody(part) for part in parts),
                )


@asynccontextmanager
async def open_broker() -> AsyncIterator[Broker]:
    """A broker on a port of its own."""
    broker = Broker()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await _Session(broker, reader, writer).run()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    broker.port = server.sockets[0].getsockname()[1]
    try:
        yield broker
    finally:
        await broker.drop()
        server.close()
