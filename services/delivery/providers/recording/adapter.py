"""The recording provider: hands nothing over, remembers everything, and behaves by scripted rules (DEL-79)."""

import asyncio
import fnmatch
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from services.delivery.providers.base import (
    Account,
    Block,
    ConfigurationError,
    Lookup,
    MalformedReceiptError,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    ReceiptKind,
    Result,
    Verification,
    moment,
    reference,
)
from services.delivery.providers.showing import Shown, shows_amp

KEPT: Final = 100_000
KINDS: Final = frozenset(kind.value for kind in ReceiptKind)


@dataclass(slots=True)
class Rule:
    """The first rule whose pattern fits an address decides; `times` counts it out, 0 means always."""

    address: str
    result: Result
    code: str = ""
    reason: str = ""
    retry_after: timedelta | None = None
    recipient_fault: bool = False
    provider_fault: bool = False
    gone: str = ""
    delay: float = 0.0
    times: int = 0
    used: int = field(default=0, init=False)

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "Rule":
        """A rule of an account's `rules` setting; ConfigurationError for what it does not know."""
        try:
            return cls(
                address=str(written.get("address", "*")).lower(),
                result=Result(written["result"]),
                code=str(written.get("code", "")),
                reason=str(written.get("reason", "")),
                retry_after=timedelta(seconds=float(written["retry_after"]))
                if "retry_after" in written
                else None,
                recipient_fault=bool(written.get("recipient_fault", False)),
                provider_fault=bool(written.get("provider_fault", False)),
                gone=str(written.get("gone", "")),
                delay=float(written.get("delay", 0)),
                times=int(written.get("times", 0)),
            )
        except (KeyError, TypeError, ValueError):
            raise ConfigurationError("a rule of the recording provider is malformed") from None

    def takes(self, address: str) -> bool:
        """Whether the rule decides for this address now; counts its use."""
        if (self.times and self.used >= self.times) or not fnmatch.fnmatchcase(address.lower(), self.address):
            return False
        self.used += 1
        return True


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message as it would have gone out."""

    outgoing: Outgoing
    parts: Mapping[str, str]
    sender: str
    category: str
    result: Result


class Recording:
    """A provider in memory for every channel; `rules` is its script, `channel` and `max_batch` its shape."""

    name = "recording"

    def __init__(self, account: Account) -> None:
        self.channel = account.text("channel", "email")
        self.max_batch = account.number("max_batch", 1000)
        self.rules = [Rule.of(rule) for rule in account.config.get("rules") or ()]
        self.recorded: deque[Recorded] = deque(maxlen=KEPT)
        self._verified = account.flag("verified", default=True)
        self._amp = shows_amp(account)

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """Outcomes by the script, in one lot; without a rule a message is accepted."""
        outcomes = []
        for outgoing in block.outgoing:
            rule = next((rule for rule in self.rules if rule.takes(_address(outgoing))), None)
            if rule is not None and rule.delay:
                await asyncio.sleep(rule.delay)
            outcomes.append(self._outcome(block, outgoing, rule))
        yield outcomes

    def _outcome(self, block: Block, outgoing: Outgoing, rule: Rule | None) -> Outcome:
        result = rule.result if rule else Result.ACCEPTED
        shown = Shown(block.content, amp=self._amp).parts
        parts = {name: part.join(outgoing.slots) for name, part in shown.items()}
        self.recorded.append(Recorded(outgoing, parts, block.sender.address, block.category, result))
        outcome = Outcome(outgoing.message_id, result)
        if outgoing.device is not None:
            outcome.device_id = outgoing.device.device_id
        if result is Result.ACCEPTED:
            outcome.provider_message_id = f"rec-{outgoing.message_id.hex}"
        if rule is not None:
            outcome.code, outcome.reason, outcome.retry_after = rule.code, rule.reason, rule.retry_after
            outcome.recipient_fault, outcome.provider_fault = rule.recipient_fault, rule.provider_fault
            outcome.gone = rule.gone
        return outcome

    async def verify(self) -> Verification:
        """Answers as configured."""
        return Verification(self._verified, "recording", provider_fault=not self._verified)

    async def verify_sender(self, address: str) -> Verification:  # noqa: ARG002 - it vouches for anybody
        """Answers as configured."""
        return Verification(self._verified, "recording")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Knows what it accepted, and what it was scripted to leave unknown without losing it."""
        known = {
            one.outgoing.message_id
            for one in self.recorded
            if one.result in (Result.ACCEPTED, Result.UNKNOWN)
        }
        return {
            message_id: Lookup(Presence.FOUND, f"rec-{message_id.hex}")
            if message_id in known
            else Lookup(Presence.NOT_FOUND)
            for message_id in message_ids
        }

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """A JSON list of {id, kind, message_id, timestamp, bounce_type?, code?, suppression?}."""
        try:
            events = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise MalformedReceiptError("not JSON") from None
        if not isinstance(events, list):
            raise MalformedReceiptError("not a list of events")
        return [self._receipt(event) for event in events if isinstance(event, dict) and event.get("id")]

    @staticmethod
    def _receipt(event: Mapping[str, Any]) -> Receipt:
        kind = str(event.get("kind"))
        return Receipt(
            provider_event_id=str(event["id"]),
            kind=ReceiptKind(kind) if kind in KINDS else ReceiptKind.IGNORED,
            occurred_at=moment(event.get("timestamp")),
            message_id=reference(event.get("message_id")),
            bounce_type=str(event.get("bounce_type") or ""),
            code=str(event.get("code") or ""),
            suppression=str(event.get("suppression") or ""),
            link_url=str(event.get("url") or ""),
        )

    async def close(self) -> None:
        """Has nothing to close."""


def _address(outgoing: Outgoing) -> str:
    """Returns what rules are matched against: the token of a device stands for the address a push message lacks."""
    return outgoing.device.token if outgoing.device is not None else outgoing.address
