"""Messages as the contract shows them."""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.delivery.v1 import message_pb2 as pb
from services.common.money import Money
from services.common.privacy import mask_email, mask_phone
from services.delivery.devices.convert import attempt as device_attempt
from services.delivery.devices.store import Shown
from services.delivery.enums import wire
from services.delivery.messages.domain import Channel, State
from services.delivery.messages.views import Attempt, Entry, View


def message(view: View) -> pb.Message:
    """Returns a message, its address masked."""
    row = view.row
    found = pb.Message(
        message_id=str(row.message_id),
        contact_id=str(row.contact_id or ""),
        branch_id=str(row.branch_id or ""),
        channel=wire(row.channel),
        message_class=wire(row.message_class),
        category=wire(row.category),
        priority=wire(row.lane),
        origin=wire(row.origin),
        template_version_id=str(row.template_version_id),
        language_code=view.recipient.language_code if view.recipient else "",
        masked_address=_masked(view),
        state=wire(view.state),
        reason=row.reason or "",
        failure_code=row.failure_code or "",
        due_time=_time(row.due_at),
        expire_time=_time(row.expire_at),
        attempt_count=row.attempt_count,
        provider=row.provider or "" if row.sent_at else "",
        provider_account_id=str(row.account_id or "") if row.sent_at else "",
        provider_message_id=row.provider_message_id or "",
        send_time=_time(row.sent_at),
        deliver_time=_time(row.delivered_at),
        read_time=_time(row.read_at),
        bounce_time=_time(row.bounced_at),
        fail_time=_time(row.failed_at),
        open_time=_time(row.opened_at),
        click_time=_time(row.clicked_at),
        campaign_id=str(row.campaign_id or ""),
        run_id=str(row.run_id or ""),
        variant_key=row.variant_key,
        correlation_id=row.correlation_id,
        create_time=_time(row.created_at),
    )
    if row.wake_at is not None:
        wakes = found.next_retry_time if row.state == State.RETRYING else found.defer_time
        wakes.FromDatetime(row.wake_at)
    if row.cost is not None and row.currency is not None:
        found.cost.CopyFrom(Money(row.currency, row.cost).to_proto())
    return found


def attempt(one: Attempt, tried: Sequence[Shown] = ()) -> pb.Attempt:
    """Returns one try, with what came of its devices."""
    return pb.Attempt(
        number=one.number,
        provider=one.provider,
        provider_account_id=str(one.account_id or ""),
        start_time=_time(one.started_at),
        finish_time=_time(one.finished_at),
        outcome=wire(one.outcome),
        code=one.code,
        detail=one.detail,
        provider_message_id=one.provider_message_id,
        devices=[device_attempt(each) for each in tried if each.number == one.number],
    )


def entry(one: Entry) -> pb.MessageLogEntry:
    """Returns one line of a history."""
    return pb.MessageLogEntry(
        type=one.type, occur_time=_time(one.occurred_at), detail=one.detail, actor=one.actor
    )


def _masked(view: View) -> str:
    if view.recipient is None or not view.recipient.address:
        return ""
    address = view.recipient.address
    return mask_email(address) if view.row.channel == Channel.EMAIL else mask_phone(address)


def _time(instant: datetime | None) -> Timestamp | None:
    if instant is None:
        return None
    value = Timestamp()
    value.FromDatetime(instant)
    return value
