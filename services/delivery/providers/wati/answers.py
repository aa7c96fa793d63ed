"""What WATI's answers say of each recipient: a request may succeed and leave some of them out."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.delivery.providers import phones
from services.delivery.providers.base import Code, Outcome, Outgoing, Result
from services.delivery.providers.http import Answer
from services.delivery.providers.meanings import Meaning, number, weighed
from services.delivery.providers.meta.codes import meaning_of

INVALID = number()


def outcomes(outgoing: Sequence[Outgoing], answer: Answer, latency: float) -> list[Outcome]:
    """The outcomes of a request's messages, in their order; whoever an answer leaves out is unknown."""
    found = answer.json()
    if answer.failure or answer.status not in (200, 202):
        return [_refused(one, answer, found, latency) for one in outgoing]
    if not found:
        # What cannot be read was taken all the same; nobody knows for whom.
        return [_unknown(one, latency, "the answer cannot be read") for one in outgoing]
    listed = found.get("receivers") or found.get("recipients")
    if not isinstance(listed, list):
        if found.get("result") is False or found.get("success") is False:
            return [_refused(one, answer, found, latency) for one in outgoing]
        return [_taken(one, part(found, "message"), latency) for one in outgoing]
    receivers = [one for one in listed if isinstance(one, dict)]
    by_name = {_value(one, "localMessageId", "local_message_id"): one for one in receivers}
    by_number = {_value(one, "waId", "phone_number", "target"): one for one in receivers}
    result = []
    for one in outgoing:
        own = by_name.get(str(one.message_id)) or by_number.get(phones.digits(one.address))
        if own is None:
            result.append(_unknown(one, latency, "the answer leaves the recipient out"))
        else:
            result.append(_of_receiver(one, own, answer, latency))
    return result


def part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within an answer, the answer itself when there is none."""
    value = found.get(name)
    return value if isinstance(value, dict) else found


def _of_receiver(one: Outgoing, own: Mapping[str, Any], answer: Answer, latency: float) -> Outcome:
    errors = [error for error in own.get("errors") or () if error]
    is_valid = own.get("isValidWhatsAppNumber", own.get("is_valid_whatsapp_number", True))
    if is_valid and not errors:
        return _taken(one, own, latency)
    outcome = Outcome(one.message_id, Result.PERMANENT, Code.REQUEST_REFUSED, latency=latency)
    code = next((error.get("code") for error in errors if isinstance(error, dict)), None)
    meaning: Meaning | None = meaning_of(code) if code is not None else None
    if meaning is not None or not is_valid:
        weighed(outcome, meaning or INVALID, answer)
    outcome.reason = f"refused {str(code)[:20] if code is not None else ''}".strip()
    return outcome


def _taken(one: Outgoing, own: Mapping[str, Any], latency: float) -> Outcome:
    name = _value(own, "localMessageId", "local_message_id", "id", "messageId")
    return Outcome(
        one.message_id, Result.ACCEPTED, provider_message_id=name or str(one.message_id), latency=latency
    )


def _unknown(one: Outgoing, latency: float, reason: str) -> Outcome:
    return Outcome(one.message_id, Result.UNKNOWN, Code.UNREADABLE_ANSWER, reason, latency=latency)


def _refused(one: Outgoing, answer: Answer, found: Mapping[str, Any], latency: float) -> Outcome:
    outcome = answer.outcome(one.message_id, latency)
    if answer.failure:
        return outcome
    error = part(found, "error")
    code = error.get("code")
    meaning = meaning_of(code) if isinstance(code, int | str) else None
    if meaning is not None:
        weighed(outcome, meaning, answer)
    elif outcome.result is Result.ACCEPTED:
        # It says that it failed, whatever its status: nobody knows the reason, so it is tried once more (DEL-82).
        outcome.result = Result.RETRYABLE
    outcome.provider_message_id = ""
    outcome.reason = f"{answer.status} {str(code)[:20] if code is not None else ''}".strip()
    return outcome


def _value(found: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = found.get(name)
        if isinstance(value, str) and value:
            return value[:200]
    return ""
