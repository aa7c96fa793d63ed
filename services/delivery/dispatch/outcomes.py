"""What hand-overs came to: states, tries, waits and dead letters of a block in a few statements, and its events."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.accounts.prices import Price
from services.delivery.dispatch import recording
from services.delivery.dispatch.domain import Result
from services.delivery.dispatch.loading import Item
from services.delivery.dispatch.recording import DeadLetter
from services.delivery.messages import announce
from services.delivery.messages.announce import Cost, Report, Sent, Stopped, Tried
from services.delivery.messages.domain import Channel, Lane, State, is_budgeted, sources_of
from services.delivery.providers.registry import kind_of
from services.delivery.receipts import polls, references
from services.delivery.receipts.references import Named

# A receipt may have come before this record: states of receipts stay, and so do first times.
_ACCEPTED = """
UPDATE message m SET state = CASE WHEN m.state = ANY (%(waiting)s) THEN 7 ELSE m.state END,
    sent_at = coalesce(m.sent_at, %(now)s), last_attempt_at = %(started_at)s, attempt_count = r.attempt,
    provider = %(provider)s, account_id = %(account_id)s, provider_message_id = r.provider_id,
    segments = r.segments, cost = CASE WHEN %(cost)s::numeric IS NULL THEN m.cost
        ELSE coalesce(m.cost, 0) + %(cost)s::numeric * CASE WHEN %(per_segment)s THEN r.segments ELSE 1 END END,
    currency = coalesce(%(currency)s, m.currency), wake_at = NULL,
    reason = CASE WHEN m.state = ANY (%(waiting)s) THEN NULL ELSE m.reason END
FROM unnest(%(ids)b::uuid[], %(attempts)b::int2[], %(provider_ids)b::text[], %(segments)b::int2[])
    AS r (id, attempt, provider_id, segments)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
  AND m.state = ANY (%(open)s)
"""

_REFUSED = """
UPDATE message m SET state = r.state, last_attempt_at = %(started_at)s, attempt_count = r.attempt,
    segments = r.segments, provider = %(provider)s, account_id = %(account_id)s, failure_code = r.code, reason = r.reason, wake_at = r.wake_at,
    failed_at = CASE WHEN r.state = 11 THEN coalesce(m.failed_at, %(now)s) ELSE m.failed_at END
FROM unnest(%(ids)b::uuid[], %(states)b::int2[], %(attempts)b::int2[], %(codes)b::text[], %(reasons)b::text[],
    %(wakes)b::timestamptz[], %(segments)b::int2[]) AS r (id, state, attempt, code, reason, wake_at, segments)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
  AND m.state = ANY (%(waiting)s)
RETURNING uuid_send(m.message_id)
"""

_ATTEMPTS = """
INSERT INTO attempt (
    tenant_id, message_id, number, provider, account_id, started_at, finished_at, outcome, code, detail,
    provider_message_id)
SELECT %(tenant_id)s, r.id, r.number, %(provider)s, %(account_id)s, %(started_at)s, %(now)s, r.outcome, r.code,
    r.detail, r.provider_id
FROM unnest(%(ids)b::uuid[], %(numbers)b::int2[], %(outcomes)b::int2[], %(codes)b::text[], %(details)b::text[],
    %(provider_ids)b::text[]) AS r (id, number, outcome, code, detail, provider_id)
ON CONFLICT (tenant_id, message_id, number) DO UPDATE
SET outcome = excluded.outcome, code = excluded.code, detail = excluded.detail, finished_at = excluded.finished_at,
    provider_message_id = excluded.provider_message_id
"""


@dataclass(frozen=True, slots=True)
class Handover:
    """One request to a provider that was written down."""

    handover_id: UUID
    account_id: UUID
    provider: str
    lane: Lane
    channel: Channel
    started_at: datetime
    items: list[Item]


class Outcome(NamedTuple):
    """What came of one message, and the state that makes of it."""

    item: Item
    result: Result
    state: State
    code: str = ""
    detail: str = ""
    provider_message_id: str = ""
    wake_at: datetime | None = None
    dead_letter: bool = False
    report: str = ""
    """`invalid` or `opted_out`, when the provider said so of the recipient."""
    is_try: bool = True
    """False when the account was at fault: the message keeps its tries."""
    segments: int = 1
    """How many segments the provider bills of a text."""

    @property
    def wants_fallback(self) -> bool:
        """Returns whether it failed for good and may be sent once more on another channel."""
        return self.state is State.FAILED and bool(self.item.content.fallback_channel)

    @property
    def attempts(self) -> int:
        """Returns how many tries the message has used."""
        return self.item.attempt if self.is_try else self.item.attempts


@dataclass(frozen=True, slots=True)
class Tariff:
    """What messages cost at an account, and the month that is billed."""

    price: Price
    period: str
    is_platform_cost: bool = False
    """Whether the platform bears it: its own account, by no rate of the tenant's."""


def record_accepted(
    uow: UnitOfWork,
    row: Mapping[str, object],
    handover: Handover,
    accepted: Sequence[Outcome],
    tariff: Tariff | None,
    now: datetime,
) -> None:
    """Records what a provider took, and how it names that where its receipts tell nothing else."""
    if not kind_of(handover.provider).echoes:
        assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
        named = [
            Named(uow.tenant_id, one.item.message_id, one.provider_message_id)
            for one in accepted
            if one.provider_message_id
        ]
        references.add(uow, handover.account_id, named)
    if kind_of(handover.provider).polls:
        sent = [
            polls.Sent(one.item.message_id, one.provider_message_id, one.item.attempt)
            for one in accepted
            if one.provider_message_id
        ]
        if sent:
            uow.defer(*polls.adding(uow.tenant_id, handover.account_id, handover.provider, sent, now))
    ids = [one.item.message_id for one in accepted]
    waiting = sources_of(State.SENT)
    uow.defer(
        _ACCEPTED,
        {
            **row,
            "ids": columns.uuids(ids),
            "attempts": columns.smallints([one.item.attempt for one in accepted]),
            "provider_ids": columns.texts([one.provider_message_id or None for one in accepted]),
            "segments": columns.smallints([one.segments for one in accepted]),
            "cost": tariff.price.amount if tariff else None,
            "per_segment": bool(tariff and tariff.price.per_segment),
            "currency": tariff.price.currency if tariff else None,
            "waiting": list(waiting),
            "open": [
                *waiting,
                *(int(state) for state in (State.DELIVERED, State.READ, State.BOUNCED, State.FAILED)),
            ],
        },
    )


async def record_refused(
    uow: UnitOfWork, row: Mapping[str, object], refused: list[Outcome], handover: Handover, now: datetime
) -> None:
    """Records what a provider refused or left unknown; `refused` keeps what was still open."""
    ids = [one.item.message_id for one in refused]
    changed = await uow.fetch_all(
        _REFUSED,
        {
            **row,
            "ids": columns.uuids(ids),
            "states": columns.smallints([one.state for one in refused]),
            "attempts": columns.smallints([one.attempts for one in refused]),
            "codes": columns.texts([one.code or None for one in refused]),
            "reasons": columns.texts([one.code or one.result.name.lower() for one in refused]),
            "wakes": columns.instants([one.wake_at for one in refused]),
            "segments": columns.smallints([one.segments for one in refused]),
            "waiting": [*sources_of(State.SKIPPED), int(State.UNKNOWN)],
        },
    )
    known = {id for (id,) in changed}
    refused[:] = [one for one in refused if one.item.message_id in known]
    add_attempts(
        uow,
        row,
        [
            (one.item.message_id, one.item.attempt, one.result, one.code, one.detail, one.provider_message_id)
            for one in refused
            if one.is_try
        ],
    )
    recording.wait(
        uow,
        [(one.item.message_id, one.state, one.wake_at) for one in refused if one.wake_at is not None],
        account_id=handover.account_id,
        started_at=handover.started_at,
    )
    recording.bury(
        uow,
        [
            DeadLetter(
                one.item.message_id,
                one.code or "failed",
                one.item.attempt,
                one.detail,
                one.item.content.campaign_id,
            )
            for one in refused
            if one.dead_letter
        ],
        now,
    )


def add_attempts(
    uow: UnitOfWork, row: Mapping[str, object], attempts: Sequence[tuple[bytes, int, Result, str, str, str]]
) -> None:
    """Writes tries that did not simply succeed; a success is read from the message itself."""
    if attempts:
        uow.defer(
            _ATTEMPTS,
            {
                **row,
                "ids": columns.uuids([one[0] for one in attempts]),
                "numbers": columns.smallints([one[1] for one in attempts]),
                "outcomes": columns.smallints([one[2] for one in attempts]),
                "codes": columns.texts([one[3] for one in attempts]),
                "details": columns.texts([one[4] for one in attempts]),
                "provider_ids": columns.texts([one[5] for one in attempts]),
            },
        )


async def announce_accepted(
    uow: UnitOfWork, handover: Handover, accepted: Sequence[Outcome], tariff: Tariff | None, now: datetime
) -> None:
    """Tells of what a provider took, and of what it costs."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    for campaign, outcomes in _by_campaign(accepted).items():
        uow.emit(
            announce.sent(
                uow.tenant_id,
                campaign,
                handover.provider,
                handover.account_id,
                now,
                [
                    Sent(one.item.message_id, one.item.attempt, one.segments, one.provider_message_id)
                    for one in outcomes
                ],
            )
        )
        # Telling takes milliseconds for a block; in between others are served.
        await asyncio.sleep(0)
        if tariff is not None:
            price = tariff.price
            amounts = {segments: price.of(segments) for segments in {one.segments for one in outcomes}}
            budgeted = {
                content: is_budgeted(*content)
                for content in {(one.item.content.category, one.item.content.origin) for one in outcomes}
            }
            costs = [
                Cost(
                    one.item.message_id,
                    one.item.attempt,
                    price.currency,
                    amounts[one.segments],
                    one.item.content.branch_id,
                    budgeted[one.item.content.category, one.item.content.origin],
                )
                for one in outcomes
            ]
            uow.emit(
                announce.costs(
                    uow.tenant_id,
                    campaign,
                    handover.provider,
                    tariff.period,
                    costs,
                    is_platform_cost=tariff.is_platform_cost,
                )
            )


def announce_refused(
    uow: UnitOfWork,
    handover: Handover,
    refused: Sequence[Outcome],
    reports: Mapping[bytes, Report],
    now: datetime,
) -> None:
    """Tells of what failed or is unknown, and of recipients the provider spoke of."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    for campaign, outcomes in _by_campaign(refused).items():
        for kind, state in (("failed", State.FAILED), ("unknown", State.UNKNOWN)):
            stopped = [
                Stopped(one.item.message_id, one.code, one.code) for one in outcomes if one.state is state
            ]
            if stopped:
                uow.emit(announce.stopped(kind, uow.tenant_id, campaign, now, stopped))
        waiting = [
            Tried(one.item.message_id, one.attempts, one.code, one.wake_at)
            for one in outcomes
            if one.state is State.RETRYING
        ]
        if waiting:
            uow.emit(announce.tried("retry_scheduled", uow.tenant_id, campaign, now, waiting))
        for kind in ("invalid", "opted_out"):
            told = [
                reports[one.item.message_id]
                for one in outcomes
                if one.report == kind and one.item.message_id in reports
            ]
            if told:
                uow.emit(announce.reported(kind, uow.tenant_id, campaign, handover.channel, now, told))


def _by_campaign(outcomes: Sequence[Outcome]) -> Mapping[str, list[Outcome]]:
    grouped: defaultdict[UUID | None, list[Outcome]] = defaultdict(list)
    of_content: dict[int, list[Outcome]] = {}
    for one in outcomes:
        content = one.item.content
        if (found := of_content.get(id(content))) is None:
            found = of_content[id(content)] = grouped[content.campaign_id]
        found.append(one)
    return {str(campaign_id or ""): members for campaign_id, members in grouped.items()}
