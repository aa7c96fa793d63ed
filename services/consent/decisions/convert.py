"""Decisions between the contract and the domain."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from angarium.consent.v1 import compliance_service_pb2 as pb
from services.common.errors import Violation, invalid_many
from services.consent.decisions.block import Block, UsageKey
from services.consent.decisions.categories import CATEGORIES, STAFF, Channel
from services.consent.decisions.facts import Decision
from services.consent.decisions.verdicts import Answer, StoredDecision, Verdict, stored_checks
from services.consent.words import (
    CATEGORY,
    CHANNEL,
    DECISION_REASON,
    OUTCOME,
    PURPOSE,
    instant,
    text_of,
    timestamp,
    uuid_or_none,
)

MAX_ITEMS = 1000
_MAX_ADDRESS = 320


def single_block(request: pb.EvaluateSendRequest) -> Block:
    """Returns the question about one person as a block of one."""
    subject = request.subject
    item = pb.EvaluationItem(
        contact_id=subject.contact_id,
        # A bare address is its own address.
        address=request.address or subject.address,
        message_id=request.message_id,
    )
    if request.HasField("usage"):
        item.usage.CopyFrom(request.usage)
    return _block(request.context, [item], "")


def batch_block(request: pb.EvaluateSendBatchRequest) -> Block:
    """Returns the question about a block of people; VALIDATION_FAILED names every item that has no shape."""
    if not 1 <= len(request.items) <= MAX_ITEMS:
        raise invalid_many([Violation("items", f"must be 1 to {MAX_ITEMS} items")])
    return _block(request.context, request.items, "items")


def _block(context: pb.EvaluationContext, items: Iterable[pb.EvaluationItem], field: str) -> Block:
    category = CATEGORIES[CATEGORY.word(context.category)]
    contacts: list[bytes | None] = []
    addresses: list[str] = []
    messages: list[bytes | None] = []
    usages: list[UsageKey | None] = []
    violations: list[Violation] = []
    for item in items:
        try:
            contacts.append(_id(item.contact_id))
            messages.append(_id(item.message_id))
            usages.append(_usage(item.usage) if item.HasField("usage") else None)
        except ValueError as error:
            place = f"{field}[{len(addresses)}]" if field else "request"
            violations.append(Violation(f"{place}.{error}", "is not valid"))
        address = item.address
        addresses.append(address if len(address) <= _MAX_ADDRESS else "")
    if category.group == STAFF and any(contacts):
        violations.append(Violation("context.category", "is for staff, never for contacts"))
    if violations:
        raise invalid_many(violations)
    channel: Channel = CHANNEL.word(context.channel)  # type: ignore[assignment]
    return Block(
        channel=channel,
        category=category,
        contacts=contacts,
        addresses=addresses,
        messages=messages,
        usages=usages,
        branch_id=uuid_or_none(context.branch_id),
        at=instant(context.evaluate_time) if context.HasField("evaluate_time") else None,
        expires_at=instant(context.expire_time) if context.HasField("expire_time") else None,
        is_send=PURPOSE.word(context.purpose) == "send",
        campaign_id=uuid_or_none(context.campaign_id),
    )


def _id(text: str) -> bytes | None:
    """Returns an id as its bytes; a block has thousands, and UUID objects would cost more than looking them up."""
    if not text:
        return None
    found = bytes.fromhex(text.replace("-", "")) if len(text) == 36 else b""
    if len(found) != 16:
        raise ValueError("contact_id or message_id")
    return found


def _usage(usage: pb.Usage) -> UsageKey:
    key = usage.sent_today, usage.marketing_today, usage.marketing_week
    if min(key) < 0:
        raise ValueError("usage")
    return key


def decisions(answer: Answer, *, explain: bool) -> list[pb.Decision]:
    """Returns the decisions of a block; people who share a verdict share one conversion."""
    shared: dict[int, pb.Decision] = {}
    found: list[pb.Decision] = []
    tokens, ids = answer.tokens, answer.decision_ids
    for place, verdict in enumerate(answer.verdicts):
        model = shared.get(id(verdict))
        if model is None:
            model = shared[id(verdict)] = _decision(verdict, explain=explain)
        token = tokens.get(place)
        if token is None and not ids:
            found.append(model)
            continue
        one = pb.Decision()
        one.CopyFrom(model)
        if token is not None:
            one.unsubscribe_token = token
        if ids:
            one.decision_id = str(ids[place])
        found.append(one)
    return found


def _decision(verdict: Verdict, *, explain: bool) -> pb.Decision:
    decision = verdict.decision
    return pb.Decision(
        outcome=OUTCOME.number(decision.outcome),  # type: ignore[arg-type]
        reason=DECISION_REASON.number(decision.reason),  # type: ignore[arg-type]
        defer_time=timestamp(decision.defer_until),
        checks=_checks(decision) if explain else (),
        time_zone=decision.time_zone,
        language_code=verdict.language,
        jurisdictions=decision.jurisdictions,
        caps=pb.Caps(
            marketing_daily=verdict.marketing_daily,
            marketing_weekly=verdict.marketing_weekly,
            channel_daily=verdict.channel_daily,
        ),
    )


def _checks(decision: Decision) -> list[pb.CheckResult]:
    return [
        pb.CheckResult(
            check=one.check,  # type: ignore[arg-type]
            outcome=OUTCOME.number(one.finding.outcome),  # type: ignore[arg-type]
            detail=one.finding.detail,
            defer_time=timestamp(one.finding.until),
        )
        for one in decision.checks
    ]


def stored(found: StoredDecision) -> pb.StoredDecision:
    """Returns a stored decision with its checks."""
    verdict = found.verdict
    checks = [
        pb.CheckResult(check=number, outcome=OUTCOME.number(outcome), detail=detail)  # type: ignore[arg-type]
        for number, outcome, detail in stored_checks(verdict)
    ]
    return pb.StoredDecision(
        decision=pb.Decision(
            decision_id=str(found.decision_id),
            outcome=OUTCOME.number(verdict.outcome),  # type: ignore[arg-type]
            reason=DECISION_REASON.number(verdict.reason),  # type: ignore[arg-type]
            defer_time=timestamp(verdict.defer_until),
            checks=checks,
            time_zone=verdict.time_zone,
        ),
        contact_id=text_of(found.contact_id),
        message_id=text_of(found.message_id),
        channel=CHANNEL.number(found.channel),  # type: ignore[arg-type]
        category=CATEGORY.number(found.category),  # type: ignore[arg-type]
        evaluate_time=timestamp(found.evaluated_for),
        create_time=timestamp(found.created_at),
    )


def stored_page(rows: Sequence[StoredDecision], next_page_token: str) -> pb.ListDecisionsResponse:
    """Returns a page of stored decisions."""
    return pb.ListDecisionsResponse(decisions=map(stored, rows), next_page_token=next_page_token)


def decision_key(found: StoredDecision) -> UUID:
    """Returns what pages of decisions are ordered by."""
    return found.decision_id
