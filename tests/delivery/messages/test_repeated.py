"""Events of blocks are what their messages are one by one, however they were written."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from google.type.money_pb2 import Money

from angarium.delivery.v1 import delivery_events_pb2 as events
from services.delivery.messages import announce
from services.delivery.messages.announce import Cost, Sent

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CAMPAIGN, TENANT, ACCOUNT, BRANCH = (uuid4() for _ in range(4))
IDS = [uuid4() for _ in range(6)]


def test_what_was_sent_is_told_of_each_message_whether_or_not_they_differ():
    rests = [(1, 1, "ref"), (1, 1, "ref"), (2, 1, "ref"), (1, 3, ""), (1, 1, "r" * 200), (1, 1, "réf")]
    told = announce.sent(
        TENANT,
        str(CAMPAIGN),
        "sendgrid",
        ACCOUNT,
        NOW,
        [Sent(id.bytes, *rest) for id, rest in zip(IDS, rests, strict=True)],
    )
    assert told.count == len(IDS)
    assert told.payload == events.MessagesSent(
        campaign_id=str(CAMPAIGN),
        provider="sendgrid",
        provider_account_id=str(ACCOUNT),
        messages=[
            events.MessageSent(
                message_id=str(id),
                attempt=attempt,
                send_time=announce.timestamp(NOW),
                segments=segments,
                provider_message_id=reference,
            )
            for id, (attempt, segments, reference) in zip(IDS, rests, strict=True)
        ],
    )


def test_what_is_paid_is_told_of_each_message_whether_or_not_they_differ():
    rests: list[tuple[int, str, Decimal, UUID | None, bool]] = [
        (1, "EUR", Decimal("0.000200"), None, True),
        (1, "EUR", Decimal("0.000200"), None, True),
        (2, "EUR", Decimal("12.5"), BRANCH, True),
        (1, "USD", Decimal("-1.25"), None, False),
        (1, "EUR", Decimal(0), BRANCH, False),
        (1, "EUR", Decimal("0.000200"), None, True),
    ]
    told = announce.costs(
        TENANT,
        str(CAMPAIGN),
        "twilio",
        "2026-11",
        [Cost(id.bytes, *rest) for id, rest in zip(IDS, rests, strict=True)],
        is_actual=True,
    )
    assert told.payload == events.CostsRecorded(
        campaign_id=str(CAMPAIGN),
        provider="twilio",
        costs=[
            events.CostRecorded(
                message_id=str(id),
                attempt=attempt,
                cost=Money(
                    currency_code=currency, units=int(amount), nanos=int((amount - int(amount)) * 10**9)
                ),
                is_actual=True,
                billing_period="2026-11",
                branch_id=str(branch or ""),
                is_budgeted=is_budgeted,
            )
            for id, (attempt, currency, amount, branch, is_budgeted) in zip(IDS, rests, strict=True)
        ],
    )
