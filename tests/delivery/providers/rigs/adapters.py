"""Every adapter that speaks to a provider, each asked in the same words, against one sandbox."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.common.net.guard import Guard
from services.delivery.providers import Account, Outcome, Outgoing, Provider, open_provider
from tests.delivery.providers import blocks, pushes, texts
from tests.delivery.providers.rigs import aws_sns, gupshup, mail, meta, msg91, pushing, texting, twilio, wati

TEXTING = {
    rig.label or rig.name: rig
    for rig in (
        twilio.RIG,
        aws_sns.RIG,
        aws_sns.END_USER_MESSAGING,
        msg91.RIG,
        meta.RIG,
        gupshup.RIG,
        wati.RIG,
    )
}
HTTP = (*mail.API, *TEXTING, *pushing.RIGS)
ALL = (*HTTP, "smtp")
_NUMBERS = itertools.count(1)


@dataclass
class Adapters:
    """A running sandbox, and an adapter for each of its faces."""

    sandbox: pushing.Pushing
    opened: list[Provider] = field(default_factory=list)

    def provider(self, name: str, url: str = "", *, seconds: float = 10.0, **config: Any) -> Provider:
        """The adapter of a provider, which waits so long; at another address than the sandbox's where one is given."""
        url = url or self.sandbox.url
        fields: dict[str, Any] = {"channel": "email"}
        if name in TEXTING:
            rig = TEXTING[name]
            kind, settings, credentials = (
                rig.name,
                {**rig.config, "base_url": url + rig.path},
                rig.credentials,
            )
            fields = {"channel": rig.channel, "webhook_url": texting.WEBHOOK}
        elif name in pushing.RIGS:
            kind, own = name, pushing.RIGS[name]
            apns = url if url != self.sandbox.url else self.sandbox.apns_url
            settings, credentials = own.config(url, apns), own.credentials()
            fields = {"channel": "push", "guard": Guard(allow_local=True)}
        else:
            smtp_port = self.sandbox.running.smtp_port
            kind, settings, credentials = name, mail.config(name, url, smtp_port), mail.CREDENTIALS[name]
        account = Account(
            uuid.uuid4(),
            kind,
            {**settings, **config},
            credentials,
            timedelta(seconds=seconds),
            4,
            production=False,
            **fields,
        )
        self.opened.append(open_provider(account))
        return self.opened[-1]

    async def message(self, name: str) -> Outgoing:
        """A message to somebody who never answers, and who gets no other."""
        number = next(_NUMBERS)
        if name in TEXTING:
            return texts.text(f"+1202557{number:04}")
        if name in pushing.RIGS:
            return pushes.push(await self.sandbox.device(name))
        return blocks.message(f"silent@x{number}.example")

    async def outcome(self, name: str, provider: Provider, sent: Outgoing) -> Outcome:
        """What the adapter says became of it."""
        if name in TEXTING:
            return (await texts.outcomes(provider, [sent], texts.TEMPLATE))[0]
        if name in pushing.RIGS:
            return (await pushes.outcomes(provider, [sent]))[0]
        return (await blocks.outcomes(provider, [sent]))[0]

    async def taken(self, name: str, sent: Outgoing) -> int:
        """How often the provider really took it."""
        if name in pushing.RIGS:
            return len(await self.sandbox.taken([sent]))
        # Not each provider of texts is told our reference.
        by = {"address": sent.address} if name in TEXTING else {"message_id": str(sent.message_id)}
        async with self.sandbox.session.get(f"{self.sandbox.url}/truth", params=by) as response:
            return len((await response.json())["messages"])


@asynccontextmanager
async def adapters(folder: Path) -> AsyncIterator[Adapters]:
    """A sandbox of its own."""
    async with pushing.pushing(folder) as sandbox:
        made = Adapters(sandbox)
        yield made
        for provider in made.opened:
            await provider.close()
