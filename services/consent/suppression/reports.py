"""What providers report of recipients, turned into suppression and opt-outs, a block at a time (CON-66)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.consent.addresses import Hasher
from services.consent.consents import optout
from services.consent.consents.optout import OptOut
from services.consent.directory import store as directory_store
from services.consent.people import Subject
from services.consent.suppression import bounce_store, stopping
from services.consent.suppression.bounce_store import SoftBounce
from services.consent.suppression.domain import (
    SOFT_BOUNCE_PAUSE,
    SOFT_BOUNCE_WINDOW,
    SOFT_BOUNCES,
    Entry,
)

_TEXT_CHANNELS = frozenset({"sms", "whatsapp"})


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider said about one recipient."""

    message_id: UUID
    contact_id: UUID | None
    channel: str
    address_hash: bytes
    key_id: str
    hint: str
    campaign_id: UUID | None
    occurred_at: datetime

    def entry(self, reason: str, expires_at: datetime | None = None) -> Entry:
        """Returns the entry that stops every message to the address."""
        return Entry(
            channel=self.channel,
            identifier_hash=self.address_hash,
            key_id=self.key_id,
            scope="all",
            reason=reason,
            hint=self.hint,
            contact_id=self.contact_id,
            expires_at=expires_at,
            source_message_id=self.message_id,
        )


async def hard_bounces(uow: UnitOfWork, reports: Sequence[Report]) -> None:
    """Suppresses addresses that will never work, for ever."""
    await _suppress(uow, [report.entry("hard_bounce") for report in reports])


async def invalid_addresses(uow: UnitOfWork, reports: Sequence[Report]) -> None:
    """Suppresses what the provider says is no address; a push token's device is delivery's business."""
    await _suppress(uow, [report.entry("invalid_address") for report in reports if report.channel != "push"])


async def soft_bounces(uow: UnitOfWork, reports: Sequence[Report]) -> None:
    """Counts soft bounces; the third within seven days without a delivery between pauses the address."""
    if not reports:
        return
    bounces = [
        SoftBounce(one.address_hash, one.channel, one.message_id, one.contact_id, one.occurred_at)
        for one in reports
    ]
    await bounce_store.add(uow, bounces)
    now = uow.now()
    hashes = sorted({one.address_hash for one in reports})
    reached = await bounce_store.reached(uow, hashes, since=now - SOFT_BOUNCE_WINDOW, limit=SOFT_BOUNCES)
    if not reached:
        return
    await bounce_store.forget(uow, [digest for digest, _ in reached])
    await _suppress(
        uow,
        [
            one.entry("soft_bounce_limit", now + SOFT_BOUNCE_PAUSE)
            for one in reports
            if (one.address_hash, one.channel) in reached
        ],
    )


async def complaints(uow: UnitOfWork, hasher: Hasher, reports: Sequence[Report]) -> None:
    """Suppresses the address for ever and opts the person out of the channel."""
    await _suppress(uow, [report.entry("complaint") for report in reports])
    await _opt_out(uow, hasher, reports, "complaint", "complaint")


async def opt_outs(uow: UnitOfWork, hasher: Hasher, reports: Sequence[Report]) -> None:
    """Opts people out of the channel; a number the provider blocks gets nothing at all any more."""
    texts = [report for report in reports if report.channel in _TEXT_CHANNELS]
    await _suppress(uow, [report.entry("sms_stop") for report in texts])
    await _opt_out(uow, hasher, texts, "sms_keyword", "sms_keyword")
    others = [report for report in reports if report.channel not in _TEXT_CHANNELS]
    await _opt_out(uow, hasher, others, "unsubscribe_link", "page")


async def _suppress(uow: UnitOfWork, entries: Sequence[Entry]) -> None:
    await stopping.stop(uow, entries, None, change_source="provider")


async def _opt_out(
    uow: UnitOfWork, hasher: Hasher, reports: Sequence[Report], source: str, method: str
) -> None:
    by_channel: defaultdict[str, list[Report]] = defaultdict(list)
    for report in reports:
        by_channel[report.channel].append(report)
    for channel, some in by_channel.items():
        subjects = await _subjects(uow, channel, some)
        causes = {
            subject.key: (report.message_id, report.campaign_id)
            for subject, report in zip(subjects, some, strict=True)
        }
        wish = OptOut(
            channel=channel,
            source=source,
            actor=None,
            key_id=hasher.key_id,
            method=method,
            causes=causes,
        )
        people = {subject.key: subject for subject in subjects}
        await optout.opt_out(uow, list(people.values()), wish)


async def _subjects(uow: UnitOfWork, channel: str, reports: Sequence[Report]) -> list[Subject]:
    """Returns the people of reports; an address of a known contact stands for the contact."""
    bare = [report.address_hash for report in reports if report.contact_id is None]
    found: dict[bytes, UUID] = {}
    # The directory finds numbers by the hash they have as text messages.
    if bare and directory_store.directory_channel(channel) == channel:
        found = await directory_store.by_address(uow, channel, bare)
    return [
        Subject(
            report.contact_id or found.get(report.address_hash),
            {channel: report.address_hash},
            hint=report.hint,
        )
        for report in reports
    ]
