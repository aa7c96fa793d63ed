"""The fate of a text and what its reader writes back, told as Twilio tells it."""

from sandbox.recipients.behaviours import draw
from sandbox.recipients.phones import BY_PHONE
from sandbox.store.database import Database
from sandbox.store.mail import Message
from sandbox.store.work import Fact, Task

LISTENING = 1.0
"""So long after a text its reader writes back at the earliest, times the pace of people."""


def plan(
    message: Message, seed: str, pace: float, facts: list[Fact], tasks: list[Task], *, has_answered: bool
) -> None:
    """Notes what becomes of a text; people answer the first one of a sender only."""
    behaviour = BY_PHONE[message.behaviour]

    def tell(at: float, status: str, error: int = 0) -> None:
        if '"StatusCallback"' in message.personal:
            tasks.append(Task("event", message.id, {"status": status, "error": error}, at))

    start = message.accepted_at
    at = start + 0.05 + 0.4 * draw(seed, message.address, f"delivery {message.campaign}")
    if behaviour.fate != "failed":
        tell(start, "sent")
    tell(at, behaviour.fate, behaviour.error)
    if behaviour.fate == "undelivered":
        kind = "hard" if behaviour.error in (30005, 30006) else "soft"
        facts.append(Fact(message.id, "bounced", kind, str(behaviour.error), at))
        return
    if behaviour.fate == "failed":
        facts.append(Fact(message.id, "dropped", "", str(behaviour.error), at))
        return
    facts.append(Fact(message.id, "delivered", "", "", at))
    if has_answered or '"StatusCallback"' not in message.personal:
        return
    for number, words in enumerate(behaviour.answers, 1):
        wait = pace * (LISTENING + draw(seed, message.address, f"answer {number}"))
        at += max(wait, 0.2)
        tasks.append(Task("event", message.id, {"text": words}, at))
        facts.append(Fact(message.id, "answered", "", words, at))


def has_answered(database: Database, message: Message) -> bool:
    """Returns whether a text's reader has written back to its sender before."""
    return bool(
        database.query(
            "SELECT 1 FROM message JOIN content ON content.id = content_id JOIN fact ON message_id = message.id"
            " WHERE address = ? AND sender = ? AND kind = 'answered' LIMIT 1",
            (message.address, message.sender),
        )
    )
