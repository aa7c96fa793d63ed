"""Faults on order: which request or transfer goes wrong, decided by count or share, never by chance."""

import asyncio
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from typing import Any, Literal, get_args

import orjson

from sandbox.recipients.behaviours import draw
from sandbox.store.database import Database

Kind = Literal[
    # SendGrid's API
    "timeout_before", "timeout_after", "rate_limit", "server_error", "slow", "broken_json",
    "disconnect_before", "disconnect_after",
    # the Event Webhook
    "webhook_duplicate", "webhook_reorder", "webhook_delay", "webhook_forge",
    # SMTP
    "smtp_reply", "smtp_disconnect", "smtp_timeout", "smtp_slow",
]  # fmt: skip
Stage = Literal["connect", "mail", "rcpt", "data", "before_dot", "after_dot"]

API = frozenset(
    ("timeout_before", "timeout_after", "rate_limit", "server_error", "slow", "broken_json",
     "disconnect_before", "disconnect_after")
)  # fmt: skip
WEBHOOK = frozenset(("webhook_duplicate", "webhook_reorder", "webhook_delay", "webhook_forge"))
SMTP = frozenset(("smtp_reply", "smtp_disconnect", "smtp_timeout", "smtp_slow"))


class FaultError(ValueError):
    """A fault as ordered cannot be; the message names the field."""


@dataclass(frozen=True)
class Rule:
    """What goes wrong, and for which occasions.

    Attributes:
        kind: What goes wrong.
        count: After so many hits the fault is over; 0 means never.
        share: The share of occasions that are hit, chosen by a stable hash of their number.
        skip: So many occasions pass first.
        seconds: How long to wait (`slow`, time-outs, `webhook_delay`) or until the limit resets.
        code: The status of `server_error` and `broken_json`, or the SMTP reply code.
        text: The SMTP reply's text, enhanced code included.
        reset: Whether `rate_limit` tells when it resets.
        stage: Where SMTP faults strike.
        accepted: Whether `broken_json` answers after the mail was accepted.
        address: Only occasions with a recipient like this (`*@example.com`).
    """

    kind: Kind
    count: int = 1
    share: float = 1.0
    skip: int = 0
    seconds: float = 30.0
    code: int = 0
    text: str = ""
    reset: bool = True
    stage: Stage = "rcpt"
    accepted: bool = False
    address: str = ""


@dataclass
class _Counted:
    id: int
    rule: Rule
    seen: int = 0
    hits: int = 0

    @property
    def over(self) -> bool:
        return bool(self.rule.count) and self.hits >= self.rule.count


@dataclass
class FaultBook:
    """The faults on order; counters survive a restart."""

    database: Database
    seed: str
    _faults: list[_Counted] = field(default_factory=list)

    def load(self) -> None:
        """Reads the faults that were on order when the process ended."""
        rows = self.database.query("SELECT id, rule, seen, hits FROM fault ORDER BY id")
        self._faults = [_Counted(row[0], Rule(**orjson.loads(row[1])), row[2], row[3]) for row in rows]

    async def order(self, order: Any) -> dict[str, Any]:
        """Orders a fault.

        Raises:
            FaultError: A field is unknown or out of range.
        """
        rule = parse(order)
        text = orjson.dumps(asdict(rule)).decode()
        fault_id = await self.database.write(
            lambda connection: (
                connection.execute("INSERT INTO fault (rule) VALUES (?)", (text,)).lastrowid or 0
            )
        )
        counted = _Counted(fault_id, rule)
        self._faults.append(counted)
        return _public(counted)

    def listed(self) -> list[dict[str, Any]]:
        """Returns every fault with its counters, those that are over included."""
        return [_public(fault) for fault in self._faults]

    async def clear(self, fault_id: int | None = None) -> int:
        """Ends one fault or all; returns how many there were."""
        gone = [fault for fault in self._faults if fault_id is None or fault.id == fault_id]
        self._faults = [fault for fault in self._faults if fault not in gone]
        ids = [(fault.id,) for fault in gone]
        await self.database.write(
            lambda connection: connection.executemany("DELETE FROM fault WHERE id = ?", ids)
        )
        return len(gone)

    def forget(self) -> None:
        """Drops all faults from memory, after the database was emptied."""
        self._faults = []

    def strike(
        self, kinds: frozenset[str], stage: Stage | None = None, addresses: list[str] | None = None
    ) -> Rule | None:
        """Counts one occasion and returns the fault that hits it, if any; the oldest fault wins."""
        if not self._faults:
            return None
        for fault in self._faults:
            rule = fault.rule
            if fault.over or rule.kind not in kinds or (stage is not None and rule.stage != stage):
                continue
            if rule.address and not any(
                fnmatch(address.lower(), rule.address.lower()) for address in addresses or []
            ):
                continue
            fault.seen += 1
            number = fault.seen - rule.skip
            hit = number > 0 and (
                rule.share >= 1 or draw(self.seed, str(number), f"fault {fault.id}") < rule.share
            )
            fault.hits += hit
            self._keep(fault)
            if hit:
                return rule
        return None

    def _keep(self, fault: _Counted) -> None:
        values = (fault.seen, fault.hits, fault.id)
        self.database.write(
            lambda connection: connection.execute("UPDATE fault SET seen = ?, hits = ? WHERE id = ?", values)
        )


def parse(order: Any) -> Rule:
    """Reads a fault as ordered over the admin API.

    Raises:
        FaultError: A field is unknown or out of range.
    """
    if not isinstance(order, dict):
        raise FaultError("a fault is a JSON object with at least the field 'kind'")
    if order.get("kind") not in get_args(Kind):
        raise FaultError(f"kind must be one of {', '.join(get_args(Kind))}")
    if order.get("stage", "rcpt") not in get_args(Stage):
        raise FaultError(f"stage must be one of {', '.join(get_args(Stage))}")
    defaults = asdict(Rule("slow"))
    for name, value in order.items():
        if name not in defaults:
            raise FaultError(f"unknown field {name!r}; known are {', '.join(defaults)}")
        wanted = type(defaults[name])
        if wanted is float and type(value) is int:
            continue
        if type(value) is not wanted:
            raise FaultError(f"{name} must be of type {wanted.__name__}")
    rule = Rule(**order)
    if not 0 < rule.share <= 1:
        raise FaultError("share must be above 0 and at most 1")
    if rule.count < 0 or rule.skip < 0 or rule.seconds < 0:
        raise FaultError("count, skip and seconds must not be negative")
    return rule


async def wait_out(seconds: float, gone: asyncio.Future[Any]) -> None:
    """Waits for so many seconds, or until the other side has gone."""
    await asyncio.wait([gone], timeout=seconds)


def _public(fault: _Counted) -> dict[str, Any]:
    return {"id": fault.id, **asdict(fault.rule), "seen": fault.seen, "hits": fault.hits, "over": fault.over}
