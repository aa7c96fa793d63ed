"""Requests of MessageService as blocks of the domain, and messages as the contract shows them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn
from uuid import UUID
from zoneinfo import available_timezones

from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.addresses import canonical_email
from services.common.errors import ServiceError, invalid, not_found
from services.common.ids import uuid7, uuid7_bytes
from services.common.rpc.status import to_status
from services.delivery.columns import id_bytes
from services.delivery.messages import extras
from services.delivery.messages.domain import (
    LONGEST_SCHEDULE,
    Category,
    Channel,
    Content,
    Lane,
    Origin,
    Recipients,
    Refused,
    default_expiry,
)

MAX_VARIABLES: Final = 64 * 1024
OLDEST_ID: Final = timedelta(days=31)
NEWEST_ID: Final = timedelta(days=1)

# What most addresses look like; the others are read by the full parser, which costs a hundred times as much.
_PLAIN_EMAIL: Final = re.compile(
    r"[A-Za-z0-9]+(?:[._%+-][A-Za-z0-9]+){0,20}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}"
)
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_ZONES: Final = available_timezones()


def content(request: pb.MessageContent, version_id: UUID, now: datetime, *, name: str = "") -> Content:
    """Returns what a block shares, with the defaults of lane, origin, due time and expiry filled in."""
    lane = Lane(request.priority or enums_pb2.PRIORITY_NORMAL)
    is_scheduled = request.HasField("schedule_time")
    due_at = _instant(request.schedule_time, "schedule_time") if is_scheduled else now
    if request.HasField("expire_time"):
        expire_at = _instant(request.expire_time, "expire_time")
    else:
        # What is planned beyond every time is refused, and there is no instant behind it.
        expire_at = default_expiry(lane, min(due_at, now + 2 * LONGEST_SCHEDULE))
    return Content(
        content_id=uuid7().bytes,
        channel=Channel(request.channel),
        category=Category(request.category),
        lane=lane,
        origin=Origin(request.origin or Origin.TRANSACTIONAL),
        template_version_id=version_id,
        due_at=due_at,
        expire_at=expire_at,
        is_scheduled=is_scheduled,
        branch_id=_uuid(request.branch_id),
        campaign_id=_uuid(request.campaign_id),
        run_id=_uuid(request.run_id),
        variant_key=request.variant_key,
        reply_to=request.reply_to,
        subject_override=request.subject_override,
        correlation_key=request.correlation_key,
        correlation_id=request.correlation_id,
        is_staff=request.is_staff,
        name=name,
        has_own_expiry=request.HasField("expire_time"),
        source=request.source,
        event_id=request.cause.event_id,
        rule=request.cause.rule,
        trigger_type=request.trigger_type,
        automation_run_id=_uuid(request.automation_run_id),
        duplicate_window=_window(request),
        media_urls=tuple(request.media_urls),
        metadata=request.metadata.SerializeToString(deterministic=True)
        if request.HasField("metadata")
        else b"",
        attachment_count=len(request.attachments),
    )


class BadRecipient(NamedTuple):
    """What is wrong with one recipient of a request."""

    place: int
    field: str
    text: str
    reason: str

    def error(self, path: str) -> ServiceError:
        """Returns the error of this recipient; `path` is where it stands in the request."""
        if self.reason == "NOT_FOUND":
            return not_found(self.field.removesuffix("_id"), path)
        return invalid(f"{path}.{self.field}", self.text, self.reason)

    def status(self) -> pb.RecipientError:
        """Returns the error as one item of a batch's answer."""
        error = self.error(f"recipients[{self.place}]")
        return pb.RecipientError(index=self.place, status=to_status(error, "delivery"))


class Read(NamedTuple):
    """What was read of the recipients of one block."""

    recipients: Recipients
    good: list[pb.Recipient]
    bad: list[BadRecipient]
    repeated: int


class Reader:
    """Reads the recipients of one block: good ones into columns, bad ones into errors of their own."""

    def __init__(
        self,
        channel: Channel,
        now: datetime,
        *,
        required: frozenset[str],
        caller_ids: bool,
        is_staff: bool,
        fallback: Channel | None = None,
    ) -> None:
        self._address = _ADDRESS_RULES.get(channel, _any_address)
        self._fallback = _ADDRESS_RULES.get(fallback, _any_address) if fallback else None
        self._required = required
        self._caller_ids = caller_ids
        self._is_staff = is_staff
        self._oldest = int((now - OLDEST_ID).timestamp() * 1000)
        self._newest = int((now + NEWEST_ID).timestamp() * 1000)

    def read(
        self, recipients: Sequence[pb.Recipient], unknown: Mapping[int, BadRecipient] = MappingProxyType({})
    ) -> "Read":
        """Returns the good recipients, what is wrong with the others, and how many ids came twice.

        `unknown` are those of whom it is known already that something is wrong, by their index.
        """
        found = Recipients([], [], [], [])
        errors: list[BadRecipient] = []
        good: list[pb.Recipient] = []
        given: set[bytes] = set()
        repeated = 0
        fresh = iter(uuid7_bytes(sum(not recipient.message_id for recipient in recipients)))
        for index, recipient in enumerate(recipients):
            if index in unknown:
                errors.append(unknown[index])
                continue
            message_id, contact_id = recipient.message_id, recipient.contact_id
            try:
                id = self._id(message_id) if message_id else None
                contact = self._contact(contact_id) if contact_id else None
                self._check(recipient, is_contact=bool(contact_id))
            except _Bad as bad:
                errors.append(BadRecipient(index, bad.field, bad.text, bad.reason))
                continue
            if id is not None:
                if id in given:
                    repeated += 1
                    continue
                given.add(id)
            found.ids.append(id or next(fresh))
            found.contacts.append(contact)
            found.languages.append(recipient.language_code)
            found.positions.append(index)
            good.append(recipient)
        found.caller_ids = bool(given)
        found.packed = [packed(one) for one in good]
        if extras.may_hold_no_number(b"".join(found.packed)):
            good = _with_numbers(found, good, errors)
        return Read(found, good, errors, repeated)

    def _id(self, text: str) -> bytes:
        if not self._caller_ids:
            raise _Bad("message_id", "is chosen by services only")
        try:
            id = id_bytes(text)
        except ValueError:
            raise _Bad("message_id", "must be a UUID") from None
        milliseconds = int.from_bytes(id[:6], "big")
        if id[6] >> 4 != 7 or not self._oldest <= milliseconds <= self._newest:
            raise _Bad("message_id", "must be a UUIDv7 of this month")
        return id

    def _contact(self, text: str) -> bytes:
        if self._is_staff:
            raise _Bad("contact_id", "staff are not contacts")
        try:
            return id_bytes(text)
        except ValueError:
            raise _Bad("contact_id", "must be a UUID") from None

    def _check(self, recipient: pb.Recipient, *, is_contact: bool) -> None:  # noqa: C901 - one look at each field, one after the other
        # Each look at a field of a message costs a call, and a block has a thousand of them: nothing is looked at twice.
        address = recipient.address
        if address:
            known = self._address(address)
            if known is not address:
                recipient.address = known
        elif not is_contact and not recipient.staff_id:
            raise _Bad("address", "a recipient has a contact or an address", "INVALID_RECIPIENT")
        if recipient.fallback_address:
            recipient.fallback_address = self._fallback_address(recipient.fallback_address)
        name = recipient.name
        if name and (len(name) > 200 or not (name.isprintable() or not _CONTROL.search(name))):
            raise _Bad("name", "must be one line of at most 200 characters")
        language, zone = recipient.language_code, recipient.time_zone
        if language and not _LANGUAGE.fullmatch(language):
            raise _Bad("language_code", "must be a language tag")
        if zone and zone not in _ZONES:
            raise _Bad("time_zone", "must be an IANA time zone")
        if not recipient.HasField("variables"):
            if self._required:
                self._lacking(self._required)
            return
        variables = recipient.variables
        if extras.is_larger(variables, MAX_VARIABLES):
            raise _Bad("variables", "must be at most 64 KB")
        if self._required:
            fields = variables.fields
            lacking = [one for one in self._required if one not in fields]
            if lacking:
                self._lacking(lacking)

    def _lacking(self, names: Iterable[str]) -> NoReturn:
        raise _Bad("variables", f"lack {', '.join(sorted(names))}", "MISSING_VARIABLES")

    def _fallback_address(self, address: str) -> str:
        if self._fallback is None:
            # Nothing is sent there, so nothing is kept.
            return ""
        try:
            return self._fallback(address)
        except _Bad as bad:
            raise _Bad("fallback_address", bad.text, bad.reason) from None


def _with_numbers(
    found: Recipients, good: Sequence[pb.Recipient], errors: list[BadRecipient]
) -> list[pb.Recipient]:
    """Takes those out whose variables hold what is no number, and returns the others."""
    kept = []
    for place, recipient in enumerate(good):
        if extras.holds_no_number(recipient.variables):
            bad = BadRecipient(found.positions[place], "variables", extras.NO_NUMBER, "VALIDATION_FAILED")
            errors.append(bad)
        else:
            kept.append(place)
    errors.sort(key=lambda one: one.place)
    columns: tuple[list[Any], ...] = (
        found.ids, found.contacts, found.languages, found.positions, found.packed,
    )  # fmt: skip
    for column in columns:
        column[:] = [column[place] for place in kept]
    return [good[place] for place in kept]


class _Bad(Exception):
    def __init__(self, field: str, text: str, reason: str = "VALIDATION_FAILED") -> None:
        super().__init__(text)
        self.field = field
        self.text = text
        self.reason = reason


def _email(address: str) -> str:
    if len(address) <= 254 and _PLAIN_EMAIL.fullmatch(address):
        return address
    try:
        canonical_email(address)
    except ValueError:
        raise _Bad("address", "is not an e-mail address", "INVALID_RECIPIENT") from None
    return address.strip()


def _phone(address: str) -> str:
    if _PHONE.fullmatch(address):
        return address
    raise _Bad("address", "is not a phone number in E.164", "INVALID_RECIPIENT")


def _no_address(_: str) -> str:
    raise _Bad("address", "push messages go to the devices of a contact", "INVALID_RECIPIENT")


def _any_address(address: str) -> str:
    if len(address) > 320 or _CONTROL.search(address):
        raise _Bad("address", "is not an address", "INVALID_RECIPIENT")
    return address


def _subscription(address: str) -> str:
    try:
        return str(UUID(address))
    except ValueError:
        raise _Bad("address", "is not the id of a webhook subscription", "INVALID_RECIPIENT") from None


_ADDRESS_RULES: Final = {
    Channel.EMAIL: _email,
    Channel.SMS: _phone,
    Channel.WHATSAPP: _phone,
    Channel.PUSH: _no_address,
    Channel.WEBHOOK: _subscription,
}


def packed(recipient: pb.Recipient) -> bytes:
    """Packs a recipient for encryption; the ids stand in the row of the message already."""
    message_id, contact_id = recipient.message_id, recipient.contact_id
    if not message_id and not contact_id:
        return recipient.SerializeToString()
    recipient.message_id = recipient.contact_id = ""
    found = recipient.SerializeToString()
    recipient.message_id, recipient.contact_id = message_id, contact_id
    return found


def packed_content(content: Content) -> bytes:
    """Packs what of a content is encrypted: texts and notes that somebody wrote, and addresses."""
    found = pb.MessageContent(
        reply_to=content.reply_to,
        subject_override=content.subject_override,
        media_urls=content.media_urls,
    )
    if content.metadata:
        found.metadata.ParseFromString(content.metadata)
    return found.SerializeToString()


def has_texts(content: Content) -> bool:
    """Returns whether a content has something of its own to be encrypted."""
    return bool(content.reply_to or content.subject_override or content.media_urls or content.metadata)


def unpacked_content(packed: bytes) -> tuple[str, str, tuple[str, ...]]:
    """Returns reply address, subject and addresses of media of a packed content."""
    found = pb.MessageContent.FromString(packed)
    return found.reply_to, found.subject_override, tuple(found.media_urls)


def metadata_of(packed: bytes) -> Struct | None:
    """Returns the caller's notes of a packed content; None when there are none."""
    found = pb.MessageContent.FromString(packed)
    return found.metadata if found.HasField("metadata") else None


def _instant(value: Timestamp, field: str) -> datetime:
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Refused((f"content.{field}", "is no time that can be told")) from None


def _window(request: pb.MessageContent) -> timedelta | None:
    if not request.HasField("duplicate_window"):
        return None
    try:
        return request.duplicate_window.ToTimedelta()
    except (ValueError, OverflowError):
        raise Refused(("content.duplicate_window", "is no time that can be told")) from None


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None
