"""Domains of recipients: limits an account keeps, and what was learnt of those that put mail off (W12).

A domain whose servers put mail off is left alone for a minute, then twice as long each time, up to an hour; what comes
first afterwards is a small probe. One message that is taken ends that.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork

ANY: Final = "*"
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
HIGHEST_LEVEL: Final = 20
PROBE: Final = 20
"""Messages that may go to a domain in one pass before it has taken one again."""

ENOUGH: Final = 3
"""So many mailboxes must be put off before it is the domain's matter; one that says so of the rate is enough."""

_DEFERRED = """
SELECT account_id, domain, level, resume_at, code FROM account_domain
WHERE tenant_id = ANY (%(tenants)s) AND account_id = ANY (%(ids)s) ORDER BY resume_at DESC
"""

_PUT_OFF = """
INSERT INTO account_domain AS d (tenant_id, account_id, domain, level, resume_at, code)
VALUES (%(tenant_id)s, %(account_id)s, %(domain)s, 1, %(now)s + %(first)s, %(code)s)
ON CONFLICT (tenant_id, account_id, domain) DO UPDATE
SET level = CASE WHEN d.resume_at > %(now)s THEN d.level ELSE least(d.level + 1, %(highest)s) END, code = excluded.code,
    resume_at = CASE WHEN d.resume_at > %(now)s THEN d.resume_at
        ELSE %(now)s + least(%(first)s * power(2, least(d.level, 10)), %(longest)s) END
"""

_TAKEN = "DELETE FROM account_domain WHERE tenant_id = %s AND account_id = %s AND domain = ANY (%s)"


class DomainLimit(NamedTuple):
    """What an account keeps towards one domain; zero means no limit."""

    domain: str
    max_concurrency: int
    max_per_minute: int


class Deferral(NamedTuple):
    """What was learnt of a domain."""

    level: int
    resume_at: datetime
    code: str


@dataclass(slots=True)
class Heard:
    """What the servers of domains said in one hand-over."""

    accepted: Counter[str] = field(default_factory=Counter)
    put_off: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def deferred(self, rate_codes: Iterable[str]) -> dict[str, str]:
        """Returns the domains that put everything off, each with a code."""
        found = {}
        for domain, codes in self.put_off.items():
            rates = [code for code in codes if code in rate_codes]
            if not self.accepted[domain] and (rates or codes.total() >= ENOUGH):
                found[domain] = rates[0] if rates else codes.most_common(1)[0][0]
        return found


def domain_of(address: str) -> str:
    """Returns the domain of an address, in lower case."""
    return address.rpartition("@")[2].lower()


def limits(stored: Sequence[Mapping[str, Any]]) -> dict[str, DomainLimit]:
    """Returns stored limits by domain."""
    found = [DomainLimit(one["domain"], one["max_concurrency"], one["max_per_minute"]) for one in stored]
    return {one.domain: one for one in found}


def limit_of(found: Mapping[str, DomainLimit], domain: str) -> DomainLimit | None:
    """Returns the limit for a domain: its own, else that of any."""
    return found.get(domain) or found.get(ANY)


async def deferrals(
    uow: UnitOfWork, tenants: Iterable[UUID], account_ids: Sequence[UUID]
) -> dict[UUID, dict[str, Deferral]]:
    """Returns what was learnt of domains, by account; needs a unit of work that sees them."""
    rows = await uow.fetch_all(_DEFERRED, {"tenants": list(tenants), "ids": list(account_ids)})
    found: defaultdict[UUID, dict[str, Deferral]] = defaultdict(dict)
    for account_id, domain, *rest in rows:
        found[account_id][domain] = Deferral(*rest)
    return found


async def learn(
    uow: UnitOfWork, account_id: UUID, accepted: Sequence[str], put_off: Mapping[str, str], now: datetime
) -> None:
    """Keeps what a hand-over taught of domains."""
    if accepted:
        await uow.execute(_TAKEN, (uow.tenant_id, account_id, list(accepted)))
    for domain, code in put_off.items():
        await uow.execute(
            _PUT_OFF,
            {
                "tenant_id": uow.tenant_id,
                "account_id": account_id,
                "domain": domain[:253],
                "code": code,
                "now": now,
                "first": FIRST_WAIT,
                "longest": LONGEST_WAIT,
                "highest": HIGHEST_LEVEL,
            },
        )


async def forget(uow: UnitOfWork, account_id: UUID) -> None:
    """Forgets what was learnt of all domains."""
    await uow.execute(
        "DELETE FROM account_domain WHERE tenant_id = %s AND account_id = %s", (uow.tenant_id, account_id)
    )


async def forget_old(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes up to `limit` deferrals nobody met since; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM account_domain WHERE (tenant_id, account_id, domain) IN"
        " (SELECT tenant_id, account_id, domain FROM account_domain WHERE resume_at < %s LIMIT %s)",
        (before, limit),
    )
