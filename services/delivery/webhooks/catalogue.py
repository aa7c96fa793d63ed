"""Which events partners may subscribe to, and what each of them is told (EVT-120)."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from google.protobuf.message import Message

from angarium.campaign.v1 import campaign_events_pb2 as campaign
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2 as consent
from angarium.delivery.v1 import delivery_events_pb2 as delivery
from angarium.delivery.v1 import receipt_service_pb2 as receipts
from services.delivery.columns import in_slices
from services.delivery.webhooks.rendering import Json, Reader, fields_of, shown

MOST_ITEMS: Final = 50
"""How many things one call tells of: a body of about 20 KB."""


Payload = type[Message]


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of events as partners know it.

    Attributes:
        type: Its name.
        payload: The message an event of the house carries.
        description: What it tells.
        items: The field of a payload that tells of many things at once; empty for one thing.
        source: Name of the event of the house, where it is another.
        only: Which items belong to this type, by the value of a field; None means all.
    """

    type: str
    payload: Payload
    description: str
    items: str = ""
    source: str = ""
    only: tuple[str, int] | None = None

    @property
    def fields(self) -> Mapping[str, Reader]:
        """Returns what is in `data` beside the items."""
        return fields_of(self.payload.DESCRIPTOR, without=self.items)

    @property
    def item_fields(self) -> Mapping[str, Reader]:
        """Returns what is in each item."""
        if not self.items:
            return {}
        kind = self.payload.DESCRIPTOR.fields_by_name[self.items].message_type
        return fields_of(kind)

    def data(self, payload: Message) -> Iterator[Json]:
        """Yields what is told of a payload: its things in parts, or the one thing it is about."""
        shared = shown(payload, self.fields)
        if not self.items:
            yield shared
            return
        things: Sequence[Any] = getattr(payload, self.items)
        if self.only is not None:
            name, value = self.only
            things = [one for one in things if getattr(one, name) == value]
        readers = self.item_fields
        for part in in_slices(things, MOST_ITEMS):
            yield {**shared, "items": [shown(one, readers) for one in part]}


def _changes(what: str, payload: Payload, words: Mapping[str, str], items: str = "") -> Iterator[Kind]:
    return (Kind(f"{what}.{word}", payload, text, items) for word, text in words.items())


_ALL: Final = (
    *_changes(
        "campaign",
        campaign.CampaignChanged,
        {
            "created": "A campaign was created.",
            "submitted": "A campaign was submitted for approval.",
            "approved": "A campaign was approved.",
            "rejected": "A campaign was sent back.",
            "scheduled": "A campaign was given a time.",
            "paused": "A campaign was paused.",
            "resumed": "A campaign goes on.",
            "cancelled": "A campaign was cancelled.",
        },
    ),
    Kind("campaign.sent", campaign.CampaignLaunched, "A run of a campaign was launched."),
    Kind(
        "campaign.recipients_skipped",
        campaign.CampaignRecipientsSkipped,
        "Recipients of a campaign are not written to, each for its reason.",
        "recipients",
    ),
    Kind("campaign.completed", campaign.CampaignCompleted, "A run of a campaign is through."),
    Kind("campaign.run_skipped", campaign.CampaignRunSkipped, "An occurrence of a campaign was not sent."),
    Kind(
        "campaign.ab_test_decided",
        campaign.CampaignAbTestDecided,
        "The A/B test of a campaign is decided; the rest of its audience gets the winner.",
    ),
    Kind("message.accepted", delivery.MessagesAccepted, "Messages were accepted.", "messages"),
    Kind(
        "message.scheduled",
        delivery.MessagesScheduled,
        "Messages wait for the time they were given.",
        "messages",
    ),
    Kind("message.sent", delivery.MessagesSent, "Messages were taken by a provider.", "messages"),
    *_changes(
        "message",
        delivery.MessagesReached,
        {"delivered": "Messages arrived.", "read": "Messages were read."},
        "messages",
    ),
    *_changes(
        "message",
        delivery.MessagesStopped,
        {
            "failed": "Messages failed for good.",
            "skipped": "Messages are not sent, each for its reason.",
            "expired": "Messages expired before they could be sent.",
            "cancelled": "Messages were cancelled.",
            "deferred": "Messages wait until a time.",
            "unknown": "Nobody knows yet whether messages left; it is being found out.",
        },
        "messages",
    ),
    *_changes(
        "message",
        delivery.AttemptsFailed,
        {
            "retry_scheduled": "Messages were not taken and are tried again.",
            "dead_lettered": "Messages were given up and wait for somebody to decide.",
        },
        "messages",
    ),
    Kind(
        "message.retried", delivery.MessagesRetried, "Messages that were given up wait once more.", "messages"
    ),
    *_changes(
        "message",
        delivery.RecipientsReported,
        {"bounced": "Messages came back.", "complained": "Recipients complained of messages."},
        "reports",
    ),
    Kind(
        "message.opened",
        delivery.MessagesEngaged,
        "Messages were opened; each opening with who is behind it.",
        "hits",
        "message.engaged",
        ("kind", receipts.ENGAGEMENT_KIND_OPEN),
    ),
    Kind(
        "message.clicked",
        delivery.MessagesEngaged,
        "Links of messages were followed; each click with who is behind it.",
        "hits",
        "message.engaged",
        ("kind", receipts.ENGAGEMENT_KIND_CLICK),
    ),
    Kind("message.cost_recorded", delivery.CostsRecorded, "What hand-overs of messages cost.", "costs"),
    Kind("consent.updated", consent.ConsentsUpdated, "Consents or flags changed.", "consents"),
    Kind("consent.opted_out", consent.ContactOptedOut, "A person opted out."),
    Kind(
        "consent.confirmation_requested",
        consent.ConsentConfirmationRequested,
        "A consent waits for its confirmation.",
    ),
    Kind("contact.erased", consent.ContactErased, "A person was erased in every service."),
    *_changes(
        "automation",
        campaign.AutomationRunsChanged,
        {
            "run_started": "Runs of an automation began.",
            "run_completed": "Runs of an automation are through.",
            "run_failed": "Runs of an automation failed, each for its reason.",
        },
        "runs",
    ),
    *_changes(
        "coupon",
        campaign.CouponChanged,
        {"created": "A coupon was made.", "exhausted": "All uses of a coupon are gone or set aside."},
    ),
    Kind("trigger.fired", campaign.TriggersSettled, "Triggers came to a message.", "entries"),
    Kind(
        "trigger.skipped", campaign.TriggersSettled, "Triggers came to none; each with its reason.", "entries"
    ),
    *_changes(
        "coupon",
        campaign.CouponUsed,
        {"redeemed": "A coupon was redeemed.", "reversed": "A use of a coupon was given back."},
    ),
    Kind("feedback.received", campaign.FeedbackReceived, "A contact rated a visit."),
    *_changes(
        "referral",
        campaign.ReferralChanged,
        {
            "created": "Somebody was referred.",
            "converted": "A referral began to count.",
            "rewarded": "A referrer has the reward of a referral.",
            "expired": "A referral did not count in time.",
            "fraud_marked": "A referral was found to be fraud, or its first invoice was given back.",
        },
    ),
)

KINDS: Final[Mapping[str, Kind]] = {kind.type: kind for kind in sorted(_ALL, key=lambda kind: kind.type)}
"""Type to what is told of it."""


def _by_source() -> Mapping[str, tuple[Kind, ...]]:
    found: dict[str, tuple[Kind, ...]] = {}
    for kind in KINDS.values():
        source = kind.source or kind.type
        found[source] = (*found.get(source, ()), kind)
    return found


BY_SOURCE: Final = _by_source()
"""Name of an event of the house to the types partners know it by."""


class Told(NamedTuple):
    """One thing to tell: the exact bytes that are signed and sent."""

    event_id: UUID
    type: str
    occurred_at: datetime
    body: bytes


def tell(envelope: EventEnvelope, payload: Message, wanted: Collection[str]) -> list[Told]:
    """Returns what partners are told of an event, as far as somebody wants it; ids are the same in every repeat."""
    event_id = UUID(envelope.event_id)
    occurred_at = envelope.occur_time.ToDatetime(tzinfo=UTC)
    found: list[Told] = []
    for kind in BY_SOURCE[envelope.type]:
        if kind.type not in wanted:
            continue
        for number, data in enumerate(kind.data(payload)):
            is_itself = number == 0 and not kind.source
            id = event_id if is_itself else part_id(event_id, kind.type, number)
            found.append(
                Told(id, kind.type, occurred_at, body(id, kind.type, occurred_at, envelope.tenant_id, data))
            )
    return found


def body(event_id: UUID, event_type: str, occurred_at: datetime, tenant_id: str, data: Json) -> bytes:
    """Returns the public envelope."""
    return orjson.dumps(
        {
            "id": str(event_id),
            "type": event_type,
            "occurred_at": occurred_at,
            "tenant": tenant_id,
            "data": data,
        },
        option=orjson.OPT_UTC_Z,
    )


def part_id(event_id: UUID, event_type: str, number: int) -> UUID:
    """Returns the id of one part of an event: of the same instant, and always the same."""
    digest = hashlib.blake2b(f"{event_type}/{number}".encode(), key=event_id.bytes, digest_size=10).digest()
    made = bytearray(event_id.bytes[:6] + digest)
    made[6] = made[6] & 0x0F | 0x70
    made[8] = made[8] & 0x3F | 0x80
    return UUID(bytes=bytes(made))
