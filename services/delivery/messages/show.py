"""Messages as the contract shows them."""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.delivery.v1 import message_pb2 as pb
from angarium.delivery.v1 import message_service_pb2 as service_pb
from services.common.money import Money
from services.common.privacy import mask_email, mask_phone
from services.delivery.devices.convert import attempt as device_attempt
from services.delivery.devices.store import Shown as DeviceTried
from services.delivery.enums import wire
from services.delivery.messages.batches import View as BatchView
from services.delivery.messages.domain import Channel, State
from services.delivery.messages.history import Attempt, Entry
from services.delivery.messages.views import HandOver, View
from services.delivery.sent.frames import Shown


def hand_over(found: HandOver) -> service_pb.HandOver:
    """Returns how a message was handed over."""
    return service_pb.HandOver(
        message_id=str(found.message_id),
        attempt_count=found.attempts,
        last_attempt_time=_time(found.last_attempt_at),
        read_time=_time(found.read_at),
        provider_message_id=found.provider_message_id,
    )


def message(view: View, metadata: Struct | None = None) -> pb.Message:
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
        fallback_of=str(row.fallback_of or ""),
        fallback_message_id=str(row.fallback_message_id or ""),
        digest_message_id=str(row.digest_id or ""),
        recipient_kind=_kind(view),
        hold_time=_time(view.hold.since) if view.hold else None,
        hold_reason=view.hold.reason if view.hold else "",
        correlation_key=row.correlation_key,
        source=row.source,
        created_by=row.created_by,
        batch_id=str(row.batch_id or ""),
        template_name=row.template_name,
        event_id=row.event_id,
        rule=row.rule,
        trigger_type=row.trigger_type,
        automation_run_id=str(row.automation_run_id or ""),
        segment_count=row.segments,
        open_count=row.open_count,
        click_count=row.click_count,
        complain_time=_time(row.complained_at),
        unsubscribe_time=_time(row.unsubscribed_at),
        metadata=metadata,
        attachment_count=row.attachment_count,
        last_attempt_time=_time(row.last_attempt_at),
    )
    if row.wake_at is not None:
        wakes = found.next_retry_time if row.state == State.RETRYING else found.defer_time
        wakes.FromDatetime(row.wake_at)
    if row.cost is not None and row.currency is not None:
        found.cost.CopyFrom(Money(row.currency, row.cost).to_proto())
    return found


def attempt(one: Attempt, tried: Sequence[DeviceTried] = ()) -> pb.Attempt:
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


def content(shown: Shown) -> service_pb.SentContent:
    """Returns what a message said."""
    parts = shown.parts
    return service_pb.SentContent(
        language_code=shown.language,
        subject=parts.get("subject", ""),
        text=parts.get("text", ""),
        html=parts.get("html", ""),
        amp=parts.get("amp", ""),
        parameters=[text for name, text in parts.items() if name.startswith("parameter_")],
        values_removed=shown.values_removed,
    )


def batch(view: BatchView, now: datetime) -> pb.Batch:
    """Returns a batch with how its messages stand."""
    row = view.row
    return pb.Batch(
        batch_id=str(row.batch_id),
        name=row.name,
        state=_batch_state(view, now),
        total_count=row.total,
        accepted_count=row.accepted,
        rejected_count=row.rejected,
        counts=[
            pb.StateCount(state=wire(state), count=count) for state, count in sorted(view.counts.items())
        ],
        created_by=row.created_by,
        create_time=_time(row.created_at),
        cancel_time=_time(row.cancelled_at),
        cancel_reason=row.cancel_reason,
    )


def _batch_state(view: BatchView, now: datetime) -> pb.Batch.State:
    if view.row.cancelled_at is not None:
        return pb.Batch.STATE_CANCELLED
    if view.takes_more(now):
        return pb.Batch.STATE_ACCEPTING
    return pb.Batch.STATE_PROCESSING if view.has_waiting else pb.Batch.STATE_COMPLETED


def _kind(view: View) -> pb.RecipientKind:
    if view.row.is_staff:
        return pb.RECIPIENT_KIND_STAFF
    return pb.RECIPIENT_KIND_CONTACT if view.row.contact_id else pb.RECIPIENT_KIND_ADDRESS


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
