"""What became of the texts, as Angarium says it and as the phones' own log says it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import suppression_service_pb2
from angarium.delivery.v1 import message_pb2, message_service_pb2
from cli.demo import figures
from cli.demo.actors import Cast, patiently
from cli.demo.departures import ask_again
from cli.demo.figures import Recipient
from cli.demo.sandbox import SandboxClient
from cli.demo.truth import Line
from cli.paging import listed

_STOP = "STOP"


@dataclass(frozen=True, slots=True)
class Texts:
    """The figures of a campaign of texts."""

    audience: int = 0
    refusals: Mapping[str, int] | None = None
    handed_over: int = 0
    delivered: int = 0
    bounced: int = 0
    waiting: int = 0
    """Held back until the hours in which they may arrive."""
    stop_words: int = 0
    """People whose last word was a stop word."""
    refused: int = 0
    """Those of them whom the next decision refuses."""
    lines: Sequence[Line] = ()

    def document(self) -> dict[str, Any]:
        """Returns the figures for programs."""
        return {
            "audience": self.audience,
            "refusals": dict(self.refusals or {}),
            "handed_over": self.handed_over,
            "delivered": self.delivered,
            "bounced": self.bounced,
            "waiting": self.waiting,
            "stop_words": self.stop_words,
            "refused_after_stop": self.refused,
        }


NONE = Texts()
"""Nobody was texted."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign of texts that may be sent."""

    campaign_id: UUID
    expected: int
    """How many get it now."""
    blocked: frozenset[str]
    """Entries of numbers that were blocked before."""


async def texts_of(cast: Cast, planned: Planned, sandbox: SandboxClient) -> Texts:
    """Asks both sides about a campaign of texts that is quiet."""
    report = await figures.report_of(cast, planned.campaign_id)
    ledger = await figures.ledger_of(cast, planned.campaign_id)
    messages = await sandbox.messages(str(planned.campaign_id))
    totals = (await sandbox.summary(str(planned.campaign_id)))["totals"]
    waiting = await held_back(cast, planned.campaign_id)
    left = await ask_again(cast, _who_stopped(ledger, messages), enums_pb2.CHANNEL_SMS)
    heard = len(await blocked(cast) - planned.blocked)
    counts = report.counts
    arrived = Counter(str(message["message_id"]) for message in messages)
    taken = {message_id for message_id, one in ledger.items() if one.was_taken}
    # A carrier that filters a text says nothing against the number: the text failed, and is no bounce.
    filtered = sum(1 for one in ledger.values() if one.state == "failed" and one.was_taken)
    undelivered = totals["bounced"]["hard"] + totals["bounced"]["soft"] + totals["dropped"]
    lines = [
        Line("texts: taken by a provider", counts.sent, totals["accepted_unique"]),
        Line("texts: delivered", counts.delivered, totals["delivered"]),
        Line("texts: bounced or filtered", counts.bounced + filtered, undelivered),
        Line("texts: lost", len(taken - arrived.keys()), 0),
        Line("texts: sent twice", arrived.total() - len(arrived), 0),
        Line("texts: sent without a line in the ledger", len(arrived.keys() - taken), 0),
        Line("texts: sent although they were to wait", len(arrived.keys() & waiting), 0),
        Line("texts: stop words heard", heard, stop_words(messages)),
        Line("texts: refused from now on, of those who wrote STOP", left.refused, left.left),
    ]
    return Texts(
        audience=len(ledger),
        refusals={one.reason: one.count for one in report.skips},
        handed_over=counts.sent,
        delivered=counts.delivered,
        bounced=counts.bounced,
        waiting=len(waiting),
        stop_words=heard,
        refused=left.refused,
        lines=lines,
    )


def stop_words(messages: Sequence[Mapping[str, Any]]) -> int:
    """Returns how many people's last word was a stop word, by the sandbox."""
    return len({message["address"] for message in messages if _said_stop(message)})


def _who_stopped(ledger: Mapping[str, Recipient], messages: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Returns whose last word was a stop word, by contact, with the number it came from."""
    return {
        ledger[message["message_id"]].contact_id: str(message["address"])
        for message in messages
        if _said_stop(message) and message["message_id"] in ledger
    }


def _said_stop(message: Mapping[str, Any]) -> bool:
    return bool(message["answered"]) and message["answered"][-1]["what"] == _STOP


async def held_back(cast: Cast, campaign_id: UUID) -> frozenset[str]:
    """Returns the messages of a campaign that wait until they may arrive."""
    request = message_service_pb2.ListMessagesRequest(
        campaign_id=str(campaign_id), state=message_pb2.Message.STATE_DEFERRED
    )
    found = await listed(partial(patiently, cast.ada.messages.ListMessages), request, "messages")
    return frozenset(one.message_id for one in found)


async def blocked(cast: Cast) -> frozenset[str]:
    """Returns the entries of numbers that get nothing any more because of a stop word."""
    request = suppression_service_pb2.ListSuppressionsRequest(
        channel=enums_pb2.CHANNEL_SMS, reason=suppression_service_pb2.SUPPRESSION_REASON_SMS_STOP
    )
    found = await listed(partial(patiently, cast.ada.suppression.ListSuppressions), request, "suppressions")
    return frozenset(one.suppression_id for one in found)
