"""Use cases of runs: started by a call, listed, shown step by step, cancelled."""

from typing import Final
from uuid import UUID

import orjson

from angarium.campaign.v1 import automation_service_pb2 as pb
from services.campaign.automations import convert, definitions, runs, starting, store
from services.campaign.automations.checks import INVALID
from services.campaign.automations.domain import AutomationState, Kind, RunState
from services.campaign.automations.handlers import visible
from services.campaign.automations.means import Means
from services.campaign.automations.moving import cancel
from services.campaign.automations.records import Run
from services.campaign.automations.starting import Cause
from services.campaign.contacts import scope
from services.campaign.contacts import store as contacts
from services.campaign.tenants import handlers as tenants
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid, not_found
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.paging import cut, page_size, position
from services.common.rpc.context import current_caller, tenant

_SERVICE: Final = "AutomationService"
MOST_DATA: Final = 32 * 1024
CANCELLED: Final = "cancelled_by_person"


class Runs:
    """What automations do for contacts."""

    def __init__(self, database: Database, means: Means) -> None:
        self._database = database
        self._means = means

    async def trigger(self, request: pb.TriggerAutomationRequest) -> pb.TriggerAutomationResponse:
        """Starts runs for contacts; the same key starts none again."""
        data = definitions.plain(request.data)
        if len(orjson.dumps(data)) > MOST_DATA:
            raise invalid("data", "at most 32 KB as JSON")

        async def effect(uow: UnitOfWork) -> pb.TriggerAutomationResponse:
            await tenants.open_tenant(uow)
            automation, _ = await visible(uow, UUID(request.automation_id))
            if automation.definition.kind is not Kind.API:
                raise invalid("automation_id", "is not started by calls", reason=INVALID)
            if automation.state is not AutomationState.ENABLED:
                raise invalid("automation_id", "is not enabled", reason=INVALID)
            key = request.idempotency_key or str(uuid7())
            ids = [UUID(one) for one in request.contact_ids]
            causes = [Cause(key, one, data) for one in ids]
            made = await starting.start(uow, self._means, automation, causes)
            begun = {one.contact_id: one for one in made if one.state is not RunState.SKIPPED}
            return pb.TriggerAutomationResponse(
                run_ids=[str(begun[one].run_id) for one in ids if one in begun],
                skipped_contact_ids=[str(one) for one in ids if one not in begun],
            )

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.TriggerAutomation", request, pb.TriggerAutomationResponse, effect
            )

    async def page(self, request: pb.ListAutomationRunsRequest) -> pb.ListAutomationRunsResponse:
        """Returns a page of runs, newest first."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            rows = await runs.page(
                uow,
                automation_id=UUID(request.automation_id) if request.automation_id else None,
                contact_id=UUID(request.contact_id) if request.contact_id else None,
                state=request.state,
                branch_ids=current_caller().own_branches(),
                before=position(request, request.page_token),
                limit=size + 1,
            )
        shown, token = cut(request, rows, size, lambda one: one.run_id)
        return pb.ListAutomationRunsResponse(runs=map(convert.run_to_proto, shown), next_page_token=token)

    async def get(self, request: pb.GetAutomationRunRequest) -> pb.GetAutomationRunResponse:
        """Returns a run with all its steps."""
        async with self._database.tenant(tenant()) as uow:
            run = await _visible(uow, UUID(request.run_id))
            _, program = (await store.programs(uow, [(run.automation_id, run.version)]))[
                run.automation_id, run.version
            ]
            steps = await runs.steps_of(uow, [run.run_id])
        return pb.GetAutomationRunResponse(
            run=convert.run_to_proto(run), steps=convert.steps_to_proto(run, program, steps)
        )

    async def cancel(self, request: pb.CancelAutomationRunRequest) -> pb.CancelAutomationRunResponse:
        """Ends a run; one that ended stays as it is."""

        async def effect(uow: UnitOfWork) -> pb.CancelAutomationRunResponse:
            run = await _visible(uow, UUID(request.run_id), lock=True)
            if await cancel(uow, self._means, [run], CANCELLED):
                await audit.record(
                    uow,
                    action="automation.cancel_run",
                    resource_type="automation_run",
                    resource_id=run.run_id,
                    before=None,
                    after={"automation_id": str(run.automation_id)},
                )
            return pb.CancelAutomationRunResponse(run=convert.run_to_proto(run))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.CancelAutomationRun", request, pb.CancelAutomationRunResponse, effect
            )


async def _visible(uow: UnitOfWork, run_id: UUID, *, lock: bool = False) -> Run:
    """Returns a run of a contact that the caller sees; NOT_FOUND for any other."""
    run = await runs.by_id(uow, run_id, lock=lock)
    if run is None:
        raise not_found("automation_run", run_id)
    if current_caller().own_branches():
        contact = await contacts.by_key(uow, contact_id=run.contact_id) if run.contact_id else None
        if contact is None or not scope.is_own(contact.branch_id, current_caller()):
            raise not_found("automation_run", run_id)
    return run
