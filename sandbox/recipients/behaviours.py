"""Who does what: the behaviour of an address is a pure function of the seed and the address."""

from bisect import bisect_right
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from typing import Literal

Outcome = Literal["delivered", "deferred", "hard", "soft", "dropped"]
Step = Literal["prefetch", "scan", "read", "proxy_read", "click", "one_click", "page", "complain"]


@dataclass(frozen=True)
class Behaviour:
    """What happens to mail for an address, and what its owner then does.

    Attributes:
        name: Stored with each message and shown in the truth.
        share: How many of a thousand ordinary addresses behave so.
        outcome: What the mail system does with the mail.
        machine: What a machine does within two seconds of delivery.
        person: What the person does afterwards, in this order.
        words: Local parts that force this behaviour (`bounce@…`, also `bounce+7@…`, `bounce-7@…`, `bounce.7@…`).
        first_try: Refused by SMTP at RCPT: "once" (451, accepted on the next try) or "always" (550).
        summary: One line for people.
    """

    name: str
    share: int
    outcome: Outcome
    machine: tuple[Step, ...]
    person: tuple[Step, ...]
    words: tuple[str, ...]
    summary: str
    first_try: Literal["", "once", "always"] = ""


BEHAVIOURS = (
    Behaviour("silent", 332, "delivered", (), (), ("silent", "nothing"), "receives it and does nothing"),
    Behaviour("reader", 220, "delivered", (), ("read",), ("open", "reader"), "opens it"),
    Behaviour("clicker", 130, "delivered", (), ("read", "click"), ("click", "clicker"), "opens it and follows a link"),
    Behaviour("proxy_reader", 90, "delivered", (), ("proxy_read",), ("proxy", "gmail"),
              "opens it in Gmail, whose image proxy fetches the pixel"),
    Behaviour("proxy_clicker", 40, "delivered", (), ("proxy_read", "click"), ("proxy-click",),
              "opens it in Gmail and follows a link"),
    Behaviour("privacy", 70, "delivered", ("prefetch",), (), ("privacy", "apple"),
              "never opens it; Apple Mail privacy fetches the pixel"),
    Behaviour("privacy_clicker", 25, "delivered", ("prefetch",), ("click",), ("privacy-click",),
              "reads behind Apple Mail privacy and follows a link"),
    Behaviour("scanner", 30, "delivered", ("scan",), (), ("scanner",),
              "does nothing; a security scanner follows every link"),
    Behaviour("scanner_clicker", 15, "delivered", ("scan",), ("read", "click"), ("scanner-click",),
              "opens it and follows a link after a scanner followed them all"),
    Behaviour("hard_bounce", 15, "hard", (), (), ("bounce", "hardbounce"), "does not exist: hard bounce"),
    Behaviour("soft_bounce", 8, "soft", (), (), ("softbounce", "blocked", "full"), "mailbox full: soft bounce"),
    Behaviour("deferred", 10, "deferred", (), ("read",), ("defer", "deferred"), "delivered late, then opens it"),
    Behaviour("dropped", 4, "dropped", (), (), ("drop", "dropped"),
              "dropped by SendGrid; refused by SMTP at RCPT", "always"),
    Behaviour("complainer", 1, "delivered", (), ("read", "complain"), ("complain", "spam"),
              "opens it and reports it as spam"),
    Behaviour("one_click", 7, "delivered", (), ("read", "one_click"), ("unsubscribe", "one-click"),
              "opens it and unsubscribes by the mail client's button"),
    Behaviour("page_unsubscriber", 3, "delivered", (), ("read", "page"), ("unsubscribe-page", "page"),
              "opens it and unsubscribes on the page"),
    Behaviour("rejected", 0, "hard", (), (), ("reject", "rejected"),
              "hard bounce; refused by SMTP at RCPT", "always"),
    Behaviour("greylisted", 0, "deferred", (), ("read",), ("greylist",),
              "delivered late; refused by SMTP at RCPT once with 451", "once"),
)  # fmt: skip

BY_NAME = {behaviour.name: behaviour for behaviour in BEHAVIOURS}
_BY_WORD = {word: behaviour for behaviour in BEHAVIOURS for word in behaviour.words}
_ORDINARY = tuple(behaviour for behaviour in BEHAVIOURS if behaviour.share)
_STEPS = tuple(accumulate(behaviour.share for behaviour in _ORDINARY))
_WHOLE = 1 << 32


def draw(seed: str, address: str, purpose: str) -> float:
    """Returns a number in [0, 1) that is always the same for these three words."""
    digest = blake2b(f"{seed}\0{purpose}\0{address}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / _WHOLE


def pick(seed: str, address: str, purpose: str, count: int) -> int:
    """Returns an index below `count` that is always the same for these words."""
    return int(draw(seed, address, purpose) * count)


def behaviour_of(seed: str, address: str) -> Behaviour:
    """Returns the behaviour of an address: forced by its local part, else by the shares of the table."""
    forced = _forced(address.partition("@")[0])
    if forced is not None:
        return forced
    return _ORDINARY[bisect_right(_STEPS, draw(seed, address, "behaviour") * _STEPS[-1])]


def _forced(local: str) -> Behaviour | None:
    if local in _BY_WORD:
        return _BY_WORD[local]
    for mark in ("+", ".", "-"):
        word, found, number = local.rpartition(mark)
        if found and word in _BY_WORD and (mark == "+" or number.isdigit()):
            return _BY_WORD[word]
    return None
