"""Compiles echo.proto once per run, and a servicer that answers and fails in every way."""

from __future__ import annotations

import asyncio
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import grpc_tools
from grpc_tools import protoc

from services.common import telemetry
from services.common.errors import exhausted, failed, not_found, unavailable
from services.common.rpc import context, deadline

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def _compile() -> tuple[Any, Any]:
    # Modules stay once they are imported, so their files need not.
    with tempfile.TemporaryDirectory(prefix="echo-proto-") as out:
        arguments = [
            "protoc",
            f"--proto_path={HERE}",
            f"--proto_path={ROOT / 'protos'}",
            f"--proto_path={ROOT / 'third_party' / 'protos'}",
            f"--proto_path={Path(grpc_tools.__file__).parent / '_proto'}",
            f"--python_out={out}",
            f"--grpc_python_out={out}",
            "echo.proto",
        ]
        assert protoc.main(arguments) == 0
        sys.path.insert(0, out)
        try:
            return importlib.import_module("echo_pb2"), importlib.import_module("echo_pb2_grpc")
        finally:
            sys.path.remove(out)


echo_pb2, echo_pb2_grpc = _compile()
EchoRequest = echo_pb2.EchoRequest
EchoResponse = echo_pb2.EchoResponse
DESCRIPTOR = echo_pb2.DESCRIPTOR.services_by_name["EchoService"]


class DomainRefusalError(Exception):
    """A plain error of a pure domain: it knows its reason and nothing of RPC."""

    reason = "INVALID_CAMPAIGN_STATUS"
    metadata = {"status": "sent"}  # noqa: RUF012 - as a domain would write it


class EchoServicer(echo_pb2_grpc.EchoServiceServicer):  # type: ignore[misc, name-defined]
    """Echoes the text, or does what it says."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.cancelled = asyncio.Event()

    async def Echo(self, request: Any, _context: Any) -> Any:
        return await self._answer(request)

    async def OpenDoor(self, request: Any, _context: Any) -> Any:
        assert context.maybe_caller() is None
        return EchoResponse(text=request.text)

    async def OnlyDelivery(self, request: Any, _context: Any) -> Any:
        return await self._answer(request)

    async def NeighbourDoor(self, request: Any, _context: Any) -> Any:
        return await self._answer(request)

    async def ManageTenant(self, request: Any, _context: Any) -> Any:
        return await self._answer(request)

    async def Expand(self, request: Any, _context: Any) -> Any:
        for number in range(request.count):
            yield EchoResponse(text=request.text, count=number)
        if request.text != "many":
            yield await self._answer(request)

    async def Watch(self, request: Any, _context: Any) -> Any:
        yield EchoResponse(text=request.text)
        await self._act("sleep")

    async def Collect(self, requests: Any, _context: Any) -> Any:
        texts = [(await self._answer(request)).text async for request in requests]
        return EchoResponse(text=",".join(texts), count=len(texts))

    async def Chat(self, requests: Any, _context: Any) -> Any:
        async for request in requests:
            yield await self._answer(request)

    async def _answer(self, request: Any) -> Any:
        self.seen.append(request.text)
        await self._act(request.text)
        caller = context.current_caller()
        return EchoResponse(
            text=request.text,
            caller=caller.subject,
            tenant_id=str(caller.tenant_id or ""),
            count=len(request.items),
            traceparent=telemetry.current_traceparent(),
            remaining=deadline.remaining(),
            correlation_id=context.correlation_id(),
        )

    async def _act(self, text: str) -> None:
        match text:
            case "sleep":
                try:
                    await asyncio.sleep(300)
                except asyncio.CancelledError:
                    self.cancelled.set()
                    raise
            case "bug":
                raise KeyError("jane.doe@example.com")
            case "domain":
                raise DomainRefusalError("campaign was sent to jane.doe@example.com")
            case "fail" | "not found":
                raise not_found("template", "t-1")
            case "exhausted":
                raise exhausted("THROTTLE_LIMIT", "cap reached")
            case "unavailable":
                raise unavailable("consent")
            case "precondition":
                raise failed("BUDGET_EXCEEDED", "budget is spent", budget="b-1")
            case "flaky":
                if self.seen.count("flaky") < 3:
                    raise unavailable("consent")
            case "tenant":
                context.tenant()
            case _:
                pass
