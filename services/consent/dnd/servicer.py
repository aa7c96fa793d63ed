"""DndService."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from angarium.consent.v1 import dnd_service_pb2 as pb
from angarium.consent.v1 import dnd_service_pb2_grpc
from services.consent.dnd.handlers import Dnd


class DndServicer(dnd_service_pb2_grpc.DndServiceServicer):
    """Keeps registries of numbers that may not be disturbed."""

    def __init__(self, dnd: Dnd) -> None:
        self._dnd = dnd

    async def ImportDndRegistry(
        self, request_iterator: AsyncIterator[pb.ImportDndRegistryRequest], context: Any
    ) -> AsyncIterator[pb.ImportDndRegistryResponse]:
        async with aclosing(self._dnd.take(request_iterator)) as responses:
            async for response in responses:
                yield response

    async def CheckDnd(self, request: pb.CheckDndRequest, context: Any) -> pb.CheckDndResponse:
        return await self._dnd.check(request)

    async def ListDndImports(
        self, request: pb.ListDndImportsRequest, context: Any
    ) -> pb.ListDndImportsResponse:
        return await self._dnd.page(request)

    async def SetContactDnd(self, request: pb.SetContactDndRequest, context: Any) -> pb.SetContactDndResponse:
        return await self._dnd.set_contact(request)
