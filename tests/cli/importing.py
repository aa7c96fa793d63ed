"""Campaign and consent as an import meets them: real services on real stores, called by a person."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cli.client import ClientSettings, PersonChannels
from cli.importing import ImportReport, import_contacts
from services.campaign.bootstrap import build as build_campaign
from services.campaign.settings import CampaignSettings
from services.common.clock import Clock
from services.common.settings import read
from services.consent.bootstrap import build as build_consent
from services.consent.settings import ConsentSettings
from tests.campaign.conftest import create_tenant
from tests.common.given import COMPLETE
from tests.house import Served, serving, settings_for

HEADER = "external_id,email,phone,first_name,language,consent_email,consent_source,consent_at,suppressed\n"


class Wire:
    """A line to a service that can be cut: open connections break, new ones are refused until it is mended."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = self._address.rpartition(":")
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        self._writers |= {writer, there_writer}
        await asyncio.gather(self._carry(reader, there_writer), self._carry(there_reader, writer))

    @staticmethod
    async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()


@dataclass
class Town:
    """Two services and a person who imports."""

    campaign: Served
    consent: Served
    channels: PersonChannels
    to_campaign: Wire
    clock: Clock
    folder: Path

    async def import_text(self, text: str | bytes) -> ImportReport:
        path = self.folder / "people.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return await import_contacts(path, self.channels, clock=self.clock)


@asynccontextmanager
async def town(owner_url: str, redis_url: str, clock: Clock, folder: Path) -> AsyncIterator[Town]:
    """Yields both services with one tenant, in Germany."""
    settings = settings_for(CampaignSettings, owner_url, redis_url, "campaign")
    async with serving(build_campaign, settings, clock=clock) as campaign:
        await create_tenant(campaign)
        told = settings_for(
            ConsentSettings, owner_url, redis_url, "consent", campaign_address=campaign.address
        )
        async with serving(build_consent, told, clock=clock) as consent:
            wire = Wire(campaign.address)
            await wire.mend()
            known = {name: value for name, value in COMPLETE.items() if name in ClientSettings.model_fields}
            client = read(
                ClientSettings,
                **{
                    **known,
                    "service_name": "cli",
                    "campaign_address": wire.address,
                    "consent_address": consent.address,
                },
            )
            channels = PersonChannels(client, tenant_id=campaign.tenant_id, role="super_owner")
            async with channels:
                yield Town(campaign, consent, channels, wire, clock, folder)
            wire.cut()
