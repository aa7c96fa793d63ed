"""Decisions between the contract and the domain."""

from collections.abc import Sequence
from uuid import UUID

from angarium.consent.v1 import compliance_service_pb2 as pb
from services.common.errors import Violation, invalid_many
from services.common.wire import length, tag
from services.consent.decisions.block import Block, EvaluationPurpose, UsageKey
from services.consent.decisions.categories import CATEGORIES, STAFF, Channel
from services.consent.decisions.facts import Decision
from services.consent.decisions.verdicts import Answer, StoredDecision, Verdict, stored_checks
from services.consent.words import (
    CATEGORY,
    CHANNEL,
    DECISION_REASON,
    FREQUENCY,
    OUTCOME,
    PURPOSE,
    instant,
    text_of,
    timestamp,
    uuid_or_none,
)

MAX_ITEMS = 1000
_MAX_ADDRESS = 320
_ID = 36


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


def _block(context: pb.EvaluationContext, items: Sequence[pb.EvaluationItem], field: str) -> Block:
    category = CATEGORIES[CATEGORY.word(context.category)]
    violations: list[Violation] = []
    contacts = _ids([item.contact_id for item in items], field, violations)
    messages = _ids([item.message_id for item in items], field, violations)
    addresses = [item.address for item in items]
    if max(map(len, addresses)) > _MAX_ADDRESS:
        addresses = [address if len(address) <= _MAX_ADDRESS else "" for address in addresses]
    usages: list[UsageKey | None] = []
    for place, item in enumerate(items):
        usage = _usage(item.usage) if item.HasField("usage") else None
        usages.append(usage)
        if usage is not None and min(usage) < 0:
            violations.append(Violation(f"{_place(field, place)}.usage", "is not valid"))
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
        purpose=EvaluationPurpose(PURPOSE.word(context.purpose)),
        campaign_id=uuid_or_none(context.campaign_id),
        is_digest=context.is_digest,
    )


def _ids(texts: Sequence[str], field: str, violations: list[Violation]) -> list[bytes | None]:
    """Returns ids as their bytes, None for empty ones; a block has thousands, so the usual spelling is read at once."""
    if not any(texts):
        return [None] * len(texts)
    joined = "".join(texts)
    dashes = "-" * len(texts)
    if len(joined) == _ID * len(texts) and all(joined[place::_ID] == dashes for place in (8, 13, 18, 23)):
        try:
            raw = bytes.fromhex(joined.replace("-", ""))
        except ValueError:
            raw = b""
        if len(raw) == 16 * len(texts):
            return [raw[start : start + 16] for start in range(0, len(raw), 16)]
    return [_id(text, place, field, violations) for place, text in enumerate(texts)]


def _id(text: str, place: int, field: str, violations: list[Violation]) -> bytes | None:
    if not text:
        return None
    try:
        found = bytes.fromhex(text.replace("-", "")) if len(text) == _ID else b""
    except ValueError:
        found = b""
    if len(found) != 16:
        violations.append(Violation(f"{_place(field, place)}.contact_id or message_id", "is not valid"))
    return found


def _place(field: str, place: int) -> str:
    return f"{field}[{place}]" if field else "request"


def _usage(usage: pb.Usage) -> UsageKey:
    # Who does not count 24 hours is held to seven days, which are never fewer.
    recent = usage.marketing_24_hours if usage.HasField("marketing_24_hours") else usage.marketing_week
    return usage.sent_today, usage.marketing_today, usage.marketing_week, recent


def batch(answer: Answer, *, explain: bool) -> pb.EvaluateSendBatchResponse:
    """Returns the decisions of a block as its answer.

    People share verdicts, so each verdict is written once and what is a person's own is appended to its bytes: a
    message is the fields that stand in it, in any order.
    """
    written: dict[int, bytes] = {}
    parts: list[bytes] = []
    tokens, ids = answer.tokens, answer.decision_ids
    for place, verdict in enumerate(answer.verdicts):
        body = written.get(id(verdict))
        if body is None:
            body = written[id(verdict)] = _decision(verdict, explain=explain).SerializeToString()
        token = tokens.get(place)
        if token is not None:
            body += _TOKEN_TAG + length(len(token)) + token.encode()
        decision_id = ids.get(place)
        if decision_id is not None:
            body += _ID_TAG + str(decision_id).encode()
        parts += (_DECISION_TAG, length(len(body)), body)
    return pb.EvaluateSendBatchResponse.FromString(b"".join(parts))


_DECISION_TAG = tag(pb.EvaluateSendBatchResponse, "decisions")
_TOKEN_TAG = tag(pb.Decision, "unsubscribe_token")
_ID_TAG = tag(pb.Decision, "decision_id") + length(_ID)


def single(answer: Answer, *, explain: bool) -> pb.Decision:
    """Returns the decision of a block of one."""
    return batch(answer, explain=explain).decisions[0]


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
        digest_frequency=FREQUENCY.number(decision.frequency if decision.reason == "digest" else None),  # type: ignore[arg-type]
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
            jurisdictions=verdict.jurisdictions.split(),
        ),
        contact_id=text_of(found.contact_id),
        message_id=text_of(found.message_id),
        channel=CHANNEL.number(found.channel),  # type: ignore[arg-type]
        category=CATEGORY.number(found.category),  # type: ignore[arg-type]
        evaluate_time=timestamp(found.evaluated_for),
        create_time=timestamp(found.created_at),
        branch_id=text_of(found.branch_id),
    )


def stored_page(rows: Sequence[StoredDecision], next_page_token: str) -> pb.ListDecisionsResponse:
    """Returns a page of stored decisions."""
    return pb.ListDecisionsResponse(decisions=map(stored, rows), next_page_token=next_page_token)


def decision_key(found: StoredDecision) -> UUID:
    """Returns what pages of decisions are ordered by."""
    return found.decision_id
