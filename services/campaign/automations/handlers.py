"""Use cases of automations: made, read, changed, switched, deleted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from angarium.campaign.v1 import automation_pb2
from angarium.campaign.v1 import automation_service_pb2 as pb
from services.campaign.automations import convert, definitions, runs, store, timetable
from services.campaign.automations.checks import INVALID, UNSAFE, Checks, Problem
from services.campaign.automations.domain import (
    Automation,
    AutomationState,
    Definition,
    OnTime,
    Send,
    Update,
)
from services.campaign.automations.means import Means
from services.campaign.automations.moving import cancel
from services.campaign.automations.program import program_of
from services.campaign.segments import store as segments
from services.campaign.staff import store as staff
from services.campaign.templates import resolving as templates
from services.campaign.tenants import handlers as tenants
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, Violation, aborted, denied, invalid_many, not_found
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.masks import apply_mask
from services.common.paging import cut, page_size, position
from services.common.rpc.context import current_caller, tenant
from services.common.zones import zone

_SERVICE: Final = "AutomationService"
TRIGGER: Final = ("event", "time", "behavior", "api")
MASKABLE: Final = ["name", "trigger", *definitions.DEFINING]
DELETED: Final = "automation_deleted"
DISABLED: Final = "automation_disabled"
_BLOCK: Final = 1000

Found = tuple[Automation, automation_pb2.Automation]


class Automations:
    """What is done for contacts by itself, as it is defined."""

    def __init__(self, database: Database, means: Means, checks: Checks) -> None:
        self._database = database
        self._means = means
        self._checks = checks

    async def create(self, request: pb.CreateAutomationRequest) -> pb.CreateAutomationResponse:
        """Makes an automation; it is checked whole before anything is written."""

        async def effect(uow: UnitOfWork) -> pb.CreateAutomationResponse:
            await tenants.open_tenant(uow)
            given, now = request.automation, uow.now()
            definition = await self._checked(uow, given, given.name)
            is_wished = given.state != automation_pb2.Automation.STATE_DISABLED
            made = Automation(
                automation_id=uuid7(),
                name=given.name,
                definition=definition,
                state=AutomationState.ENABLED if is_wished else AutomationState.DISABLED,
                created_by=current_caller().subject,
                enabled_at=now if is_wished else None,
                created_at=now,
                updated_at=now,
            )
            made = replace(made, next_at=_next(made, now))
            stored = definitions.stored_of(given)
            await store.insert(uow, made, stored)
            await _record(uow, "automation.create", None, made)
            return pb.CreateAutomationResponse(automation=_shown((made, given)))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.CreateAutomation", request, pb.CreateAutomationResponse, effect
            )

    async def get(self, request: pb.GetAutomationRequest) -> pb.GetAutomationResponse:
        """Returns an automation, with an earlier version of what it did when one is asked for."""
        async with self._database.tenant(tenant()) as uow:
            automation, message = await visible(uow, UUID(request.automation_id), archived=True)
            if request.version and request.version != automation.version:
                earlier = await store.shown_version(uow, automation.automation_id, request.version)
                if earlier is None:
                    raise not_found("automation_version", request.version)
                definition, _ = definitions.definition_of(earlier)
                assert definition is not None  # noqa: S101 - it was checked when it was stored
                automation = replace(automation, definition=definition, version=request.version)
                message = earlier
        return pb.GetAutomationResponse(automation=_shown((automation, message)))

    async def page(self, request: pb.ListAutomationsRequest) -> pb.ListAutomationsResponse:
        """Returns a page of automations, newest first."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            rows = await store.page(
                uow,
                state=request.state,
                text=request.text,
                branch_ids=current_caller().own_branches(),
                before=position(request, request.page_token),
                limit=size + 1,
            )
        shown, token = cut(request, rows, size, lambda one: one[0].automation_id)
        return pb.ListAutomationsResponse(automations=map(_shown, shown), next_page_token=token)

    async def update(self, request: pb.UpdateAutomationRequest) -> pb.UpdateAutomationResponse:
        """Changes what the mask names; what runs do changes for new ones alone."""
        paths = apply_mask(request.update_mask, dict.fromkeys(MASKABLE))

        async def effect(uow: UnitOfWork) -> pb.UpdateAutomationResponse:
            known, message = await visible(uow, UUID(request.automation.automation_id), lock=True)
            if request.automation.etag != str(known.edition):
                raise aborted("the automation was changed meanwhile: read it again")
            changed_message = _merged(request, message, paths)
            name = request.automation.name if "name" in paths else known.name
            definition = await self._checked(uow, changed_message, name)
            stored = definitions.stored_of(changed_message)
            is_new = stored != definitions.stored_of(message)
            changed = replace(
                known,
                name=name,
                definition=definition,
                version=known.version + is_new,
                edition=known.edition + 1,
                updated_at=uow.now(),
            )
            if is_new:
                changed = replace(changed, next_at=_next(changed, uow.now()))
                await store.add_version(uow, changed, stored)
            await store.save(uow, changed)
            await _record(uow, "automation.update", known, changed)
            return pb.UpdateAutomationResponse(automation=_shown((changed, changed_message)))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.UpdateAutomation", request, pb.UpdateAutomationResponse, effect
            )

    async def delete(self, request: pb.DeleteAutomationRequest) -> pb.DeleteAutomationResponse:
        """Archives an automation and cancels its runs."""

        async def effect(uow: UnitOfWork) -> pb.DeleteAutomationResponse:
            _, ended = await self._switched(
                uow, request.automation_id, AutomationState.ARCHIVED, "automation.delete", DELETED
            )
            return pb.DeleteAutomationResponse(cancelled_run_count=ended)

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.DeleteAutomation", request, pb.DeleteAutomationResponse, effect
            )

    async def enable(self, request: pb.EnableAutomationRequest) -> pb.EnableAutomationResponse:
        """Lets an automation start runs."""

        async def effect(uow: UnitOfWork) -> pb.EnableAutomationResponse:
            await tenants.open_tenant(uow)
            found, _ = await self._switched(
                uow, request.automation_id, AutomationState.ENABLED, "automation.enable", ""
            )
            return pb.EnableAutomationResponse(automation=_shown(found))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.EnableAutomation", request, pb.EnableAutomationResponse, effect
            )

    async def disable(self, request: pb.DisableAutomationRequest) -> pb.DisableAutomationResponse:
        """Lets an automation start no more runs, and cancels those under way when asked."""

        async def effect(uow: UnitOfWork) -> pb.DisableAutomationResponse:
            found, ended = await self._switched(
                uow,
                request.automation_id,
                AutomationState.DISABLED,
                "automation.disable",
                DISABLED if request.cancel_runs else "",
            )
            return pb.DisableAutomationResponse(automation=_shown(found), cancelled_run_count=ended)

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.DisableAutomation", request, pb.DisableAutomationResponse, effect
            )

    async def _switched(
        self, uow: UnitOfWork, automation_id: str, state: AutomationState, action: str, cancelled: str
    ) -> tuple[Found, int]:
        """Gives an automation a state; with a reason, cancels its runs under way. A repeat changes nothing."""
        known, message = await visible(uow, UUID(automation_id), lock=True)
        after, now = known, uow.now()
        if known.state is not state:
            enabled_at = now if state is AutomationState.ENABLED else None
            after = replace(
                known, state=state, edition=known.edition + 1, enabled_at=enabled_at, updated_at=now
            )
            after = replace(after, next_at=_next(after, now))
            if state is AutomationState.ENABLED:
                await self._checked(uow, message, known.name)
            await store.save(uow, after)
            await _record(uow, action, known, after)
        ended = 0
        while cancelled:
            found = await runs.open_of(uow, automation_id=known.automation_id, limit=_BLOCK)
            ended += await cancel(uow, self._means, found, cancelled)
            if len(found) < _BLOCK:
                break
        return (after, message), ended

    async def _checked(self, uow: UnitOfWork, message: automation_pb2.Automation, name: str) -> Definition:
        """Returns the definition of a message; everything that is wrong with it is told at once."""
        definition, wrong = definitions.definition_of(message)
        assert definition is not None  # noqa: S101 - problems stand beside it
        wrong += self._checks.problems(definition)
        if not name.strip():
            wrong.append(Problem("name", "must be 1 to 100 characters"))
        if not wrong:
            wrong += await _unknown(uow, definition)
        if wrong:
            raise _refusal(wrong)
        own = set(current_caller().own_branches())
        if own and not (definition.branch_ids and set(definition.branch_ids) <= own):
            raise denied("automations of one's own branches only")
        if definition.segment_id and await segments.by_id(uow, definition.segment_id, lock=True) is None:
            raise not_found("segment", definition.segment_id)
        return definition


async def visible(
    uow: UnitOfWork, automation_id: UUID, *, lock: bool = False, archived: bool = False
) -> Found:
    """Returns an automation of the caller's branches; NOT_FOUND for any other (SEC-6)."""
    found = await store.by_id(uow, automation_id, lock=lock)
    own = set(current_caller().own_branches())
    if (
        found is None
        or (own and not own & set(found[0].definition.branch_ids))
        or (found[0].state is AutomationState.ARCHIVED and not archived)
    ):
        raise not_found("automation", automation_id)
    return found


async def _unknown(uow: UnitOfWork, definition: Definition) -> list[Problem]:
    """Returns what a definition names that there is not: templates and staff members."""
    wrong = []
    for node in program_of(definition.actions):
        place = f"{node.place}.{node.deed.word}"
        match node.deed:
            case Send() as send:
                channels = {"channel": send.channel, "fallback_channel": send.fallback_channel}
                for channel in filter(None, channels.values()):
                    if await templates.named(uow, send.template, channel) is None:
                        word = "that can be sent on its channel"
                        wrong.append(Problem(f"{place}.template_name", f"is no template {word}"))
                        break
            case Update() as update:
                named = update.assigned_staff_id
                if named and named not in await staff.by_ids(uow, [named]):
                    wrong.append(Problem(f"{place}.assigned_staff_id", "is no staff member"))
    return wrong


def _refusal(wrong: Sequence[Problem]) -> ServiceError:
    reason = UNSAFE if {one.reason for one in wrong} == {UNSAFE} else INVALID
    return invalid_many([Violation(one.place, one.description) for one in wrong], reason=reason)


def _next(automation: Automation, now: datetime) -> datetime | None:
    """Returns the next planned time of an automation by the clock that is enabled."""
    trigger = automation.definition.trigger
    if not isinstance(trigger, OnTime) or automation.state is not AutomationState.ENABLED:
        return None
    return timetable.after(trigger.cron, zone(trigger.zone), now)


def _merged(
    request: pb.UpdateAutomationRequest, known: automation_pb2.Automation, paths: Sequence[str]
) -> automation_pb2.Automation:
    """Returns a definition with the fields that the mask names as the request has them."""
    merged = automation_pb2.Automation()
    merged.CopyFrom(known)
    for path in paths:
        name = (request.automation.WhichOneof("trigger") or "api") if path == "trigger" else path
        if path == "trigger" and not request.automation.WhichOneof("trigger"):
            merged.ClearField(known.WhichOneof("trigger") or "api")
            continue
        if name == "name":
            continue
        merged.ClearField(name)
        one = automation_pb2.Automation()
        one.CopyFrom(request.automation)
        for field in automation_pb2.Automation.DESCRIPTOR.fields:
            if field.name != name:
                one.ClearField(field.name)
        merged.MergeFrom(one)
    return merged


def _shown(found: Found) -> automation_pb2.Automation:
    return convert.automation_to_proto(*found)


async def _record(uow: UnitOfWork, action: str, before: Automation | None, after: Automation) -> None:
    await audit.record(
        uow,
        action=action,
        resource_type="automation",
        resource_id=after.automation_id,
        before=None if before is None else _audited(before),
        after=_audited(after),
    )


def _audited(automation: Automation) -> dict[str, object]:
    return {
        "name": automation.name,
        "state": automation.state.name.lower(),
        "version": automation.version,
        "kind": automation.definition.kind.name.lower(),
    }
