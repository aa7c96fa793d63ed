"""Adapters of push services against the sandbox: what they say is what devices really show."""

from __future__ import annotations

import functools
import json
import uuid
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sandbox.runner import Running, started
from sandbox.settings import Address, Settings
from services.common.net.guard import Guard
from services.delivery.providers import Account, Device, Outgoing, Provider, open_provider
from services.delivery.providers.base import TokenKind

APP = "com.example.app"


@functools.cache
def rsa_pem() -> str:
    return _pem(rsa.generate_private_key(65537, 2048))


@functools.cache
def ec_pem() -> str:
    return _pem(ec.generate_private_key(ec.SECP256R1()))


def _pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass(frozen=True)
class Rig:
    """What an account of a push service is made of."""

    name: str
    kind: TokenKind
    config: Callable[[str, str], dict[str, Any]]
    """Of the sandbox's address, and of its port for APNs."""
    credentials: Callable[[], dict[str, str]]


RIGS = {
    "fcm": Rig(
        "fcm",
        TokenKind.FCM_TOKEN,
        lambda url, _: {"project_id": "angarium-test", "base_url": url, "token_url": f"{url}/token"},
        lambda: {"client_email": "push@angarium-test.iam.gserviceaccount.com", "private_key": rsa_pem()},
    ),
    "apns": Rig(
        "apns",
        TokenKind.APNS,
        lambda _, apns: {"key_id": "ABCDE12345", "team_id": "TEAM123456", "base_url": apns},
        lambda: {"private_key": ec_pem()},
    ),
    "webpush": Rig(
        "webpush",
        TokenKind.WEB_PUSH,
        lambda _url, _apns: {"subject": "mailto:ops@salon.example", "push_services": ["127.0.0.1"]},
        lambda: {"vapid_private_key": ec_pem()},
    ),
}


@dataclass
class Pushing:
    """A running sandbox, and adapters that speak to it."""

    running: Running
    session: aiohttp.ClientSession
    opened: list[Provider] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.running.http_port}"

    @property
    def apns_url(self) -> str:
        return f"http://127.0.0.1:{self.running.apns_port}"

    def account(self, name: str, **fields: Any) -> Account:
        rig = RIGS[name]
        config = {**rig.config(self.url, self.apns_url), **fields.pop("config", {})}
        given: dict[str, Any] = {
            "credentials": rig.credentials(),
            "timeout": timedelta(seconds=0.5),
            "max_concurrency": 8,
            "production": False,
            "channel": "push",
            "guard": Guard(allow_local=True),
            **fields,
        }
        return Account(uuid.uuid4(), name, config, **given)

    def provider(self, name: str, **fields: Any) -> Provider:
        self.opened.append(open_provider(self.account(name, **fields)))
        return self.opened[-1]

    async def device(self, name: str, behaviour: str = "device_healthy", **more: str) -> Device:
        """A simulated device, as its registration would name it."""
        asked = {"service": name, "behaviour": behaviour, **more}
        async with self.session.post(f"{self.url}/push/devices", json=asked) as response:
            made = await response.json()
            assert response.status == 201, made
        keys = made.get("keys") or {}
        return Device(
            uuid.uuid4(),
            RIGS[name].kind,
            APP,
            made.get("token") or made["endpoint"],
            *(urlsafe_b64decode(keys[part] + "==") for part in ("p256dh", "auth") if part in keys),
        )

    async def remove(self, device: Device) -> None:
        token = device.token.rpartition("/")[2]
        async with self.session.delete(f"{self.url}/push/devices/{token}") as response:
            assert (await response.json())["removed"]

    async def fault(self, kind: str, **fields: Any) -> None:
        async with self.session.post(f"{self.url}/faults", json={"kind": kind, **fields}) as response:
            assert response.status < 300, await response.text()

    def shown(self) -> int:
        """How many messages devices showed."""
        return int(self.running.sandbox.database.query("SELECT count(*) FROM message")[0][0])

    async def taken(self, sent: Sequence[Outgoing]) -> list[dict[str, Any]]:
        """What devices showed of messages, in the order of `sent`, with the token it came to."""
        found = []
        for one in sent:
            rows = self.running.sandbox.database.query(
                "SELECT address, personal FROM message WHERE reference = ?", (str(one.message_id),)
            )
            found += [{"token": address, **json.loads(personal)} for address, personal in rows]
        return found


@asynccontextmanager
async def pushing(folder: Path) -> AsyncIterator[Pushing]:
    """A sandbox of its own."""
    settings = Settings(
        http=Address("127.0.0.1", 0),
        smtp=Address("127.0.0.1", 0),
        database=folder / "sandbox.sqlite",
        signing_key=folder / "key.pem",
        pace=0.02,
    )
    async with started(settings) as running, aiohttp.ClientSession() as session:
        made = Pushing(running, session)
        yield made
        for provider in made.opened:
            await provider.close()
