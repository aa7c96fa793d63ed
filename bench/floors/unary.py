"""P4's floor: a bare grpc.aio server whose method does one INSERT and COMMIT."""

import asyncio
import signal
from typing import Any
from uuid import uuid4

import grpc
from psycopg_pool import AsyncConnectionPool

from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from bench.floors.measured import answer, order

_TABLE = """
CREATE SCHEMA IF NOT EXISTS floor;
DROP TABLE IF EXISTS floor.message;
CREATE TABLE floor.message (
    message_id uuid PRIMARY KEY, idempotency_key text NOT NULL, address text NOT NULL, state smallint NOT NULL,
    content bytea NOT NULL, created_at timestamptz NOT NULL DEFAULT now())
"""

_INSERT = "INSERT INTO floor.message (message_id, idempotency_key, address, state, content) VALUES (%s, %s, %s, 1, %s)"


class Messages(grpc_pb.MessageServiceServicer):
    """Keeps each message it gets."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def SendMessage(self, request: pb.SendMessageRequest, context: Any) -> pb.SendMessageResponse:  # noqa: N802, ARG002
        id = uuid4()
        row = (id, request.idempotency_key, request.recipient.address, request.recipient.SerializeToString())
        # Autocommit: the statement and its commit are one round trip.
        async with self._pool.connection() as connection:
            await connection.execute(_INSERT, row)
        return pb.SendMessageResponse(message_id=str(id), state=1)  # type: ignore[arg-type]


async def main() -> None:
    """Serves until it is told to stop; prints its port first."""
    asked = order()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    pool = AsyncConnectionPool(
        asked["database_url"], min_size=16, max_size=16, kwargs={"autocommit": True}, open=False
    )
    async with pool:
        async with pool.connection() as connection:
            await connection.execute(_TABLE)
        server = grpc.aio.server()
        grpc_pb.add_MessageServiceServicer_to_server(Messages(pool), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        answer(port=port)
        await stop.wait()
        await server.stop(1)


if __name__ == "__main__":
    asyncio.run(main())
