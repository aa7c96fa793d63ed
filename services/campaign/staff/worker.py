"""The loop that hands alerts to staff to delivery, each once.

Ids of messages follow from the alert and its reader, so a repeat after a kill is known to delivery and sends nothing.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from google.protobuf.struct_pb2 import Struct

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as delivery_pb
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from services.campaign.staff import alerts, store
from services.campaign.staff.alerts import DueAlert
from services.campaign.staff.domain import Filter, StaffMember
from services.common.db.database import Database
from services.common.errors import PASSING, ServiceError
from services.common.ids import uuid7_of
from services.common.loops import apart, repeat
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 20
WORTH: Final = timedelta(hours=24)
"""How long an alert is worth telling."""
LONGEST_WAIT: Final = timedelta(minutes=10)


class AlertWorker:
    """Hands alerts over; any number of processes may."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._delivery = channels.stub(MessageServiceStub, "delivery")

    async def loop(self, stop: asyncio.Event) -> None:
        """Works until stop is set and what is in hand is finished."""
        await repeat(self.step, stop, "alerts to staff")

    async def step(self) -> bool:
        """Hands over what is due; False when nothing is."""
        async with self._database.system() as uow:
            due = await alerts.claim(uow, LEASE, AT_ONCE)
        await asyncio.gather(*(apart(f"alert {one.alert_id}", self._settle(one), None) for one in due))
        return bool(due)

    async def _settle(self, due: DueAlert) -> None:
        try:
            dropped = await self._hand_over(due)
        except ServiceError as error:
            if error.reason in PASSING:
                wait = backoff(due.attempts, base=timedelta(seconds=1), cap=LONGEST_WAIT)
                async with self._database.tenant(due.tenant_id) as uow:
                    await alerts.postpone(uow, due.alert_id, uow.now() + wait)
                return
            # With this reason delivery has it: it was accepted before, when other people had the role.
            dropped = "" if error.reason == "IDEMPOTENCY_CONFLICT" else error.reason.lower()
        if dropped:
            logger.warning("alert %s to staff is not sent: %s", due.alert_id, dropped)
        async with self._database.tenant(due.tenant_id) as uow:
            await alerts.finish(uow, due.alert_id, dropped)

    async def _hand_over(self, due: DueAlert) -> str:
        """Hands an alert over; returns why it is dropped instead, or nothing."""
        if due.created_at + WORTH <= self._database.clock.now():
            return "expired"
        async with self._database.tenant(due.tenant_id) as uow:
            members = await store.page(uow, Filter(due.role, due.branch_id, active_only=True), limit=1000)
        readers = [one for one in members if one.email and one.is_email_verified]
        if not readers:
            return "nobody_to_tell"
        with as_tenant(due.tenant_id):
            await self._delivery.SendBatch(_request(due, readers))
        return ""


def _request(due: DueAlert, readers: list[StaffMember]) -> delivery_pb.SendBatchRequest:
    request = delivery_pb.SendBatchRequest(
        content=delivery_pb.MessageContent(
            channel=enums_pb2.CHANNEL_EMAIL,
            category=enums_pb2.CATEGORY_STAFF_ALERT,
            template_name=due.template_name,
            priority=enums_pb2.PRIORITY_HIGH,
            origin=message_pb2.ORIGIN_TRANSACTIONAL,
            is_staff=True,
            correlation_id=str(due.alert_id),
        ),
        name=due.template_name,
        idempotency_key=f"staff-alert:{due.alert_id}",
    )
    request.content.expire_time.FromDatetime(due.created_at + WORTH)
    variables = Struct()
    variables.update(due.variables)
    for one in readers:
        request.recipients.add(
            message_id=str(uuid7_of(due.created_at, due.alert_id.bytes, one.staff_id.encode())),
            staff_id=one.staff_id,
            language_code=one.language_code,
            time_zone=one.time_zone,
            variables=variables,
        )
    return request
