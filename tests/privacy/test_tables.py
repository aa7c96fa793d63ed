"""No table that names contacts is forgotten by export and erasure."""

from collections.abc import Callable, Iterable

import psycopg
import pytest

from services.consent.privacy.records import named_tables
from tests.privacy.conftest import SERVICES

# What each service does about its tables with a contact; consent says so itself.
KNOWN = {
    "campaign": {
        "contact",
        "campaign_recipient",
        "campaign_run",
        "automation_run",
        "cart",
        "contact_activity",
        "contact_fact",
        "contact_reach",
        "coupon",
        "coupon_code",
        "coupon_redemption",
        "coupon_reservation",
        "feedback",
        "feedback_request",
        "notice",
        "order_reference",
        "pass_order",
        "referral",
        "referral_code",
        "segment_member",
        "view_counter",
        "trigger_anchor",
        "trigger_history",
        "staff_followup",
    },
    "delivery": {
        "message",
        "digest_item",
        "send_slot",
        "person_key",
        "push_device",
        "inbox_item",
        "contact_inbox",
        "wallet_pass",
        "webhook_event",
    },
    "analytics": {
        "message_fact",
        "engagement_event",
        "conversion",
        "timeline_entry",
        "contact_engagement",
        # Where a scoring stands that was cut short; it names nobody once it is through.
        "scoring",
    },
    "consent": set(named_tables()),
}


@pytest.mark.req("CON-90", "CON-91", "W10")
def test_every_column_of_a_contact_belongs_to_a_table_that_erasure_looks_after(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    with psycopg.connect(clone_database(SERVICES)) as connection:
        rows = connection.execute(
            "SELECT n.nspname, c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (%s) AND NOT a.attisdropped"
            " AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname ~ '(^|_)contact_id$'",
            (list(SERVICES),),
        ).fetchall()
    found: dict[str, set[str]] = {service: set() for service in SERVICES}
    for service, table in rows:
        found[service].add(table)
    assert found == KNOWN
