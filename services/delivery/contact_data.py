"""What delivery knows of a person, and how it forgets them."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.contact_data import keys as person_keys
from services.common.contact_data.collections import Rows, audit_trail
from services.common.contact_data.erasing import ContactData
from services.common.contact_data.person import Erased, Person
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope, SealedValueError
from services.delivery.devices.domain import Kind as TokenKind
from services.delivery.devices.domain import Platform
from services.delivery.digests import store as digests
from services.delivery.inbox import store as inbox
from services.delivery.inbox.records import InboxItems
from services.delivery.messages import attachments, views
from services.delivery.messages.convert import metadata_of, unpacked_content
from services.delivery.messages.domain import Category, Channel, Lane, Origin
from services.delivery.messages.sealing import aad_of_content
from services.delivery.messages.views import Filter, View
from services.delivery.receipts.domain import Kind
from services.delivery.sent import store as sent
from services.delivery.sent.frames import Shown, Tracks
from services.delivery.sent.store import Wanted
from services.delivery.wallet import store as wallet
from services.delivery.wallet.records import WalletPasses
from services.delivery.webhooks import keeping as webhooks

_PAGE: Final = 200

_OF_PERSON: Final = "m.tenant_id = %(tenant_id)s AND m.contact_id = %(contact_id)s"

_ENGAGEMENT: Final = {1: "open", 2: "click"}
_CLASSES: Final = {1: "human", 2: "proxy", 3: "privacy_prefetch", 4: "scanner"}


def _beside(name: str, table: str, columns: str, order: str, words: dict[str, dict[int, str]]) -> Rows:
    """Returns the rows of a table that hangs on messages."""
    return Rows(
        name,
        f"SELECT t.message_id, {columns} FROM message m"  # noqa: S608 - constants
        f" JOIN {table} t ON t.tenant_id = m.tenant_id AND t.message_id = m.message_id"
        f" WHERE {_OF_PERSON} ORDER BY t.message_id, {order}",
        words,
    )


_OUTCOMES: Final = {"outcome": {1: "accepted", 2: "retryable", 3: "failed", 4: "unknown"}}
_ATTEMPTS: Final = _beside(
    "attempts",
    "attempt",
    "t.number, t.provider, t.started_at, t.finished_at, t.outcome, t.code, t.detail, t.provider_message_id",
    "t.number",
    _OUTCOMES,
)
_RECEIPTS: Final = _beside(
    "receipts",
    "receipt",
    "t.receipt_id, t.kind, t.code, t.reason, t.link_url, t.is_machine, t.occurred_at, t.received_at",
    "t.receipt_id",
    {"kind": {int(kind): kind.name.lower() for kind in Kind}},
)
_HITS: Final = _beside(
    "opens_and_clicks",
    "engagement",
    "t.engagement_id, t.kind, t.class, t.user_agent, t.truncated_ip, t.occurred_at,"
    " (SELECT url FROM tracked_link l WHERE l.tenant_id = t.tenant_id AND l.link_id = t.link_id) AS url",
    "t.engagement_id",
    {"kind": _ENGAGEMENT, "class": _CLASSES},
)
_DEVICES: Final = Rows(
    "devices",
    "SELECT device_id, platform, kind, app_id, language_code, time_zone, created_at, last_seen_at, disabled_at,"
    " disabled_reason FROM push_device WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s ORDER BY device_id",
    {
        "platform": {int(platform): platform.name.lower() for platform in Platform},
        "kind": {int(kind): kind.name.lower() for kind in TokenKind},
    },
)
_DEVICE_ATTEMPTS: Final = _beside(
    "device_attempts",
    "push_attempt",
    "t.number, t.device_id, t.provider, t.finished_at, t.outcome, t.code, t.detail, t.provider_message_id",
    "t.number, t.device_id",
    _OUTCOMES,
)
_LOG: Final = _beside(
    "message_log", "message_log", "t.type, t.occurred_at, t.detail, t.actor", "t.entry_id", {}
)


_DIGESTS: Final = Rows(
    "digest_items",
    "SELECT message_id, channel, frequency, digest_at, state, digest_id, created_at, settled_at FROM digest_item"
    " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s ORDER BY message_id",
    {
        "channel": {int(channel): channel.name.lower() for channel in Channel},
        "state": {1: "waiting", 2: "sent", 3: "dropped"},
    },
)


class ContactRecords:
    """What delivery exports and erases of people; reading messages needs the keys that sealed them."""

    def __init__(self, envelope: Envelope, tracks: Tracks) -> None:
        self._envelope = envelope
        self._tracks = tracks

    def data(self) -> ContactData:
        """Returns the service's part in export and erasure."""
        return ContactData(
            collections=(
                _Messages(self._envelope, self._tracks),
                _ATTEMPTS,
                _RECEIPTS,
                _DIGESTS,
                _HITS,
                _LOG,
                audit_trail(),
                _DEVICES,
                _DEVICE_ATTEMPTS,
                InboxItems(self._envelope),
                WalletPasses(self._envelope),
            ),
            erase=erase,
            remaining=remaining,
            sweeps=(webhooks.SWEEP,),
        )


class _Messages:
    """Messages with what was written in them, as long as that is kept."""

    name = "messages"

    def __init__(self, envelope: Envelope, tracks: Tracks) -> None:
        self._envelope = envelope
        self._tracks = tracks

    async def read(self, uow: UnitOfWork, contact_id: UUID) -> AsyncIterator[list[str]]:
        """Yields messages, newest first."""
        after: UUID | None = None
        while True:
            page = await views.page(uow, self._envelope, Filter(contact_ids=[contact_id]), after, _PAGE)
            texts = await self._texts(uow, [view.row.content_id for view in page])
            said = await self._said(uow, page)
            yield [json.dumps(_record(view, texts, said), ensure_ascii=False) for view in page]
            if len(page) < _PAGE:
                return
            after = page[-1].row.message_id

    async def _said(self, uow: UnitOfWork, page: Sequence[View]) -> Mapping[tuple[UUID, int], Shown]:
        """Returns what those messages said that were handed over."""
        wanted = [
            Wanted(view.row.content_id, view.row.position, view.row.contact_id)
            for view in page
            if view.row.last_attempt_at is not None
        ]
        return await sent.find(uow, self._envelope, self._tracks, wanted)

    async def _texts(self, uow: UnitOfWork, content_ids: list[UUID]) -> dict[UUID, "_Texts"]:
        """Returns what was written beside the recipients, by content."""
        rows = await uow.fetch_all(
            "SELECT content_id, template_name, sealed, attachment_count FROM content"
            " WHERE tenant_id = %s AND content_id = ANY(%b::uuid[])",
            (uow.tenant_id, list(set(content_ids))),
        )
        with_files = {view_id for view_id, _, _, count in rows if count}
        files = await attachments.load(uow, self._envelope, [one.bytes for one in with_files])
        found: dict[UUID, _Texts] = {}
        for content_id, template, sealed, _ in rows:
            names = tuple(file.filename for file in files.get(content_id.bytes, ()))
            found[content_id] = _Texts(template, files=names)
            if sealed is not None:
                with suppress(SealedValueError):
                    plain = await self._envelope.open(uow, sealed, aad_of_content(content_id.bytes))
                    found[content_id] = _Texts(template, *unpacked_content(plain), metadata_of(plain), names)
        return found


class _Texts(NamedTuple):
    """What was written for the recipients of a content."""

    template: str = ""
    reply_to: str = ""
    subject: str = ""
    media_urls: tuple[str, ...] = ()
    metadata: Struct | None = None
    files: tuple[str, ...] = ()


def _record(
    view: View, texts: Mapping[UUID, _Texts], said: Mapping[tuple[UUID, int], Shown]
) -> dict[str, object]:
    row, person = view.row, view.recipient or pb.Recipient()
    shown = said.get((row.content_id, row.position))
    written = texts.get(row.content_id, _Texts())
    times = (
        "created_at", "due_at", "expire_at", "sent_at", "delivered_at", "read_at", "bounced_at", "failed_at",
        "stopped_at", "opened_at", "clicked_at",
    )  # fmt: skip
    return {
        "message_id": str(row.message_id),
        "channel": Channel(row.channel).name.lower(),
        "category": Category(row.category).name.lower(),
        "lane": Lane(row.lane).name.lower(),
        "origin": Origin(row.origin).name.lower(),
        "state": view.state.name.lower(),
        "reason": row.reason or "",
        "address": person.address,
        "name": person.name,
        "language": person.language_code,
        "time_zone": person.time_zone,
        "variables": MessageToDict(person.variables),
        "template": written.template,
        "template_version_id": str(row.template_version_id),
        "subject": written.subject,
        "content_sent": dict(shown.parts) if shown else {},
        "reply_to": written.reply_to,
        "media_urls": list(written.media_urls),
        "attachments": list(written.files),
        "metadata": MessageToDict(written.metadata) if written.metadata is not None else {},
        "campaign_id": str(row.campaign_id or ""),
        "provider": row.provider or "",
        "provider_message_id": row.provider_message_id or "",
        "cost": str(row.cost) if row.cost is not None else "",
        "currency": row.currency or "",
        **{name: at.isoformat() if (at := getattr(row, name)) else None for name in times},
    }


# Erasure: rows that count stay with the stand-in; what was written, said, seen or answered goes.

_MESSAGES_OF: Final = f"SELECT m.message_id, m.content_id FROM message m WHERE {_OF_PERSON}"  # noqa: S608 - constants

_CLEARED: Final = {
    "attempt": "detail = ''",
    "push_attempt": "detail = '', provider_message_id = ''",
    "receipt": "reason = '', link_url = ''",
    "message_log": "detail = ''",
    "dead_letter": "last_error = '', note = ''",
    "engagement_hit": "user_agent = '', truncated_ip = ''",
    "engagement": "user_agent = '', user_agent_family = '', truncated_ip = ''",
}
"""What of the rows beside a message is cleared."""

_BODIES: Final = """
UPDATE receipt_batch SET body = '', error = ''
WHERE tenant_id = %(tenant_id)s AND state <> 1 AND octet_length(body) > 0 AND (message_id = ANY (%(ids)b::uuid[]) OR batch_id IN (
    SELECT r.batch_id FROM receipt r WHERE r.tenant_id = %(tenant_id)s AND r.message_id = ANY (%(ids)b::uuid[])))
"""

# A content that is this person's alone may say in its texts and names what it is about.
_CONTENTS: Final = """
UPDATE content SET sealed = NULL, name = '', correlation_key = '', correlation_id = '', event_id = ''
WHERE tenant_id = %(tenant_id)s AND content_id = ANY (%(contents)b::uuid[]) AND message_count = 1
  AND (sealed IS NOT NULL OR name <> '' OR correlation_key <> '' OR correlation_id <> '' OR event_id <> '')
"""

_FILES: Final = """
DELETE FROM attachment a USING content c
WHERE a.tenant_id = %(tenant_id)s AND a.content_id = ANY (%(contents)b::uuid[])
  AND c.tenant_id = a.tenant_id AND c.content_id = a.content_id AND c.message_count = 1
"""

_SECRETS: Final = (
    "DELETE FROM message_secret WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[])"
)

_REPLACE: Final = f"UPDATE message m SET contact_id = %(tombstone_id)s WHERE {_OF_PERSON}"  # noqa: S608 - constants

_REMAINING: Final = """
SELECT (SELECT count(*) FROM message WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)
    + (SELECT count(*) FROM digest_item WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)
    + (SELECT count(*) FROM send_slot WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)
    + (SELECT count(*) FROM push_device WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)
    + (SELECT count(*) FROM inbox_item WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)
    + (SELECT count(*) FROM contact_inbox WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)
    + (SELECT count(*) FROM wallet_pass WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)
    + (SELECT count(*) FROM person_key WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)
"""


async def erase(uow: UnitOfWork, person: Person) -> list[Erased]:
    """Destroys the person's key, clears what is about them, and leaves their messages without them.

    Messages that are erased already are found by the stand-in, so that a repeat clears what came since.
    """
    values: dict[str, object] = {
        "tenant_id": uow.tenant_id,
        "contact_id": person.contact_id,
        "tombstone_id": person.tombstone_id,
    }
    rows = await uow.fetch_all(_MESSAGES_OF, values)
    rows += await uow.fetch_all(_MESSAGES_OF, {**values, "contact_id": person.tombstone_id})
    values |= {"ids": [row[0] for row in rows], "contents": [row[1] for row in rows]}
    done = [Erased("person_key", shredded=await person_keys.destroy(uow, person.contact_id))]
    for table, cleared in _CLEARED.items():
        names = [part.split(" = ")[0] for part in cleared.split(", ")]
        count = await uow.execute(
            f"UPDATE {table} SET {cleared} WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[])"  # noqa: S608
            f" AND ({' OR '.join(f'{name} <> %(nothing)s' for name in names)})",
            {**values, "nothing": ""},
        )
        done.append(Erased(table, anonymized=count))
    slots = await uow.execute(
        "DELETE FROM send_slot WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s", values
    )
    devices = await uow.execute(
        "DELETE FROM push_device WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s", values
    )
    return [
        *done,
        Erased("send_slot", deleted=slots),
        Erased("digest_item", deleted=await digests.erase(uow, person.contact_id)),
        Erased("push_device", deleted=devices),
        Erased("inbox_item", deleted=await inbox.erase(uow, person.contact_id)),
        Erased("wallet_pass", deleted=await wallet.erase(uow, person.contact_id)),
        Erased("receipt_batch", anonymized=await uow.execute(_BODIES, values)),
        Erased("attachment", deleted=await uow.execute(_FILES, values)),
        Erased("message_secret", deleted=await uow.execute(_SECRETS, values)),
        Erased("content", anonymized=await uow.execute(_CONTENTS, values)),
        Erased("message", anonymized=await uow.execute(_REPLACE, values)),
    ]


async def remaining(uow: UnitOfWork, contact_id: UUID) -> int:
    """Returns how many rows still name a person, keys included."""
    found: int = await uow.fetch_value(_REMAINING, {"tenant_id": uow.tenant_id, "contact_id": contact_id})
    return found
