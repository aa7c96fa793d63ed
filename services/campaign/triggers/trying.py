"""Trying a trigger out: what it would send, whether it would, and a test to an address of staff (LIF-19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from angarium.campaign.v1 import trigger_service_pb2 as pb
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.consent.v1.compliance_service_pb2_grpc import ComplianceServiceStub
from angarium.delivery.v1 import message_service_pb2
from services.campaign.blocks.messages import REASON_WORDS
from services.campaign.campaigns import trials
from services.campaign.contacts import handlers as contacts
from services.campaign.contacts.domain import Contact
from services.campaign.staff.domain import StaffMember
from services.campaign.templates import rendering, resolving
from services.campaign.templates.domain import Template, Version
from services.campaign.templates.previewing import Preview, Wanted, preview
from services.campaign.templates.workshop import Workshop
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import Tenant
from services.campaign.triggers import contents, handlers, history, people
from services.campaign.triggers.domain import Config, TriggerNotConfigured, TriggerType
from services.campaign.triggers.firing import spent
from services.campaign.triggers.judging import EMAIL, PHONES, is_cooling, is_reached
from services.campaign.triggers.people import Person
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid
from services.common.idempotency import keyed
from services.common.rpc.client import Channels, as_tenant
from services.common.rpc.context import tenant

_OUTCOMES: Final = {
    consent_pb.OUTCOME_ALLOW: "allow",
    consent_pb.OUTCOME_DEFER: "defer",
    consent_pb.OUTCOME_DENY: "deny",
}


@dataclass(frozen=True, slots=True)
class _Trial:
    """What a test needs, read before anything is asked of others."""

    config: Config
    owner: Tenant
    name: str
    channel: int
    template: Template
    contact: Contact | None
    objection: str
    """What of the trigger stands against writing to the contact; empty when nothing does."""
    members: Sequence[StaffMember]
    mail: tuple[Template, Version] | None
    """What goes to staff: they are reached by e-mail."""


class Trying:
    """Shows what triggers would send; nothing of it is written to their history."""

    def __init__(self, database: Database, channels: Channels, workshop: Workshop) -> None:
        self._database = database
        self._consent = channels.stub(ComplianceServiceStub, "consent")
        self._trials = trials.Trials(channels)
        self._workshop = workshop

    async def test(self, request: pb.TestTriggerRequest) -> pb.TestTriggerResponse:
        """Renders, asks consent, and sends a test where an address of staff is given."""
        tenant_id = tenant()
        async with self._database.tenant(tenant_id) as uow:
            trial = await _gather(uow, request)
        shown = await self._preview(tenant_id, trial)
        decision, reason = await self._decide(tenant_id, trial)

        async def effect(uow: UnitOfWork) -> pb.TestTriggerResponse:
            response = pb.TestTriggerResponse(
                channel=trial.channel,  # type: ignore[arg-type]  # numbered as in the contract
                template_name=trial.name,
                subject=shown.rendered.subject,
                body_text=shown.rendered.text,
                body_html=shown.rendered.html,
                decision=decision,
                would_send=trial.contact is not None and not trial.objection and decision != "deny",
                reason=trial.objection or reason,
            )
            if trial.members:
                [message_id] = await trials.take(uow, 1)
                response.message_id = str(message_id)
                await _record(uow, trial)
            return response

        async with self._database.tenant(tenant_id) as uow:
            answer = await keyed(
                uow, f"{handlers.SERVICE}.TestTrigger", request, pb.TestTriggerResponse, effect
            )
        if answer.message_id:
            await self._send(tenant_id, trial, answer.message_id)
        return answer

    async def _preview(self, tenant_id: UUID, trial: _Trial) -> Preview:
        wanted = Wanted(
            template_id=trial.template.template_id,
            contact_id=trial.contact.contact_id if trial.contact else None,
        )
        return await preview(self._workshop, tenant_id, wanted, {})

    async def _decide(self, tenant_id: UUID, trial: _Trial) -> tuple[str, str]:
        """Returns what consent decides about the contact now, and why; nothing without a contact."""
        contact = trial.contact
        if contact is None:
            return "", ""
        request = consent_pb.EvaluateSendBatchRequest(
            context=consent_pb.EvaluationContext(
                channel=trial.channel,  # type: ignore[arg-type]  # numbered as in the contract
                category=trial.config.definition.category,  # type: ignore[arg-type]
                branch_id=str(contact.branch_id or ""),
                purpose=consent_pb.EVALUATION_PURPOSE_PREVIEW,
            )
        )
        request.items.add(contact_id=str(contact.contact_id), address=_address(contact, trial.channel))
        with as_tenant(tenant_id):
            answer = await self._consent.EvaluateSendBatch(request)
        decision = answer.decisions[0]
        word = _OUTCOMES.get(decision.outcome, "deny")
        return word, "" if word == "allow" else REASON_WORDS[decision.reason]

    async def _send(self, tenant_id: UUID, trial: _Trial, message_id: str) -> None:
        assert trial.mail is not None  # noqa: S101 - without it the test was refused
        template, version = trial.mail
        values: dict[str, Any] = rendering.sample_variables(version, trial.owner)
        content = message_service_pb2.MessageContent(
            channel=EMAIL,  # type: ignore[arg-type]  # as above
            category=template.category,  # type: ignore[arg-type]
            template_version_id=str(version.version_id),
        )
        await self._trials.hand_over(tenant_id, content, trial.name, trial.members, [message_id], values)


async def _gather(uow: UnitOfWork, request: pb.TestTriggerRequest) -> _Trial:
    config = await handlers.of_type(uow, TriggerType(request.trigger_type))
    owner, settings = await tenants.current_settings(uow)
    content = await contents.of(uow, config, owner, settings)
    contact = await contacts.get(uow, UUID(request.contact_id), None) if request.contact_id else None
    person = (await people.known(uow, [contact.contact_id])).get(contact.contact_id) if contact else None  # type: ignore[list-item,arg-type]
    if not content.channels:
        raise TriggerNotConfigured(f"the trigger {config.trigger_type.word} has no template that can be sent")
    reached = [one for one in content.channels if person is not None and is_reached(person, one)]
    channel = (reached or content.channels)[0]
    found = await resolving.named(uow, content.name, channel)
    assert found is not None  # noqa: S101 - it was found to be sendable
    objection = ""
    if person is not None:
        is_open = settings.marketing_enabled and person.branch_markets
        objection = await _objection(uow, config, person, owner, is_open=is_open, is_reached=bool(reached))
    members, mail = [], None
    if request.staff_address:
        members = await trials.owners(uow, [request.staff_address], field="staff_address")
        mail = await resolving.named(uow, content.name, EMAIL)
        if mail is None:
            raise invalid(
                "staff_address",
                f"staff can be reached by e-mail only, and there is no e-mail template {content.name}",
                "INVALID_RECIPIENT",
            )
    return _Trial(config, owner, content.name, channel, found[0], contact, objection, members, mail)


async def _objection(
    uow: UnitOfWork, config: Config, person: Person, owner: Tenant, *, is_open: bool, is_reached: bool
) -> str:
    """Returns what of the trigger stands against writing to a contact now, in the order in which the job looks."""
    if not config.is_enabled:
        return "disabled"
    if not is_open:
        return "marketing_disabled"
    if config.branch_ids and person.branch_id not in config.branch_ids:
        return "branch_excluded"
    key = (person.contact_id, config.trigger_type)
    if is_cooling(config, person, (await history.last_sent(uow, [key])).get(key), uow.now()):
        return "cooldown"
    if await spent(uow, owner, [person.branch_id] if person.branch_id else []):
        return "budget_exceeded"
    return "" if is_reached else "no_address"


async def _record(uow: UnitOfWork, trial: _Trial) -> None:
    await audit.record(
        uow,
        action="trigger.test",
        resource_type="trigger",
        resource_id=trial.config.trigger_type.word,
        before=None,
        after={"staff_ids": [member.staff_id for member in trial.members]},
    )


def _address(contact: Contact, channel: int) -> str:
    if channel == EMAIL:
        return contact.email or ""
    return (contact.phone or "") if channel in PHONES else ""
