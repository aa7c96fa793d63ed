"""Calls of partners on their way to delivery, whose queue makes them, and what became of them (LIF-69)."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from google.protobuf.struct_pb2 import Struct

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import webhook_service_pb2 as pb
from angarium.delivery.v1.delivery_events_pb2 import WebhookCallSettled
from angarium.delivery.v1.webhook_service_pb2_grpc import WebhookServiceStub
from services.campaign.automations import causes, placeholders, runs, store
from services.campaign.automations.acting import GONE, contact_values
from services.campaign.automations.domain import StepState, Webhook
from services.campaign.automations.means import Means
from services.campaign.automations.moving import Settled, settle
from services.campaign.automations.records import Run, Step
from services.campaign.automations.sending import run_values
from services.campaign.contacts import store as contacts
from services.campaign.contacts.domain import Contact, ContactState
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.errors import PASSING, ServiceError
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 50
LONGEST_PAUSE: Final = timedelta(minutes=10)

_CLAIM: Final = """
UPDATE automation_step s SET due_at = %(until)s, attempts = s.attempts + 1 FROM (
    SELECT tenant_id, run_id, index FROM automation_step
    WHERE state = 1 AND call_id IS NOT NULL AND due_at <= %(now)s
    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) AS next
WHERE s.tenant_id = next.tenant_id AND s.run_id = next.run_id AND s.index = next.index
RETURNING s.tenant_id, s.run_id, s.index, s.attempts
"""


class Due(NamedTuple):
    """A call that is to be handed over."""

    tenant_id: UUID
    run_id: UUID
    number: int
    attempts: int


class Calls:
    """Hands calls over; any number of processes may, and a repeat is known to delivery."""

    def __init__(self, database: Database, channels: Channels, means: Means) -> None:
        self._database = database
        self._delivery = channels.stub(WebhookServiceStub, "delivery")
        self._means = means

    async def step(self) -> bool:
        """Hands over what is due; False when nothing is."""
        async with self._database.system() as uow:
            now = uow.now()
            rows = await uow.fetch_all(_CLAIM, {"now": now, "until": now + LEASE, "limit": AT_ONCE})
        for due in (Due(*row) for row in rows):
            try:
                await self._hand_over(due)
            except Exception as error:
                if is_outage(error):
                    raise
                # It comes again when its lease ends, as long as its run waits for it.
                logger.warning("a call of run %s is not handed over", due.run_id, exc_info=error)
        return bool(rows)

    async def _hand_over(self, due: Due) -> None:
        async with self._database.tenant(due.tenant_id) as uow:
            request = await self._request(uow, due)
        if request is None:
            return
        try:
            with as_tenant(due.tenant_id):
                answer = await self._delivery.CallWebhook(request)
        except ServiceError as error:
            await self._refused(due, error)
            return
        async with self._database.tenant(due.tenant_id) as uow:
            found = await _waiting(uow, due.run_id, index=due.number)
            if found is None:
                return
            run, step = found
            step.due_at, step.handed_at = None, uow.now()
            step.result = {**step.result, "webhook_subscription_id": answer.webhook_subscription_id}
            await causes.note(uow, [(str(step.call_id), [*run.ancestry, run.automation_id])])
            await runs.save_steps(uow, [step])

    async def _request(self, uow: UnitOfWork, due: Due) -> pb.CallWebhookRequest | None:
        """Returns what is called; None when the run is over, or its contact is gone, which ends the step."""
        found = await _waiting(uow, due.run_id, index=due.number)
        if found is None:
            return None
        run, step = found
        contact = await contacts.by_key(uow, contact_id=run.contact_id) if run.contact_id else None
        carried_out = (await store.programs(uow, [(run.automation_id, run.version)]))[
            run.automation_id, run.version
        ]
        if contact is None or contact.state is ContactState.ERASED:
            await settle(uow, run, carried_out, step, Settled(StepState.FAILED, error=GONE))
            return None
        deed = carried_out[1][step.index].deed
        assert isinstance(deed, Webhook)  # noqa: S101 - the step's own kind
        data = (await self._means.data_of(uow, [run]))[run.run_id]
        request = pb.CallWebhookRequest(
            call_id=str(step.call_id),
            contact_id=str(contact.contact_id),
            url=deed.url,
            headers=dict(deed.headers),
            data=_payload(deed, run, contact, data),
        )
        request.occur_time.FromDatetime(step.started_at)
        return request

    async def _refused(self, due: Due, error: ServiceError) -> None:
        """Ends a step that delivery refused; lets one wait that could not be handed over."""
        async with self._database.tenant(due.tenant_id) as uow:
            found = await _waiting(uow, due.run_id, index=due.number)
            if found is None:
                return
            run, step = found
            if error.reason in PASSING:
                step.due_at = uow.now() + backoff(due.attempts, cap=LONGEST_PAUSE)
                await runs.save_steps(uow, [step])
                return
            logger.warning("a call of run %s was refused: %s", run.run_id, error.reason)
            carried_out = (await store.programs(uow, [(run.automation_id, run.version)]))[
                run.automation_id, run.version
            ]
            failed = Settled(StepState.FAILED, error=error.reason.lower())
            await settle(uow, run, carried_out, step, failed)


async def settled(uow: UnitOfWork, _envelope: EventEnvelope, payload: WebhookCallSettled) -> None:
    """Moves the run on whose call arrived, or was given up."""
    run_id = await uow.fetch_value(
        "SELECT run_id FROM automation_step WHERE tenant_id = %s AND call_id = %s",
        (uow.tenant_id, payload.call_id),
    )
    found = await _waiting(uow, run_id, call_id=UUID(payload.call_id)) if run_id else None
    if found is None:
        return
    run, step = found
    result = {"response_status": payload.response_status, "attempt_count": payload.attempt_count}
    carried_out = (await store.programs(uow, [(run.automation_id, run.version)]))[
        run.automation_id, run.version
    ]
    outcome = (
        Settled(StepState.DONE, result)
        if payload.is_delivered
        else Settled(StepState.FAILED, result, error=payload.error_class or "failed")
    )
    await settle(uow, run, carried_out, step, outcome)


async def _waiting(
    uow: UnitOfWork, run_id: UUID, *, index: int | None = None, call_id: UUID | None = None
) -> tuple[Run, Step] | None:
    """Locks a run and returns the step at which it waits for a call; None when it does so no more."""
    run = await runs.by_id(uow, run_id, lock=True)
    if run is None or not run.state.is_open:
        return None
    steps = await runs.steps_of(uow, [run_id], pending=True)
    for step in steps:
        if step.index == run.current_step and (step.index == index or (call_id and step.call_id == call_id)):
            return run, step
    return None


def _payload(deed: Webhook, run: Run, contact: Contact, data: Mapping[str, Any]) -> Struct:
    values = {"contact": contact_values(contact), "data": data, "run": run_values(run)}
    told = Struct()
    if deed.payload:
        told.update(placeholders.filled(deed.payload, values))
    else:
        told.update({"run": values["run"], "contact_id": str(contact.contact_id), "data": dict(data)})
    return told
