"""Errors for callers who would rather have no message than a late one (SEC-92, SEC-99): others' messages are deferred."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, exhausted
from services.common.reasons import DECISION_REASONS
from services.delivery.limits import volume
from services.delivery.messages.domain import CRITICAL, Content, Refused, State, Verdict
from services.delivery.messages.parts import Part

_SOON: Final = timedelta(seconds=30)


def check(parts: Iterable[Part]) -> None:
    """Raises Refused for what is to leave later anyway."""
    if any(part.block.content.is_scheduled for part in parts):
        raise Refused(("refuse_deferral", "is only for what leaves at once"))


def by_consent(parts: Sequence[Part], unanswered: Sequence[Part], now: datetime) -> ServiceError | None:
    """Returns why a call's messages could not leave now by what consent says; None when they could."""
    for part in parts:
        if part.verdict is not None and part.verdict.state is State.DEFERRED:
            return _deferred(part.verdict, now)
        if any(part is one for one in unanswered):
            return ServiceError("COMPLIANCE_UNAVAILABLE", "consent could not be asked", retry_after=_SOON)
    return None


async def by_volume(uow: UnitOfWork, parts: Sequence[Part]) -> ServiceError | None:
    """Returns the error of a tenant whose volume is used up, where that holds messages of a call back (DEL-69)."""
    contents = [part.block.content for part in parts if part.verdict is None or not part.verdict.reason]
    for channel in {one.channel for one in contents if _is_held_back(one)}:
        if until := await volume.next_room(uow, channel, uow.now()):
            return exhausted(
                "TENANT_VOLUME_LIMIT", "the tenant has sent as much as it may", until - uow.now()
            )
    return None


def _is_held_back(content: Content) -> bool:
    return content.is_marketing and content.category not in CRITICAL


def _deferred(verdict: Verdict, now: datetime) -> ServiceError:
    until = verdict.defer_until or now + _SOON
    if reason := DECISION_REASONS.get(verdict.reason):
        return exhausted(reason, "the recipient has got as much as they may", until - now)
    return ServiceError(
        "OUTSIDE_SEND_WINDOW",
        "the message could not leave now",
        metadata={"reason": verdict.reason, "until": until.isoformat()},
    )
