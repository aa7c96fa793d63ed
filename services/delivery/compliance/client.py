"""Asking consent whether messages may go, a block at a time (DEL-57, DEL-66); no answer is never an allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from angarium.consent.v1 import compliance_service_pb2 as pb
from angarium.consent.v1 import compliance_service_pb2_grpc as grpc_pb
from angarium.consent.v1.preference_service_pb2 import Frequency
from services.common.rpc.client import Channels, as_tenant
from services.common.turns import in_turns
from services.delivery.enums import wire
from services.delivery.messages.domain import Category, Channel

MAX_ITEMS: Final = 1000
MOST_KEPT: Final = 200
"""Decisions about one message that are looked at."""

_PREFIX: Final = "DECISION_REASON_"
_WORDS: Final = {
    number: name.removeprefix(_PREFIX).lower() for name, number in pb.DecisionReason.items() if number
}
_FREQUENCIES: Final = {
    number: name.removeprefix("FREQUENCY_").lower() for name, number in Frequency.items() if number
}
TENANT_SUSPENDED: Final = "tenant_suspended"


class Outcome(IntEnum):
    """What a decision says."""

    ALLOW = 1
    DENY = 2
    DEFER = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What all items of one evaluation share."""

    channel: Channel
    category: Category
    branch_id: UUID | None = None
    campaign_id: UUID | None = None
    expire_at: datetime | None = None
    is_digest: bool = False
    """True for the message that gathers others: the frequency that made it does not hold it back."""


class Person(NamedTuple):
    """One person of a block, with what they already received."""

    contact_id: str
    address: str
    message_id: str = ""
    sent_today: int = 0
    marketing_today: int = 0
    marketing_week: int = 0
    marketing_24_hours: int = 0


class Check(NamedTuple):
    """One check of consent: its number, its outcome, the fact it saw."""

    number: int
    outcome: int
    detail: str


class Decision(NamedTuple):
    """One answer."""

    outcome: Outcome
    reason: str = ""
    defer_until: datetime | None = None
    unsubscribe_token: str = ""
    time_zone: str = ""
    decision_id: str = ""
    frequency: str = ""
    """With a deferral to a digest: how often the person gets one."""
    checks: tuple[Check, ...] = ()
    """Every check that ran, in order; only where it was asked for."""


_FORESEEN: Final = Decision(Outcome.ALLOW)


class Kept(NamedTuple):
    """A decision as consent kept it."""

    decided_at: datetime
    decision: Decision
    branch_id: str = ""


class Compliance(Protocol):
    """Decides for blocks of people."""

    async def preview(self, tenant_id: UUID, question: Question, people: Sequence[Person]) -> list[Decision]:
        """Forecasts whether messages would go, and if not why; nothing is stored and no cap is held."""

    async def decide(self, tenant_id: UUID, question: Question, people: Sequence[Person]) -> list[Decision]:
        """Decides for messages about to leave, with the usage given."""

    async def explain(self, tenant_id: UUID, question: Question, people: Sequence[Person]) -> list[Decision]:
        """Forecasts with every check, the counts given held against the caps; nothing is stored."""

    async def kept(self, tenant_id: UUID, message_id: UUID) -> list[Kept]:
        """Returns what was decided about a message before it left, oldest first, with every check."""


class ConsentCompliance:
    """Asks the consent service."""

    def __init__(self, channels: Channels) -> None:
        self._stub = channels.stub(grpc_pb.ComplianceServiceStub, "consent")

    async def preview(self, tenant_id: UUID, question: Question, people: Sequence[Person]) -> list[Decision]:
        """Forecasts; nothing is stored and no cap is held."""
        request = _request(question, pb.EVALUATION_PURPOSE_PREVIEW)
        request.items.extend(
            [pb.EvaluationItem(contact_id=one.contact_id, address=one.address) for one in people]
        )
        response = await self._evaluated(tenant_id, request)
        # A forecast is asked for what it holds back; the rest of a block is alike.
        return [
            _FORESEEN if one.outcome == pb.OUTCOME_ALLOW else _decision(one) for one in response.decisions
        ]

    async def decide(self, tenant_id: UUID, question: Question, people: Sequence[Person]) -> list[Decision]:
        """Decides for messages about to leave, with the usage given."""
        request = _request(question, pb.EVALUATION_PURPOSE_SEND)
        async for part in in_turns(people):
            request.items.extend([_item(one) for one in part])
        return await self._ask(tenant_id, request)

    async def explain(self, tenant_id: UUID, question: Question, people: Sequence[Person]) -> list[Decision]:
        """Forecasts with every check, the counts given held against the caps; nothing is stored."""
        request = _request(question, pb.EVALUATION_PURPOSE_PREVIEW)
        request.context.explain = True
        request.items.extend([_item(one) for one in people])
        return await self._ask(tenant_id, request)

    async def kept(self, tenant_id: UUID, message_id: UUID) -> list[Kept]:
        """Returns what was decided about a message before it left, oldest first, with every check."""
        request = pb.ListDecisionsRequest(message_id=str(message_id), page_size=MOST_KEPT)
        with as_tenant(tenant_id):
            answer = await self._stub.ListDecisions(request)
        found = [
            Kept(one.create_time.ToDatetime(tzinfo=UTC), _explained(one.decision), one.branch_id)
            for one in answer.decisions
        ]
        return found[::-1]

    async def _ask(self, tenant_id: UUID, request: pb.EvaluateSendBatchRequest) -> list[Decision]:
        response = await self._evaluated(tenant_id, request)
        read = _explained if request.context.explain else _decision
        decisions: list[Decision] = []
        async for part in in_turns(response.decisions):
            decisions += [read(one) for one in part]
        return decisions

    async def _evaluated(
        self, tenant_id: UUID, request: pb.EvaluateSendBatchRequest
    ) -> pb.EvaluateSendBatchResponse:
        with as_tenant(tenant_id):
            response: pb.EvaluateSendBatchResponse = await self._stub.EvaluateSendBatch(request)
        if len(response.decisions) != len(request.items):
            raise ValueError("consent answered for another number of people")
        return response


@lru_cache(1024)
def _usage(sent_today: int, marketing_today: int, marketing_week: int, marketing_24_hours: int) -> pb.Usage:
    """Returns counts as the contract takes them; most people of a block have the same few."""
    return pb.Usage(
        sent_today=sent_today,
        marketing_today=marketing_today,
        marketing_week=marketing_week,
        marketing_24_hours=marketing_24_hours,
    )


def _request(question: Question, purpose: pb.EvaluationPurpose) -> pb.EvaluateSendBatchRequest:
    context = pb.EvaluationContext(
        channel=wire(question.channel),
        category=wire(question.category),
        branch_id=str(question.branch_id or ""),
        campaign_id=str(question.campaign_id or ""),
        purpose=purpose,
        is_digest=question.is_digest,
    )
    if question.expire_at is not None:
        context.expire_time.FromDatetime(question.expire_at)
    return pb.EvaluateSendBatchRequest(context=context)


def _item(one: Person) -> pb.EvaluationItem:
    return pb.EvaluationItem(
        contact_id=one.contact_id,
        address=one.address,
        message_id=one.message_id,
        usage=_usage(one.sent_today, one.marketing_today, one.marketing_week, one.marketing_24_hours),
    )


def _decision(one: pb.Decision) -> Decision:
    if one.outcome == pb.OUTCOME_ALLOW:
        return Decision(Outcome.ALLOW, "", None, one.unsubscribe_token, one.time_zone, one.decision_id)
    reason = _WORDS.get(one.reason, "unspecified")
    if one.outcome == pb.OUTCOME_DEFER:
        until = one.defer_time.ToDatetime(tzinfo=UTC) if one.HasField("defer_time") else None
        frequency = _FREQUENCIES.get(one.digest_frequency, "")
        return Decision(Outcome.DEFER, reason, until, decision_id=one.decision_id, frequency=frequency)
    # Unknown outcomes of a newer consent service are no allow.
    return Decision(Outcome.DENY, reason, decision_id=one.decision_id)


def _explained(one: pb.Decision) -> Decision:
    """Returns a decision with its checks."""
    checks = tuple(Check(int(check.check), int(check.outcome), check.detail) for check in one.checks)
    return _decision(one)._replace(checks=checks)
