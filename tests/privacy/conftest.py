"""The four services as they find each other, with their loops, and a business that has written to people."""

from __future__ import annotations

import asyncio
import csv
import importlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from redis.asyncio import Redis

from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2, contact_pb2, contact_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import privacy_service_pb2 as pb
from angarium.consent.v1 import privacy_service_pb2_grpc
from bench import given
from cli.client import ClientSettings
from cli.demo.actors import Cast
from cli.demo.stage import Phase
from cli.demo.steps.tenant import create_tenant
from cli.importing import import_contacts
from services.common.clock import Clock, SystemClock
from services.common.db.testing import database_environment
from services.common.rpc.client import Channels
from services.common.rpc.server import start_server
from services.common.security.envelope import Envelope
from services.common.service import Service
from services.common.settings import read
from services.consent.directory.handlers import Directory
from services.consent.directory.lookup import CampaignLookup
from services.consent.privacy.wiring import Parts, parts
from tests.common.given import COMPLETE, RECEIPT_KEYS
from tests.ports import free_ports

SERVICES = ("consent", "campaign", "delivery", "analytics")
ANNA = {
    "external_id": "anna-77",
    "email": "silent+anna.quillfeather@example.com",
    "first_name": "Anneliese",
    "last_name": "Quillfeather",
    "phone": "+4915112345678",
}


class MovedClock(Clock):
    """The time, moved by the test."""

    def __init__(self) -> None:
        self._inner = SystemClock()
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self._inner.now() + self.ahead


@dataclass
class Town:
    """Everything of one test."""

    owner_url: str
    given: dict[str, Any]
    clock: MovedClock
    services: dict[str, Service]
    cast: Cast
    folder: Path
    stack: AsyncExitStack
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def tenant_id(self) -> UUID:
        return self.cast.tenant_id

    @property
    def privacy(self) -> Any:
        return self.cast.ada.channels.stub(privacy_service_pb2_grpc.PrivacyServiceStub, "consent")

    async def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self.owner_url, autocommit=True) as connection:
            cursor = await connection.execute(query, params)  # type: ignore[arg-type]
            return await cursor.fetchall() if cursor.description else []

    async def value(self, query: str, *params: Any) -> Any:
        return (await self.rows(query, *params))[0][0]

    async def until(self, query: str, wanted: Any, *params: Any, seconds: float = 30.0) -> None:
        ends = time.monotonic() + seconds
        while (found := await self.value(query, *params)) != wanted:
            if time.monotonic() > ends:
                raise AssertionError(f"{query} is {found}, not {wanted}")
            await asyncio.sleep(0.05)

    async def settled(self) -> None:
        """Returns when every event was heard by everybody."""
        for source in SERVICES:
            await self.until(f"SELECT count(*) FROM {source}.outbox WHERE position IS NULL", 0)
        await asyncio.sleep(0.3)
        for source, listeners in {
            "campaign": ("consent", "analytics"),
            "delivery": ("campaign", "analytics", "consent"),
        }.items():
            last = await self.value(f"SELECT coalesce(max(position), 0) FROM {source}.outbox")
            for listener in listeners:
                await self.until(
                    f"SELECT coalesce(max(acknowledged), 0) >= %s FROM {source}.relay_group WHERE name = %s",
                    True,
                    last,
                    listener,
                    seconds=30,
                )

    async def people(self, *people: dict[str, str]) -> None:
        """Imports people who agreed to marketing by e-mail."""
        path = self.folder / f"{uuid4().hex}.csv"
        names = ("external_id", "email", "first_name", "last_name", "phone")
        with path.open("w", newline="") as file:
            write = csv.writer(file).writerow
            write((*names, "consent_email", "consent_source", "consent_at"))
            for one in people:
                write((*(one.get(name, "") for name in names), "yes", "form", "2026-01-02T03:04:05Z"))
        report = await import_contacts(path, self.cast.ada.channels)
        assert not report.rejected

    async def contact_of(self, external_id: str) -> UUID:
        answer = await self.cast.ada.contacts.GetContact(
            contact_service_pb2.GetContactRequest(external_id=external_id)
        )
        return UUID(answer.contact.contact_id)

    async def campaign(self, template_id: str, *, total: int) -> str:
        """Sends a campaign to everybody and returns its id once all lines are settled."""
        campaigns = self.cast.ada.campaigns
        made = await campaigns.CreateCampaign(
            campaign_service_pb2.CreateCampaignRequest(
                campaign=campaign_pb2.Campaign(
                    name=f"letter {uuid4().hex[:8]}",
                    channel=enums_pb2.CHANNEL_EMAIL,
                    template_id=template_id,
                    target_all_contacts=True,
                )
            )
        )
        campaign_id = made.campaign.campaign_id
        sent = await campaigns.SubmitCampaign(
            campaign_service_pb2.SubmitCampaignRequest(campaign_id=campaign_id)
        )
        if sent.campaign.state != campaign_pb2.Campaign.STATE_APPROVED:
            await self.cast.ben.campaigns.ApproveCampaign(
                campaign_service_pb2.ApproveCampaignRequest(campaign_id=campaign_id)
            )
        await campaigns.SendCampaign(campaign_service_pb2.SendCampaignRequest(campaign_id=campaign_id))
        await self.until(
            "SELECT count(*) FROM campaign.campaign_recipient r JOIN campaign.campaign_run u USING (tenant_id, run_id)"
            " WHERE u.campaign_id = %s AND r.state > 2",
            total,
            campaign_id,
        )
        return str(campaign_id)

    def service_stub(self, stub: Any, service: str) -> Any:
        """A stub as campaign calls it; calls happen inside of `as_tenant`."""
        channels = Channels(self.settings["campaign"], name="campaign")
        self.stack.push_async_callback(channels.close)
        return channels.stub(stub, service)

    def parts(self) -> Parts:
        """The parts of privacy as a process that has just started builds them."""
        settings, database = self.settings["consent"], self.services["consent"].database
        channels = Channels(settings, name="consent")
        self.stack.push_async_callback(channels.close)
        lookup = CampaignLookup(channels)
        return parts(
            settings,
            database,
            channels,
            Directory(database, lookup),
            lookup,
            Envelope(settings.encryption_keys),
        )

    async def run(self, request_id: str, workflow: Any = None) -> pb.PrivacyRequest:
        """Does the steps of a request until none is left, as the job does."""
        workflow = workflow or self.parts().workflow
        while await workflow.advance(self.tenant_id, UUID(request_id)):
            pass
        return await self.request(request_id)

    async def request(self, request_id: str) -> pb.PrivacyRequest:
        answer = await self.privacy.GetPrivacyRequest(
            pb.GetPrivacyRequestRequest(privacy_request_id=request_id)
        )
        return answer.privacy_request

    async def ask_export(self, contact_id: UUID, **more: Any) -> pb.PrivacyRequest:
        answer = await self.privacy.CreateExport(
            pb.CreateExportRequest(contact_id=str(contact_id), requester_verified_by="passport", **more)
        )
        return answer.privacy_request

    async def ask_erasure(self, contact_id: UUID, **more: Any) -> pb.PrivacyRequest:
        fields = {
            "reason": "asked by letter",
            "confirmation_phrase": f"erase {contact_id}",
            "requester_verified_by": "passport",
            **more,
        }
        answer = await self.privacy.CreateErasure(
            pb.CreateErasureRequest(contact_id=str(contact_id), **fields)
        )
        return answer.privacy_request


@pytest.fixture
async def town(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis, tmp_path: Path
) -> AsyncIterator[Town]:
    """Four services with a tenant; the jobs do not run by themselves."""
    owner_url = clone_database(SERVICES)
    ports = dict(zip(SERVICES, free_ports(4), strict=True))
    shared = {
        **COMPLETE,
        "redis_url": redis_url,
        "enable_rate_limiting": False,
        **{f"{name}_address": f"127.0.0.1:{port}" for name, port in ports.items()},
    }
    extra = {
        "consent": {"receipt_keys": RECEIPT_KEYS},
        "delivery": {"provider_mode": "recording", "poll_ms": 50},
    }
    clock = MovedClock()
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        services: dict[str, Service] = {}
        settings: dict[str, Any] = {}
        for name in SERVICES:
            place = {key.lower(): value for key, value in database_environment(owner_url, name).items()}
            cls = getattr(
                importlib.import_module(f"services.{name}.settings"), f"{name.capitalize()}Settings"
            )
            settings[name] = read(cls, **{**shared, **place, "service_name": name, **extra.get(name, {})})
            build = importlib.import_module(f"services.{name}.bootstrap").build
            services[name] = await stack.enter_async_context(build(settings[name], clock=clock))
            server = await start_server(services[name], settings[name], address=f"127.0.0.1:{ports[name]}")
            stack.push_async_callback(server.stop, 0)
        loops = [loop for service in services.values() for loop in service.loops if loop.name != "jobs"]
        tasks = [asyncio.create_task(loop.run(stop)) for loop in loops]

        async def end() -> None:
            stop.set()
            await asyncio.wait(tasks, timeout=20)

        stack.push_async_callback(end)
        known = {name: value for name, value in shared.items() if name in ClientSettings.model_fields}
        cast = Cast(read(ClientSettings, **known), uuid4())
        stack.push_async_callback(cast.leave)
        await create_tenant(cast, Phase("tenant", "tenant"))
        await given.account(cast.ada, "recording", {}, concurrency=4)
        yield Town(owner_url, shared, clock, services, cast, tmp_path, stack, settings)


def as_json(records: list[str]) -> list[Any]:
    return [json.loads(one) for one in records]


__all__ = ["ANNA", "Town", "as_json", "contact_pb2"]
