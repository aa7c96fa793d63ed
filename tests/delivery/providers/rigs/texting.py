"""Adapters of texts against the sandbox: what they say is what really happened."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.runner import started
from sandbox.settings import Address, Settings
from services.delivery.providers import Account, Outgoing, Provider, open_provider

WEBHOOK = "https://m.example/webhooks/x/t0ken"
FLOW = "0123456789abcdef01234567"
GUPSHUP_TEMPLATE = "c6aecef6-bcb0-4fb1-8100-28c094e3bc6b"


@dataclass(frozen=True)
class Rig:
    """What an account of a provider is made of, and how its messages look to their readers."""

    name: str
    channel: str
    config: dict[str, Any]
    credentials: dict[str, str]
    secret: str
    shown: str = ""
    """What stands before the values of the template `hello` in the sandbox's view."""
    batch: int = 1
    path: str = ""
    whole: bool = False
    """Whether texts travel as they are rendered, and not as values of a template."""
    looks_up: bool = False
    """Whether an unknown outcome can be looked up."""
    label: str = ""

    def seen(self, name: str, note: str) -> str:
        """The template `hello` as its reader sees it."""
        # A parameter of WhatsApp is one line.
        note = note.replace("\n", " ") if self.channel == "whatsapp" else note
        return f"Hello {name}: {note}" if self.whole else f"{self.shown}{name}, {note}"


@dataclass
class Texting:
    """A running sandbox, and adapters that speak to it."""

    url: str
    session: aiohttp.ClientSession
    rig: Rig
    opened: list[Provider] = field(default_factory=list)

    def account(self, **fields: Any) -> Account:
        rig = self.rig
        config = {**rig.config, "base_url": self.url + rig.path, **fields.pop("config", {})}
        credentials = fields.pop("credentials", rig.credentials)
        given: dict[str, Any] = {"channel": rig.channel, "webhook_url": WEBHOOK, **fields}
        return Account(
            uuid.uuid4(), rig.name, config, credentials, timedelta(seconds=1), 4, production=False, **given
        )

    def provider(self, **fields: Any) -> Provider:
        self.opened.append(open_provider(self.account(**fields)))
        return self.opened[-1]

    async def fault(self, kind: str, **fields: Any) -> None:
        async with self.session.post(f"{self.url}/faults", json={"kind": kind, **fields}) as response:
            assert response.status < 300, await response.text()

    async def taken(self, sent: Sequence[Outgoing]) -> list[dict[str, Any]]:
        """The messages that numbers got, in the order of `sent`."""
        found = []
        for one in sent:
            async with self.session.get(f"{self.url}/truth", params={"address": one.address}) as response:
                found += (await response.json())["messages"]
        return found


@asynccontextmanager
async def texting(rig: Rig, folder: Path) -> AsyncIterator[Texting]:
    """A sandbox of its own for one rig."""
    settings = Settings(
        http=Address("127.0.0.1", 0),
        smtp=Address("127.0.0.1", 0),
        database=folder / "sandbox.sqlite",
        signing_key=folder / "key.pem",
        pace=0.02,
    )
    async with started(settings) as running, aiohttp.ClientSession() as session:
        made = Texting(f"http://127.0.0.1:{running.http_port}", session, rig)
        yield made
        for provider in made.opened:
            await provider.close()
