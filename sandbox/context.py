"""What the parts of one sandbox share."""

import asyncio
import sqlite3
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import orjson

from sandbox import settings as config
from sandbox.aws import certificate
from sandbox.faults import FaultBook
from sandbox.settings import Address, AppAccess, Settings
from sandbox.signing import Signer
from sandbox.store.database import Database


@dataclass(frozen=True)
class Webhook:
    """Where the events of one account go; `secret` is what its provider signs with, where accounts have their own."""

    url: str
    enabled: bool = True
    signed: bool = True
    secret: str = ""


class Alarm:
    """Wakes a loop early; a ring that nobody waits for is remembered once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wakes the loop that waits, or the next that will."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Returns at the next ring, at the latest after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        finally:
            self._event.clear()


@dataclass
class Sandbox:
    """Settings that may change while running, the database, and the bells between the loops."""

    settings: Settings
    database: Database
    faults: FaultBook
    signer: Signer
    to_plan: Alarm = field(default_factory=Alarm)
    to_act: Alarm = field(default_factory=Alarm)
    to_tell: Alarm = field(default_factory=Alarm)
    to_report: Alarm = field(default_factory=Alarm)
    gateway_url: str | None = None
    bounce_smtp: Address | None = None
    app: AppAccess | None = None
    _webhooks: dict[str, Webhook] = field(default_factory=dict)

    @cached_property
    def notices(self) -> certificate.NoticeSigner:
        """Signs notifications as Amazon's do; the key lies beside the other one, and is made when it is first needed."""
        return certificate.load(self.settings.signing_key.with_suffix(".sns.pem"))

    def load(self) -> None:
        """Reads what was set over the admin API before; the environment fills the rest."""
        stored = {
            str(name): orjson.loads(value) for name, value in self.database.query("SELECT * FROM setting")
        }
        self.gateway_url = stored.get("gateway_url") or self.settings.gateway_url
        bounce = stored.get("bounce_smtp")
        self.bounce_smtp = (
            config.parse_address("bounce_smtp", bounce) if bounce else self.settings.bounce_smtp
        )
        app = stored.get("app") or {}
        self.app = (
            config.parse_app(("app", app.get("delivery")), ("app", app.get("token"))) or self.settings.app
        )
        self._webhooks = {
            name.removeprefix("webhook:"): Webhook(**value)
            for name, value in stored.items()
            if name.startswith("webhook:")
        }
        if self.settings.webhook_url and "" not in self._webhooks:
            self._webhooks[""] = Webhook(self.settings.webhook_url)
        self.faults.load()

    def webhook(self, account: str) -> Webhook | None:
        """Returns the webhook of an account: its own, else the one for all of its provider; None when switched off."""
        webhook = self.own_webhook(account)
        return webhook if webhook and webhook.enabled and webhook.url else None

    def own_webhook(self, account: str) -> Webhook | None:
        """Returns the webhook as it is set, switched off or not."""
        provider, colon, _ = account.partition(":")
        return self._webhooks.get(account) or self._webhooks.get(provider + colon if colon else "")

    async def set_webhook(self, account: str, webhook: Webhook) -> None:
        """Sets the webhook of an account; `""` means all of SendGrid that have none of their own, `name:` of others."""
        await self._set(f"webhook:{account}", asdict(webhook))
        self._webhooks[account] = webhook

    async def set_gateway(self, url: str | None) -> None:
        """Sets the base of the URLs that people follow."""
        await self._set("gateway_url", url)
        self.gateway_url = url
        self.to_act.ring()

    async def set_bounce_smtp(self, address: Address | None) -> None:
        """Sets where bounces and complaints are delivered."""
        await self._set("bounce_smtp", str(address) if address else None)
        self.bounce_smtp = address
        self.to_report.ring()

    async def set_app(self, app: AppAccess | None) -> None:
        """Sets how the stand-in for the customer's app reaches inboxes."""
        await self._set("app", {"delivery": str(app.delivery), "token": app.token} if app else None)
        self.app = app

    async def _set(self, name: str, value: Any) -> None:
        text = orjson.dumps(value).decode()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, text),
            )

        await self.database.write(work)
