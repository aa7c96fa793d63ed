"""Explaining a message by what was kept of its decisions, or one that nobody sends by what would be decided (W2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from angarium.delivery.v1 import explain_service_pb2 as pb
from services.common.errors import ServiceError, not_found
from services.common.rpc.context import Caller
from services.common.templating import PlainTrail, TemplateError
from services.delivery.accounts import internal
from services.delivery.accounts import store as accounts
from services.delivery.compliance.client import Decision as Consents
from services.delivery.compliance.client import Kept, Outcome, Person, Question
from services.delivery.dispatch.rendering import values_of
from services.delivery.explain import domain, records, store
from services.delivery.explain.domain import Decision, Explained, Gate, Moment, Said
from services.delivery.explain.records import Pass
from services.delivery.messages import history, views
from services.delivery.messages.domain import Category, Channel, MessageClass, State, class_of
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.history import Attempt
from services.delivery.messages.views import Row, View

CLOCKS: Final = timedelta(minutes=1)
"""How far the clocks of consent and of a worker may differ."""

_TRAIL: Final = PlainTrail()
_SAID: Final = {Outcome.ALLOW: Said.PASSED, Outcome.DENY: Said.REFUSED, Outcome.DEFER: Said.DEFERRED}
_OF_STATE: Final = {int(State.DEFERRED): Said.DEFERRED, 0: Said.PASSED}
_OF_ATTEMPT: Final = {
    1: (Said.PASSED, "took it"),
    2: (Said.DEFERRED, "refused it for now"),
    3: (Said.REFUSED, "refused it"),
    4: (Said.PASSED, "did not say whether it took it"),
}


@dataclass(frozen=True, slots=True)
class Explanations:
    """What explaining needs."""

    acceptance: Acceptance
    default_zone: ZoneInfo


async def explain(
    deps: Explanations, caller: Caller, tenant_id: UUID, request: pb.ExplainSendRequest
) -> Explained:
    """Returns why a message went or did not, or what would become of one that is only thought of."""
    if request.WhichOneof("subject") == "what_if":
        return await what_if(deps, tenant_id, request.what_if)
    return await message(deps, caller, tenant_id, UUID(request.message_id))


async def message(deps: Explanations, caller: Caller, tenant_id: UUID, message_id: UUID) -> Explained:
    """Returns why a message went or did not; NOT_FOUND also for another tenant's or branch's."""
    known = deps.acceptance
    branches = [UUID(branch) for branch in sorted(caller.branch_ids)] or None
    async with known.database.tenant(tenant_id) as uow:
        view = await views.find(uow, known.envelope, message_id, branches)
        passes = await records.of_message(uow, view.row.content_id, view.row.position) if view else []
        attempts = await history.attempts(uow, view.row) if view else []
    if view is None:
        return await _left_out(deps, caller, tenant_id, message_id)
    kept = await known.compliance.kept(tenant_id, message_id)
    decisions = _decisions(passes, kept, attempts)
    if (
        not decisions
        and view.row.reason
        and view.row.state in (State.SKIPPED, State.EXPIRED, State.CANCELLED)
    ):
        decisions = [_by_reason(view.row)]
    return Explained(str(message_id), view.state, _reason(view), decisions)


async def _left_out(deps: Explanations, caller: Caller, tenant_id: UUID, message_id: UUID) -> Explained:
    """Returns why a campaign left somebody out before there was a message; NOT_FOUND when consent knows of nobody."""
    kept = await deps.acceptance.compliance.kept(tenant_id, message_id)
    if caller.branch_ids:
        kept = [one for one in kept if one.branch_id in caller.branch_ids]
    if not kept:
        raise not_found("message", message_id)
    decisions = [_choosing(one) for one in kept]
    return Explained(str(message_id), State.SKIPPED, decisions[-1].reason, decisions)


def _choosing(one: Kept) -> Decision:
    """Returns the decision by which somebody was not chosen; nothing behind its gates was reached."""
    said, reason, until = _SAID[one.decision.outcome], one.decision.reason, one.decision.defer_until
    gates = domain.behind(domain.of_checks(one.decision.checks, until), {}, reason, said, until)
    return Decision(Moment.ACCEPTANCE, one.decided_at, said, reason, gates)


def _reason(view: View) -> str:
    return view.row.reason or ""


def _decisions(passes: Sequence[Pass], kept: Sequence[Kept], attempts: Sequence[Attempt]) -> list[Decision]:
    """Returns decisions, each with what consent said right before it and what the provider said behind it."""
    left = list(kept)
    tried = iter(attempts)
    found = []
    for one in passes:
        before = [other for other in left if other.decided_at <= one.decided_at + CLOCKS]
        asked = not one.is_acceptance and _was_asked(one)
        consents = before[0].decision if asked and before else None
        if consents is not None:
            left.remove(before[0])
        attempt = next(tried, None) if one.seen.state == 0 else None
        found.append(_decision(one, consents, attempt))
    return found


def _was_asked(one: Pass) -> bool:
    """Returns whether consent was asked: not where the message was stopped before."""
    if one.seen.state == 0 or domain.is_consents(one.seen.reason):
        return True
    kind, _ = domain.stopped_by(one.seen.reason)
    return kind in (domain.Kind.TEMPLATE, domain.Kind.PROVIDER)


def _decision(one: Pass, consents: Consents | None, attempt: Attempt | None) -> Decision:
    seen = one.seen
    said = _OF_STATE.get(seen.state, Said.REFUSED)
    until = datetime.fromisoformat(seen.until) if seen.until else None
    if one.is_acceptance and seen.checks:
        gates = domain.of_checks(seen.checks)
    elif consents is not None and consents.checks:
        gates = domain.of_checks(consents.checks, consents.defer_until)
    elif said is Said.PASSED:
        gates = [Gate(kind, word, Said.PASSED) for kind, word in domain.CHECKS.values()]
    else:
        gates = domain.of_reason(seen.reason, said, until)
    facts = _facts(one, attempt)
    whole = domain.behind(gates, facts, seen.reason, said, until)
    if one.is_acceptance:
        # What follows is looked at when the message is about to leave.
        whole = tuple(
            gate._replace(said=Said.NOT_REACHED, fact="") if (gate.kind, gate.check) in domain.LAST else gate
            for gate in whole
        )
    if attempt is not None:
        outcome, _ = _OF_ATTEMPT[attempt.outcome]
        whole = tuple(gate._replace(said=outcome) if gate.check == "provider" else gate for gate in whole)
    moment = Moment.ACCEPTANCE if one.is_acceptance else Moment.SENDING
    return Decision(moment, one.decided_at, said, seen.reason, whole)


def _facts(one: Pass, attempt: Attempt | None) -> dict[str, str]:
    """Returns what delivery's own gates saw, in words."""
    seen = one.seen
    facts = {
        "volume": "no limit" if one.volume is None else f"room for {one.volume} of the messages in hand",
        "template": seen.code
        if seen.reason.startswith("template") or seen.reason.startswith("media")
        else "rendered",
        "rates": "within all limits",
        "provider": seen.reason if not seen.provider else seen.provider,
    }
    if seen.usage:
        today, marketing, week = seen.usage
        facts["rates"] = (
            f"had {today} on the channel today, {marketing} marketing today and {week} in seven days"
        )
    if attempt is not None:
        _, words = _OF_ATTEMPT[attempt.outcome]
        code = f": {attempt.code}" if attempt.code else ""
        facts["provider"] = f"{seen.provider} {words}{code}"
    return facts


def _by_reason(row: Row) -> Decision:
    """Returns a decision of which only the reason is left."""
    reason = row.reason or ""
    gates = domain.behind(domain.of_reason(reason, Said.REFUSED), {}, reason, Said.REFUSED)
    return Decision(
        Moment.ACCEPTANCE if row.stopped_at == row.created_at else Moment.SENDING,
        row.stopped_at or row.created_at,
        Said.REFUSED,
        reason,
        gates,
    )


# What nobody sends


async def what_if(deps: Explanations, tenant_id: UUID, asked: pb.WhatIf) -> Explained:
    """Returns what would be decided now; nothing is reserved, rendered for anybody or sent."""
    known = deps.acceptance
    now = known.clock.now()
    channel, category = Channel(asked.channel), Category(asked.category)
    contact_id = UUID(asked.contact_id) if asked.contact_id else None
    async with known.database.tenant(tenant_id) as uow:
        midnight = now.astimezone(deps.default_zone).replace(hour=0, minute=0, second=0, microsecond=0)
        had = await store.usage(uow, contact_id, int(channel), midnight, now) if contact_id else (0, 0, 0, 0)
        volume = await store.volume(uow, int(channel), now)
    question = Question(channel, category, UUID(asked.branch_id) if asked.branch_id else None)
    person = Person(asked.contact_id, asked.address, "", *had)
    (consents,) = await known.compliance.explain(tenant_id, question, [person])
    facts = {
        "rates": f"had {had[0]} on the channel today, {had[1]} marketing today and {had[2]} in seven days",
        "volume": _volume(volume),
    }
    said, reason = _SAID[consents.outcome], consents.reason
    if said is Said.PASSED:
        held = class_of(category) is MessageClass.MARKETING and volume is not None and _is_full(volume)
        if held:
            said, reason = Said.DEFERRED, "tenant_volume"
    if said is Said.PASSED and asked.template_version_id:
        reason, facts["template"] = await _rendered(deps, tenant_id, asked)
        said = Said.REFUSED if reason else said
    if said is Said.PASSED:
        account = internal.BY_CHANNEL.get(channel) or await accounts.first(known.database, tenant_id, channel)
        if account is None:
            said, reason = Said.REFUSED, "provider_not_configured"
        facts["provider"] = account.provider if account is not None else "no account for the channel"
    gates = domain.of_checks(consents.checks, consents.defer_until)
    whole = domain.behind(gates, facts, reason, said, consents.defer_until)
    return Explained("", None, reason, [Decision(Moment.WHAT_IF, now, said, reason, whole)])


def _is_full(volume: store.Volume) -> bool:
    pairs = ((volume.daily, volume.used_today), (volume.monthly, volume.used_this_month))
    return any(limit is not None and (used or 0) >= limit for limit, used in pairs)


def _volume(volume: store.Volume | None) -> str:
    if volume is None:
        return "no limit"
    parts = [
        f"{used or 0} of {limit} {word}"
        for limit, used, word in (
            (volume.daily, volume.used_today, "today"),
            (volume.monthly, volume.used_this_month, "this month"),
        )
        if limit is not None
    ]
    return ", ".join(parts) or "no limit"


async def _rendered(deps: Explanations, tenant_id: UUID, asked: pb.WhatIf) -> tuple[str, str]:
    """Returns the reason why a template cannot be rendered, empty when it can, and what was seen."""
    try:
        template = await deps.acceptance.templates.get(tenant_id, UUID(asked.template_version_id))
    except ServiceError as error:
        if error.reason != "NOT_FOUND":
            raise
        return "template_not_found", "there is no such version"
    language = template.language_of(asked.language_code)
    if language is None:
        return "template_render_failed", "no_language"
    variables: dict[str, object] = dict(values_of(asked.variables))
    variables.setdefault("tenant", {"name": template.sender.tenant_name})
    variables.setdefault("contact", {})
    try:
        content = await template.compiled(language)
        content.render_slots(variables, _TRAIL, deps.default_zone)
    except TemplateError as error:
        return "template_render_failed", error.reason.lower()
    return "", f"{template.version.name} renders in {language}"
