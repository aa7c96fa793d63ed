"""What the answers of providers mean: one outcome for each message, and what is learned of accounts and domains."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.addresses import canonical_email
from services.common.clock import Clock
from services.common.privacy import mask_email, mask_phone
from services.common.security.hashing import address_hash
from services.common.security.keys import KeySet
from services.common.templating.sms import count_sms
from services.common.turns import in_turns
from services.delivery import providers
from services.delivery.accounts.domains import Heard, domain_of
from services.delivery.accounts.health import Lesson, Observation
from services.delivery.dispatch import measures, pushing
from services.delivery.dispatch.domain import Result, RetryPolicy, Try, settle
from services.delivery.dispatch.loading import Item
from services.delivery.dispatch.outcomes import Outcome, Tariff
from services.delivery.dispatch.parcels import Answered, Parcel
from services.delivery.dispatch.rendering import Rendered
from services.delivery.messages.announce import Report
from services.delivery.messages.domain import Channel, State
from services.delivery.providers.base import masked, stored_name

BY_DOMAIN: Final = "smtp"
"""The provider behind which the servers of recipients answer, each domain for itself."""

_PUT_OFF: Final = frozenset({providers.Code.RATE_LIMITED, providers.Code.MAILBOX_UNAVAILABLE})

OTHER_ACCOUNT: Final = timedelta(seconds=1)
SAME_ACCOUNT: Final = timedelta(seconds=15)

_RESULTS: Final = {
    providers.Result.ACCEPTED: Result.ACCEPTED,
    providers.Result.RETRYABLE: Result.RETRYABLE,
    providers.Result.PERMANENT: Result.PERMANENT,
    providers.Result.UNKNOWN: Result.UNKNOWN,
}


class Answers:
    """Reads what providers answered, by the one retry policy."""

    def __init__(
        self, clock: Clock, policy: RetryPolicy, hash_keys: KeySet, unknown_recheck: timedelta
    ) -> None:
        self._clock = clock
        self._policy = policy
        self._hash_keys = hash_keys
        self._unknown_recheck = unknown_recheck

    async def of(
        self,
        tenant_id: UUID,
        parcel: Parcel,
        answers: dict[UUID, providers.Outcome],
        failure: str,
        tariff: Tariff | None,
    ) -> Answered:
        """Returns one outcome for each message of a parcel; one the provider did not speak of is unknown."""
        account = parcel.account
        now = self._clock.now()
        outcomes = []
        reports = {}
        faults, fault_code = 0, ""
        heard = Heard()
        silence = failure or "the provider did not say"
        async for part in in_turns(parcel.items):
            for item in part:
                answer = answers.get(item.uuid) or providers.Outcome(
                    item.uuid, providers.Result.UNKNOWN, "adapter_failed", silence
                )
                outcome = self._outcome(item, answer, parcel, now)
                outcomes.append(outcome)
                if account.provider == BY_DOMAIN:
                    _listen(heard, item, answer)
                if answer.provider_fault and not (
                    account.provider == BY_DOMAIN and answer.code == providers.Code.RATE_LIMITED
                ):
                    faults, fault_code = faults + 1, answer.code
                if outcome.report:
                    reports[item.message_id] = self._report(tenant_id, item, outcome)
        counts = Counter(one.state for one in outcomes)
        for state, count in counts.items():
            measures.settled(parcel.items[0].content.channel, account.provider, state, count)
        seen = Observation(counts[State.SENT], faults, fault_code)
        lesson = Lesson(sorted(heard.accepted), heard.deferred((providers.Code.RATE_LIMITED,)))
        return Answered(outcomes, reports, seen, tariff, lesson)

    def _outcome(self, item: Item, answer: providers.Outcome, parcel: Parcel, now: datetime) -> Outcome:
        if answer.result is providers.Result.ACCEPTED:
            return Outcome(
                item,
                Result.ACCEPTED,
                State.SENT,
                answer.code,
                masked(answer.reason) if answer.reason else "",
                stored_name(answer.provider_message_id),
                segments=_segments(item, parcel.rendered),
            )
        result = _RESULTS[answer.result]
        if answer.code == providers.Code.CREDENTIALS:
            # The account is at fault, not the message: it moves on and keeps its tries (DEL-77).
            later = OTHER_ACCOUNT if parcel.alternatives else SAME_ACCOUNT
            due = min(now + later, item.expire_at)
            return Outcome(
                item,
                Result.RETRYABLE,
                State.RETRYING,
                answer.code,
                masked(answer.reason) if answer.reason else "",
                wake_at=due,
                is_try=False,
            )
        done = Try(
            item.attempt - item.series_start,
            item.content.lane,
            item.expire_at,
            answer.retry_after,
            answer.recipient_fault,
            is_code_unknown=not answer.code,
        )
        settled = settle(result, done, self._policy, now)
        wake_at = now + self._unknown_recheck if settled.state is State.UNKNOWN else settled.wake_at
        return Outcome(
            item,
            result,
            settled.state,
            answer.code,
            masked(answer.reason) if answer.reason else "",
            stored_name(answer.provider_message_id),
            wake_at,
            settled.dead_letter,
            _report_word(answer) if settled.state is State.FAILED else "",
            segments=_segments(item, parcel.rendered),
        )

    def _report(self, tenant_id: UUID, item: Item, outcome: Outcome) -> Report:
        channel = item.content.channel
        address = item.recipient.address
        is_mail = channel is Channel.EMAIL
        canonical = _canonical(address) if is_mail else address
        return Report(
            item.message_id,
            item.contact_id,
            address_hash(self._hash_keys, tenant_id, channel.name.lower(), canonical),
            self._hash_keys.current[0],
            mask_email(address) if is_mail else mask_phone(address),
            outcome.code,
        )


def _listen(heard: Heard, item: Item, answer: providers.Outcome) -> None:
    """Notes what the servers of a recipient's domain said; a full mailbox is no matter of its domain."""
    domain = domain_of(item.recipient.address)
    if answer.result is providers.Result.ACCEPTED:
        heard.accepted[domain] += 1
    elif answer.result is providers.Result.RETRYABLE and (
        answer.code in _PUT_OFF or answer.code.startswith("smtp_4")
    ):
        heard.put_off[domain][answer.code] += 1


def _report_word(answer: providers.Outcome) -> str:
    """Returns what consent is told of a recipient; empty when nothing is wrong with them."""
    if not answer.recipient_fault or answer.code == pushing.NO_DEVICE:
        # A device that is gone is delivery's own business (CON-66).
        return ""
    return "opted_out" if answer.code == providers.Code.OPTED_OUT else "invalid"


def _segments(item: Item, rendered: Rendered) -> int:
    """Returns how many segments a text takes as it leaves; everything else is one message."""
    if item.content.channel is not Channel.SMS:
        return 1
    return count_sms(rendered.content.join(item.slots, "text")).segments


def _canonical(address: str) -> str:
    try:
        return canonical_email(address)
    except ValueError:
        # It was accepted under older rules; its outcome is recorded all the same.
        return address.lower()
