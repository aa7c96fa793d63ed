"""The fate of a text and what its reader writes back; each provider's voice tells it in its own words."""

from typing import NamedTuple

from sandbox.recipients.behaviours import draw
from sandbox.recipients.phones import BY_PHONE, PhoneBehaviour
from sandbox.store.database import Database
from sandbox.store.mail import Message
from sandbox.store.work import Fact, Task

WHATSAPP = frozenset(("meta", "gupshup", "wati"))
ONE_WAY = frozenset(("msg91",))
"""Providers whose senders nobody can write back to."""

UNHEARD = ONE_WAY | {"aws_sns"}
"""Providers by which nobody writes back here."""

CHANNELS = WHATSAPP | UNHEARD | {"twilio"}
"""Channels of the store whose recipients are numbers."""

SESSION = '"session":true'
"""Stands in what is kept of a text that is no template: WhatsApp takes it only after the person wrote."""

LISTENING = 1.0
"""So long after a text its reader writes back at the earliest, times the pace of people."""

READERS = 0.7
"""The share of people who read what WhatsApp brings; whoever answers has read."""

OUTSIDE_WINDOW, OPTED_OUT = 63016, 21610
HARD = frozenset((30005, 30006))


class End(NamedTuple):
    """What becomes of a text: a fate, and Twilio's code where it does not arrive."""

    fate: str
    error: int


def plan(
    message: Message, seed: str, pace: float, facts: list[Fact], tasks: list[Task], *, told: bool, has_answered: bool
) -> None:  # fmt: skip
    """Notes what becomes of a text; people answer the first one of a sender only."""
    behaviour = BY_PHONE[message.behaviour]
    end = _end(message, behaviour, has_answered=has_answered)

    def tell(at: float, status: str, error: int = 0) -> None:
        if told:
            tasks.append(Task("event", message.id, {"status": status, "error": error}, at))

    start = message.accepted_at
    at = start + 0.05 + 0.4 * draw(seed, message.address, f"delivery {message.campaign}")
    if end.fate != "failed":
        tell(start, "sent")
    tell(at, end.fate, end.error)
    if end.fate == "undelivered":
        kind = "hard" if end.error in HARD and message.channel not in ONE_WAY else "soft"
        facts.append(Fact(message.id, "bounced", kind, str(end.error), at))
        return
    if end.fate == "failed":
        facts.append(Fact(message.id, "dropped", "", str(end.error), at))
        return
    facts.append(Fact(message.id, "delivered", "", "", at))
    answers = behaviour.answers if told and not has_answered and message.channel not in UNHEARD else ()
    if message.channel in WHATSAPP and (
        answers or draw(seed, message.address, f"read {message.campaign}") < READERS
    ):
        at += max(0.2, pace * draw(seed, message.address, "reading"))
        tell(at, "read")
        facts.append(Fact(message.id, "opened", "human", "", at))
    for number, words in enumerate(answers, 1):
        wait = pace * (LISTENING + draw(seed, message.address, f"answer {number}"))
        at += max(wait, 0.2)
        tasks.append(Task("event", message.id, {"text": words}, at))
        facts.append(Fact(message.id, "answered", "", words, at))


def _end(message: Message, behaviour: PhoneBehaviour, *, has_answered: bool) -> End:
    """WhatsApp lets fall what it does not deliver; it holds nobody's mail back. Amazon drops what nobody wants."""
    if message.channel == "aws_sns" and message.address.endswith("5550112"):
        return End("failed", OPTED_OUT)
    if message.channel not in WHATSAPP:
        return End(behaviour.fate, behaviour.error)
    if SESSION in message.personal and not has_answered:
        return End("failed", OUTSIDE_WINDOW)
    if message.address.endswith("5550112"):
        return End("failed", OPTED_OUT)
    return End("delivered" if behaviour.fate == "delivered" else "failed", behaviour.error)


def has_answered(database: Database, message: Message) -> bool:
    """Returns whether a text's reader has written back to its sender before."""
    return bool(
        database.query(
            "SELECT 1 FROM message JOIN content ON content.id = content_id JOIN fact ON message_id = message.id"
            " WHERE address = ? AND sender = ? AND kind = 'answered' LIMIT 1",
            (message.address, message.sender),
        )
    )
