"""Use cases of triggers: how they are used, turned on and off, and what they did."""

from dataclasses import asdict, replace
from uuid import UUID

from angarium.campaign.v1 import trigger_service_pb2 as pb
from services.campaign.branches import store as branches
from services.campaign.campaigns import store as campaigns
from services.campaign.campaigns.domain import Kind
from services.campaign.tenants import handlers as tenants
from services.campaign.triggers import anchors, configs, contents, convert, history
from services.campaign.triggers.domain import (
    Config,
    Timing,
    TriggerNotConfigured,
    TriggerType,
    problems,
)
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, aborted, denied, invalid, invalid_many, not_found
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.common.paging import cut, page_size, position
from services.common.rpc.context import current_caller, tenant

SERVICE = "TriggerService"
NOWHERE = UUID(int=0)


class Configs:
    """How a tenant uses its triggers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def every(self, request: pb.ListTriggerConfigsRequest) -> pb.ListTriggerConfigsResponse:
        """Returns all triggers, or a page of them."""
        size, after = page_size(request.page_size), position(request, request.page_token)
        async with self._database.tenant(tenant()) as uow:
            found = [one for one in (await configs.every(uow)).values() if _place(one) > (after or NOWHERE)]
            shown, token = cut(request, found, size, _place)
            names = [await contents.name_of(uow, one) for one in shown]
        return pb.ListTriggerConfigsResponse(
            configs=[convert.config_to_proto(*pair) for pair in zip(shown, names, strict=True)],
            next_page_token=token,
        )

    async def get(self, request: pb.GetTriggerConfigRequest) -> pb.GetTriggerConfigResponse:
        """Returns one trigger."""
        async with self._database.tenant(tenant()) as uow:
            found = await of_type(uow, TriggerType(request.trigger_type))
            name = await contents.name_of(uow, found)
        return pb.GetTriggerConfigResponse(config=convert.config_to_proto(found, name))

    async def update(self, request: pb.UpdateTriggerConfigRequest) -> pb.UpdateTriggerConfigResponse:
        """Changes what the mask names; everything is checked before anything is written."""
        paths = apply_mask(request.update_mask, convert.MASKABLE)

        async def effect(uow: UnitOfWork) -> pb.UpdateTriggerConfigResponse:
            await tenants.open_tenant(uow)
            known = await of_type(uow, TriggerType(request.config.trigger_type), lock=True)
            if request.config.etag != str(known.version):
                raise aborted("the trigger was changed meanwhile: read it again")
            wanted = convert.changed(known, request.config, paths)
            changed, _ = await _change(uow, known, wanted)
            name = await contents.name_of(uow, changed)
            return pb.UpdateTriggerConfigResponse(config=convert.config_to_proto(changed, name))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{SERVICE}.UpdateTriggerConfig", request, pb.UpdateTriggerConfigResponse, effect
            )

    async def enable(self, request: pb.EnableTriggerRequest) -> pb.EnableTriggerResponse:
        """Turns a trigger on."""

        async def effect(uow: UnitOfWork) -> pb.EnableTriggerResponse:
            changed, _, name = await _turn(uow, TriggerType(request.trigger_type), is_on=True)
            return pb.EnableTriggerResponse(config=convert.config_to_proto(changed, name))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{SERVICE}.EnableTrigger", request, pb.EnableTriggerResponse, effect)

    async def disable(self, request: pb.DisableTriggerRequest) -> pb.DisableTriggerResponse:
        """Turns a trigger off."""

        async def effect(uow: UnitOfWork) -> pb.DisableTriggerResponse:
            changed, voided, name = await _turn(uow, TriggerType(request.trigger_type), is_on=False)
            shown = convert.config_to_proto(changed, name)
            return pb.DisableTriggerResponse(config=shown, voided_count=voided)

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{SERVICE}.DisableTrigger", request, pb.DisableTriggerResponse, effect)

    async def history(self, request: pb.ListTriggerHistoryRequest) -> pb.ListTriggerHistoryResponse:
        """Returns a page of what triggers did, newest first."""
        size = page_size(request.page_size)
        wanted = convert.filter_from_proto(request, tuple(map(str, current_caller().own_branches())))
        async with self._database.tenant(tenant()) as uow:
            rows = await history.page(uow, wanted, position(request, request.page_token), size + 1)
        shown, token = cut(request, rows, size, lambda one: one.history_id)
        return pb.ListTriggerHistoryResponse(
            entries=map(convert.entry_to_proto, shown), next_page_token=token
        )


def _place(config: Config) -> UUID:
    """Returns where a trigger stands in their list."""
    return UUID(int=int(config.trigger_type))


async def of_type(uow: UnitOfWork, trigger_type: TriggerType, *, lock: bool = False) -> Config:
    """Returns a trigger of the tenant; NOT_FOUND when there is no such tenant."""
    found = await configs.one(uow, trigger_type, lock=lock)
    if found is None:
        raise not_found("trigger", trigger_type.word)
    return found


async def _turn(uow: UnitOfWork, trigger_type: TriggerType, *, is_on: bool) -> tuple[Config, int, str]:
    await tenants.open_tenant(uow)
    known = await of_type(uow, trigger_type, lock=True)
    changed, voided = await _change(uow, known, replace(known, is_enabled=is_on))
    return changed, voided, await contents.name_of(uow, changed)


async def _change(uow: UnitOfWork, known: Config, wanted: Config) -> tuple[Config, int]:
    """Writes a change of a trigger whose row is locked; returns it, and how many occurrences became void."""
    if wanted == known:
        return known, 0
    if current_caller().own_branches():
        raise denied("triggers are the whole tenant's: callers of branches may look at them")
    if wrong := [Violation(f"config.{name}", text) for name, text in problems(wanted)]:
        raise invalid_many(wrong)
    await _check_references(uow, known, wanted)
    if wanted.is_enabled and not known.is_enabled:
        await _check_usable(uow, wanted)
        wanted = replace(wanted, enabled_at=uow.now())
    elif not wanted.is_enabled:
        wanted = replace(wanted, enabled_at=None)
    changed = replace(
        wanted, version=known.version + 1, updated_by=current_caller().subject, updated_at=uow.now()
    )
    await configs.save(uow, changed)
    voided = await _follow(uow, known, changed)
    await _record(uow, known, changed)
    return changed, voided


async def _follow(uow: UnitOfWork, known: Config, changed: Config) -> int:
    """Lets what waits follow a change; returns how many occurrences became void."""
    if not changed.is_enabled:
        return await anchors.void(uow, [changed.trigger_type])
    if changed.timing is not Timing.DELAY:
        await anchors.make_anew(uow)
    elif changed.delay_minutes != known.delay_minutes or changed.send_time != known.send_time:
        await anchors.look_now(uow, changed.trigger_type)
    return 0


async def _check_references(uow: UnitOfWork, known: Config, wanted: Config) -> None:
    """Refuses what a trigger names and the tenant does not have, or cannot send by."""
    if wanted.branch_ids != known.branch_ids:
        found = await branches.by_ids(uow, wanted.branch_ids)
        for branch_id in wanted.branch_ids:
            if branch_id not in found:
                raise not_found("branch", branch_id)
    if wanted.campaign_id is not None and wanted.campaign_id != known.campaign_id:
        campaign = await campaigns.by_id(uow, wanted.campaign_id)
        if campaign is None:
            raise not_found("campaign", wanted.campaign_id)
        if campaign.kind is not Kind.TRIGGER:
            raise invalid("config.campaign_id", "must be a campaign of kind trigger")
    moved = (wanted.template_id, wanted.channel) != (known.template_id, known.channel)
    if wanted.template_id is not None and moved:
        await _check_template(uow, wanted, wanted.template_id)


async def _check_template(uow: UnitOfWork, wanted: Config, template_id: UUID) -> None:
    """Refuses a template that is not active, of marketing, on the channel and, for WhatsApp, approved (LIF-17)."""
    template = await contents.chosen(uow, template_id)
    if template is None:
        raise not_found("template", template_id)
    if template.channel != wanted.channel:
        raise invalid("config.template_id", "must be on the trigger's channel")
    version = await contents.active(uow, template)
    found = [*contents.problems(template, version)]
    if version is not None and (waiting := await contents.unapproved(uow, template, version)):
        found.append(f"is not approved by WhatsApp in {', '.join(waiting)}")
    if found:
        raise invalid_many([Violation("config.template_id", text) for text in found])


async def _check_usable(uow: UnitOfWork, wanted: Config) -> None:
    """Refuses to turn on what has nothing to send (LIF-18, LIF-88)."""
    owner, settings = await tenants.current_settings(uow)
    if not (await contents.of(uow, wanted, owner, settings)).channels:
        raise TriggerNotConfigured(
            f"the trigger {wanted.trigger_type.word} has no active marketing template"
            f" {await contents.name_of(uow, wanted) or '(the chosen one is gone)'} on its channel or its fallback"
        )


async def _record(uow: UnitOfWork, known: Config, changed: Config) -> None:
    before, after = asdict(known), asdict(changed)
    names = [name for name in convert.MASKABLE.values() if before[name] != after[name]]
    await audit.record(
        uow,
        action="trigger.update",
        resource_type="trigger",
        resource_id=changed.trigger_type.word,
        before={name: _plain(before[name]) for name in names},
        after={name: _plain(after[name]) for name in names},
    )


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return value if isinstance(value, (str, int, bool)) or value is None else str(value)
