"""What contacts did, or did not do, as SQL."""

from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from services.campaign.segments.domain import Activity, Behaviour
from services.common.db.partitions import uuid7_floor

LONGEST_RUN: Final = timedelta(days=62)
"""How long after its run was launched a message may still be sent."""


class Placeholders(Protocol):
    """What of the compiler is needed here."""

    def param(self, value: Any) -> str:
        """Returns the placeholder of a value."""

    def begin(self, days_ago: int) -> datetime:
        """Returns when the day began that is so many days before today."""


def behaviour_sql(behaviour: Behaviour, compiler: Placeholders, *, few: bool) -> str:
    """Returns a behaviour as a condition over the alias `c` of table contact.

    Args:
        behaviour: What is asked.
        compiler: Takes the values.
        few: Whether the statement looks at few contacts: what each did is then looked up, otherwise all that
            anybody did is gathered first.
    """
    since = compiler.begin(behaviour.within_days)
    if behaviour.activity is Activity.RECEIVED:
        found = _received(behaviour, compiler, since, few)
    else:
        found = _done(behaviour, compiler, since, few)
    return f"(NOT {found})" if behaviour.is_negated else found


def _done(behaviour: Behaviour, compiler: Placeholders, since: datetime, few: bool) -> str:
    # The id of an activity is a UUIDv7 of when it happened.
    which = (
        f"a.kind = {compiler.param(int(behaviour.activity))}::int2"
        f" AND a.activity_id >= {compiler.param(uuid7_floor(since))}::uuid AND a.counts"
    )
    if behaviour.reference:
        which += f" AND a.ref = {compiler.param(behaviour.reference)}::text"
    if few or behaviour.at_least == 1:
        others = f" OFFSET {compiler.param(behaviour.at_least - 1)}::int4" if behaviour.at_least > 1 else ""
        return (
            "EXISTS (SELECT FROM contact_activity a WHERE a.tenant_id = c.tenant_id"
            f" AND a.contact_id = c.contact_id AND {which}{others})"
        )
    return (
        "(c.contact_id IN (SELECT a.contact_id FROM contact_activity a WHERE a.tenant_id = %(a_tenant)s"
        f" AND {which} GROUP BY a.contact_id HAVING count(*) >= {compiler.param(behaviour.at_least)}::int4))"
    )


def _received(behaviour: Behaviour, compiler: Placeholders, since: datetime, few: bool) -> str:
    """Reads the ledger, which has a line of each message that a campaign sent to a contact."""
    # A line's id begins with the time of its run, as the run's own does.
    first = compiler.param(uuid7_floor(since - LONGEST_RUN))
    sent = compiler.param(since)
    least = compiler.param(behaviour.at_least)
    campaign = (
        f" AND u.campaign_id = {compiler.param(behaviour.reference)}::uuid" if behaviour.reference else ""
    )
    if few:
        return (
            "((SELECT count(*) FROM campaign_run u JOIN campaign_recipient l ON l.tenant_id = u.tenant_id"
            " AND l.recipient_id = line_id(u.run_id, c.contact_id) AND l.contact_id = c.contact_id"
            f" WHERE u.tenant_id = c.tenant_id AND u.run_id >= {first}::uuid{campaign}"
            f" AND l.sent_at >= {sent}::timestamptz) >= {least}::int4)"
        )
    runs = " JOIN campaign_run u ON u.tenant_id = l.tenant_id AND u.run_id = l.run_id" if campaign else ""
    return (
        f"(c.contact_id IN (SELECT l.contact_id FROM campaign_recipient l{runs} WHERE l.tenant_id = %(a_tenant)s"
        f" AND l.recipient_id >= {first}::uuid AND l.sent_at >= {sent}::timestamptz{campaign}"
        f" GROUP BY l.contact_id HAVING count(*) >= {least}::int4))"
    )
