"""What a rule would match: how many, whom for example, and how many of them could be written to (CAM-39)."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as pb
from angarium.consent.v1.compliance_service_pb2_grpc import ComplianceServiceStub
from services.campaign.contacts.domain import Contact
from services.campaign.ledger.addresses import address_sql
from services.campaign.segments import store
from services.campaign.segments.audience import compiler_of, everybody
from services.campaign.segments.domain import BUCKETS, Rule, Split
from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.rpc.client import Channels, as_tenant

logger = logging.getLogger(__name__)

BLOCK: Final = 1000
TOGETHER: Final = 4
"""Blocks asked about at once."""
MOST: Final = 10_000
"""So many people consent is asked about at most; of larger audiences, a random share of about that size."""
CHANNELS: Final = (enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS, enums_pb2.CHANNEL_WHATSAPP)

Person = tuple[UUID, str | None]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """How many could be sent an offer on a channel, drawn up from how many consent was asked about."""

    channel: int
    eligible: int
    asked: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would match."""

    count: int
    with_email: int
    with_phone: int
    sample: list[Contact]
    eligibility: list[Eligibility]


class Previews:
    """Previews rules; nothing is stored."""

    def __init__(self, database: Database, channels: Channels, *, most: int = MOST) -> None:
        self._database = database
        self._most = most
        self._consent = channels.stub(ComplianceServiceStub, "consent")

    async def of(
        self,
        tenant_id: UUID,
        rule: Rule,
        *,
        limits: Sequence[Sequence[UUID]],
        sample_size: int,
        channels: Sequence[int],
    ) -> Preview:
        """Counts a rule, shows some whom it matches, and asks consent about them; each list of branches limits it."""
        async with self._database.tenant(tenant_id) as uow:
            compiler = await compiler_of(uow)
            where = f"{everybody(compiler, *limits)} AND {compiler.rule(rule)}"
            count, with_email, with_phone = await store.count(uow, where, compiler.params)
            sample = await store.newest(uow, where, compiler.params, sample_size)
            share = BUCKETS if count <= self._most else -(-BUCKETS * self._most // count)
            where += f" AND {compiler.split(Split(str(uuid4()), 0, share))}"
            people = {
                channel: await store.addresses(uow, where, compiler.params, address_sql(channel))
                for channel in channels
                if count
            }
        try:
            found = [
                await self._eligible(tenant_id, channel, asked, count) for channel, asked in people.items()
            ]
        except ServiceError as error:
            # A preview is still worth having; what it cannot know it leaves out.
            logger.warning("consent could not be asked for a preview: %s", error.reason)
            found = []
        return Preview(count, with_email, with_phone, sample, found)

    async def _eligible(
        self, tenant_id: UUID, channel: int, people: Sequence[Person], count: int
    ) -> Eligibility:
        reachable = [one for one in people if one[1] is not None]
        blocks = [reachable[start : start + BLOCK] for start in range(0, len(reachable), BLOCK)]
        eligible = 0
        for start in range(0, len(blocks), TOGETHER):
            counts = await asyncio.gather(
                *(self._judge(tenant_id, channel, block) for block in blocks[start : start + TOGETHER])
            )
            eligible += sum(counts)
        asked = len(people)
        return Eligibility(channel, round(eligible * count / asked) if asked else 0, asked)

    async def _judge(self, tenant_id: UUID, channel: int, people: Sequence[Person]) -> int:
        request = pb.EvaluateSendBatchRequest(
            context=pb.EvaluationContext(
                channel=channel,  # type: ignore[arg-type]  # numbered as in the contract
                category=enums_pb2.CATEGORY_OFFER,
                purpose=pb.EVALUATION_PURPOSE_PREVIEW,
            )
        )
        for contact_id, address in people:
            request.items.add(contact_id=str(contact_id), address=address or "")
        with as_tenant(tenant_id):
            answer = await self._consent.EvaluateSendBatch(request)
        return sum(one.outcome != pb.OUTCOME_DENY for one in answer.decisions)
