"""One interface for every provider (DEL-109): what is handed over, what came of it, what the provider tells later."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any, Final, Literal, Protocol, runtime_checkable
from uuid import UUID

from services.common.net.guard import Guard
from services.common.templating import CompiledContent

# Names of our own references at providers; they never hold personal data.
MESSAGE_ARGUMENT: Final = "angarium_message_id"
CAMPAIGN_ARGUMENT: Final = "angarium_campaign_id"
# An account of the platform carries messages of many tenants; its receipts say whose each is.
TENANT_ARGUMENT: Final = "angarium_tenant_id"


class Result(StrEnum):
    """What is known after a hand-over."""

    ACCEPTED = "accepted"
    RETRYABLE = "retryable"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


class Code(StrEnum):
    """Stable codes of failures that every adapter uses; others are the provider's own, prefixed by its kind."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    TLS = "tls"
    CREDENTIALS = "credentials"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    INVALID_RECIPIENT = "invalid_recipient"
    OPTED_OUT = "opted_out"
    MAILBOX_FULL = "mailbox_full"
    MAILBOX_UNAVAILABLE = "mailbox_unavailable"
    SENDER_REFUSED = "sender_refused"
    CONTENT_REFUSED = "content_refused"
    POLICY = "policy"
    TOO_LARGE = "too_large"
    REQUEST_REFUSED = "request_refused"
    UNREADABLE_ANSWER = "unreadable_answer"


class ReceiptKind(StrEnum):
    """The normalised words of receipts (DEL-86)."""

    SENT = "sent"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    FAILED = "failed"
    READ = "read"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    IGNORED = "ignored"


class Presence(StrEnum):
    """Whether a provider knows a message by our reference."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    UNKNOWABLE = "unknowable"


class MalformedReceiptError(Exception):
    """A body that is not what its provider sends; nothing of it can be stored as receipts."""

    reason = "VALIDATION_FAILED"


class ConfigurationError(Exception):
    """An account lacks a setting or credential its provider needs."""

    reason = "PROVIDER_NOT_CONFIGURED"


@dataclass(frozen=True, slots=True)
class Account:
    """A provider account as adapters see it; `production` refuses what only development may do.

    `webhook_url` is where the provider tells of this account, for providers that want it with every message. `guard`
    judges addresses that others than the account's owner gave.
    """

    account_id: UUID
    provider: str
    config: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: timedelta = timedelta(seconds=10)
    max_concurrency: int = 10
    production: bool = True
    channel: str = ""
    webhook_url: str = ""
    guard: Guard = field(default_factory=Guard)
    domain_connections: Mapping[str, int] = field(default_factory=dict)
    """Connections at once to one domain of recipients; `*` stands for those that are not named."""

    def text(self, name: str, default: str = "") -> str:
        """A setting as text."""
        return str(self.config.get(name) or default)

    def number(self, name: str, default: int) -> int:
        """A setting as a whole number; JSON numbers arrive as floats."""
        return int(self.config.get(name) or default)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A setting as a truth value."""
        value = self.config.get(name)
        return default if value is None else value is True or value == "true"

    def credential(self, name: str) -> str:
        """A credential, or ConfigurationError."""
        value = self.credentials.get(name)
        if not value:
            raise ConfigurationError(f"the account has no {name}")
        return value


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose name and address a message bears."""

    address: str
    name: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; inline ones are shown by their content id."""

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""


class TokenKind(IntEnum):
    """Which push service gave the token of a device."""

    FCM_TOKEN = 1
    FCM_INSTALLATION = 2
    APNS = 3
    WEB_PUSH = 4


JUST_NOW: Final = datetime.max.replace(tzinfo=UTC)
"""When a device was seen that nobody kept."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a contact that push messages go to.

    `p256dh` and `auth` are those of a Web Push subscription; `seen_at` is when the device was registered last.
    """

    device_id: UUID
    kind: TokenKind
    app_id: str
    token: str = field(repr=False)
    p256dh: bytes = field(default=b"", repr=False)
    auth: bytes = field(default=b"", repr=False)
    seen_at: datetime = JUST_NOW


@dataclass(slots=True)
class Outgoing:
    """One message of a block; `slots` are the rendered dynamic values of the block's content.

    A push message has a `device` in place of an address, and stands in its block once per device. `expire_at` is when it
    is not worth showing any more.
    """

    message_id: UUID
    address: str
    slots: Sequence[str]
    name: str = ""
    unsubscribe_url: str = ""
    unsubscribe_mailto: str = ""
    campaign_id: str = ""
    custom_args: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    device: Device | None = None
    group_key: str = ""
    action_url: str = ""
    expire_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Approved:
    """A template at a business account that reviews them: its name and id there, and whether it may be sent."""

    name: str
    template_id: str
    may_be_sent: bool


@dataclass(slots=True)
class Block:
    """Messages that share content, sender and account; the adapter never changes it.

    `unsubscribe_url` of a message makes its List-Unsubscribe headers; marketing blocks give one to each message.
    `media_urls` make a text a multimedia message. `approvals` say by business account where a template that was handed in
    for review stands; empty means it never was.
    """

    content: CompiledContent
    sender: Sender
    outgoing: Sequence[Outgoing]
    category: str = ""
    template_name: str = ""
    tenant_id: str = ""
    attachments: Sequence[Attachment] = ()
    media_urls: Sequence[str] = ()
    return_path: Callable[[Outgoing], str] | None = None
    is_marketing: bool = False
    approvals: Mapping[str, Approved] = field(default_factory=dict)
    urgency: Literal["low", "normal", "high"] = "normal"


@dataclass(slots=True)
class Outcome:
    """What came of one message.

    `recipient_fault`: the address itself is bad; together with `permanent` it may be suppressed. `provider_fault`: counts
    against the account's circuit; with code `credentials` it marks the account at once. `retry_after` is the provider's.
    Of a push message it is what came of one device: `gone` says why nothing reaches it any more, `gone_at` since when.
    """

    message_id: UUID
    result: Result
    code: str = ""
    reason: str = ""
    provider_message_id: str = ""
    retry_after: timedelta | None = None
    recipient_fault: bool = False
    provider_fault: bool = False
    latency: float = 0.0
    device_id: UUID | None = None
    gone: str = ""
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that a provider took, by the provider's name for it."""

    message_id: UUID
    provider_message_id: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a provider says about a message asked for by our reference."""

    presence: Presence
    provider_message_id: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What a live check of credentials found; `is_answer` is false where the provider said nothing about them."""

    ok: bool
    details: str = ""
    provider_fault: bool = False
    quota: int | None = None
    is_answer: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """One event of a provider, normalised; `suppression` names why an address must not be used again.

    `also_named` is a second name the provider has for the message, which later events may bear alone. `price` is what
    the provider charges for it, once that is known, in `currency`.
    """

    provider_event_id: str
    kind: ReceiptKind
    occurred_at: datetime
    message_id: UUID | None = None
    provider_message_id: str = ""
    bounce_type: str = ""
    code: str = ""
    reason: str = ""
    suppression: str = ""
    link_url: str = ""
    is_machine: bool = False
    tenant_id: UUID | None = None
    also_named: str = ""
    price: Decimal | None = None
    currency: str = ""


class Provider(Protocol):
    """An account of a provider with its kept-open connections; safe to use from many tasks of one event loop."""

    name: str
    channel: str
    max_batch: int

    def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """Hands a block over, yielding outcomes as they become known; each message gets exactly one.

        Never raises for a message. A caller that stops listening leaves the rest unknown: read it to its end.
        """

    async def verify(self) -> Verification:
        """Checks credentials and sender at the provider now."""

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Asks for messages of unknown outcome by our reference."""

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """Normalises a verified callback body; MalformedReceiptError when it is none."""

    async def close(self) -> None:
        """Closes connections once what is under way has ended."""


@runtime_checkable
class SenderChecked(Protocol):
    """A provider that can be asked whether mail may come from an address."""

    async def verify_sender(self, address: str) -> Verification:
        """Asks now; of an answer that is none, the provider's fault. Nothing is sent."""


@runtime_checkable
class Polled(Protocol):
    """A provider that is asked what became of messages, because it does not tell all of it itself (DEL-80)."""

    async def poll(self, asked: Sequence[Asked]) -> list[Receipt]:
        """What is known by now of messages; those it says nothing of are asked for again. Never raises."""


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    """What a provider knows of a number: its line is mobile, fixed, voip, toll_free, other, or empty."""

    is_valid: bool
    country: str = ""
    line: str = ""


@runtime_checkable
class PhoneLookup(Protocol):
    """A provider that knows which numbers are assigned (DEL-41)."""

    async def look_up_phone(self, number: str) -> PhoneFacts | None:
        """What is known of a number in E.164; None when it cannot be had now. Never raises."""


def reference(value: object) -> UUID | None:
    """Our message id out of a provider's echo, None when it is not ours."""
    if not isinstance(value, str) or len(value) not in (32, 36):
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def moment(seconds: object) -> datetime:
    """An instant from epoch seconds of a provider; nonsense becomes the epoch, so that it never wins an ordering."""
    try:
        return datetime.fromtimestamp(float(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def masked(text: str, limit: int = 500) -> str:
    """A provider's text without addresses and control characters, cut to what is stored (GEN-35)."""
    words = ("***" if "@" in word else word for word in text[: 4 * limit].split())
    return "".join(character for character in " ".join(words) if character.isprintable())[:limit]


def stored_name(text: str, limit: int = 200) -> str:
    """A provider's name for a message without what no text of the database may hold, cut to what is stored."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(character for character in text if character.isprintable())
    return text[:limit]
