"""A process that changes one person's consents as fast as it can, beside others: `python -m tests.consent.contending`."""

import asyncio
import json
import random
import sys
from typing import Any
from uuid import UUID

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from services.common.errors import ServiceError, as_service_error
from services.common.rpc.context import Caller, bind
from services.common.security.tokens import TokenSigner
from services.common.settings import read
from services.consent.bootstrap import build
from services.consent.consents import confirmation, store
from services.consent.settings import ConsentSettings

EMAIL, SMS = enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS
REFUSALS = ("EVIDENCE_REQUIRED", "VALIDATION_FAILED", "RATE_LIMITED", "VERSION_CONFLICT", "INVALID_TOKEN")


class Contender:
    """One process's acts about the person."""

    def __init__(self, given: dict[str, Any], servicer: Any, database: Any, signer: TokenSigner) -> None:
        self.tenant_id = UUID(given["tenant_id"])
        self.contact_id = given["contact_id"]
        self.number = given["number"]
        self.chance = random.Random(given["seed"])
        self.servicer, self.database, self.signer = servicer, database, signer
        self.subject = consent_pb2.Subject(contact_id=self.contact_id)

    async def act(self) -> None:
        channel = self.chance.choice([EMAIL, EMAIL, SMS])
        chosen = self.chance.choice(
            [self.grant, self.grant, self.confirm, self.confirm, self.revoke, self.opt_out, self.text]
        )
        await chosen(channel)

    async def grant(self, channel: int) -> None:
        await self.servicer.GrantConsent(
            pb.GrantConsentRequest(
                subject=self.subject,
                channel=channel,  # type: ignore[arg-type]
                message_class=enums_pb2.MESSAGE_CLASS_MARKETING,
                source=consent_pb2.CONSENT_SOURCE_WEB_FORM,
                wording_version=str(self.chance.random()),
            ),
            None,
        )

    async def revoke(self, channel: int) -> None:
        await self.servicer.RevokeConsent(
            pb.RevokeConsentRequest(
                subject=self.subject,
                channel=channel,  # type: ignore[arg-type]
                source=self.chance.choice(
                    [consent_pb2.CONSENT_SOURCE_WEB_FORM, consent_pb2.CONSENT_SOURCE_STAFF]
                ),
            ),
            None,
        )

    async def opt_out(self, channel: int) -> None:
        await self.servicer.OptOut(
            pb.OptOutRequest(
                subject=self.subject,
                channel=self.chance.choice([0, channel]),  # type: ignore[arg-type]
                source=consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST,
            ),
            None,
        )

    async def text(self, _: int) -> None:
        await self.servicer.HandleInboundText(
            pb.HandleInboundTextRequest(
                channel=SMS,
                from_address=self.number,
                text=self.chance.choice(["STOP", "START", "STOPALL"]),
                provider_account_id=str(self.tenant_id),
                provider_message_id=str(self.chance.randint(0, 10_000)),
            ),
            None,
        )

    async def confirm(self, _: int) -> None:
        """Follows the link that stood a moment ago; others may be at it, or have voided it."""
        async with self.database.tenant(self.tenant_id) as uow:
            rows = await store.page(
                uow,
                UUID(self.contact_id),
                channel="email",
                message_class="marketing",
                status="pending",
                before=None,
                limit=1,
            )
        if rows:
            token = confirmation.sign(self.signer, self.tenant_id, rows[0], 1)
            await self.servicer.ConfirmConsent(pb.ConfirmConsentRequest(token=token), None)


async def main() -> None:
    """Acts for a number of rounds and prints how many acts were taken."""
    given = json.load(sys.stdin)
    settings = read(ConsentSettings, **given["settings"])
    async with build(settings) as service:
        servicer = service.registrations[0].servicer
        contender = Contender(given, servicer, service.database, TokenSigner(settings.token_keys))
        taken = 0
        with bind(Caller.of_service("campaign", contender.tenant_id)):
            for _ in range(given["rounds"]):
                try:
                    await contender.act()
                except Exception as error:
                    told = as_service_error(error)
                    if not isinstance(told, ServiceError) or told.reason not in REFUSALS:
                        raise
                else:
                    taken += 1
        print(taken)


if __name__ == "__main__":
    asyncio.run(main())
