"""What the fields of events may hold: each name has one meaning in all events (EVT-1, EVT-2, EVT-5)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.campaign.intake import values
from services.campaign.intake.notation import Field
from services.common.errors import Violation

PERSON: Final = "person"
PEOPLE: Final = frozenset({PERSON, "from", "to", "organizer", "payee", "buyer", "seller"})
"""Fields that hold a person."""

USER_SYNONYMS: Final = ("customer_id", "recipient")
"""Other names of user_id (EVT-2); camel case comes on top."""


# Every name stands once; the rest is text.
_CHECKS: Final[Mapping[str, values.Check]] = {
    field: check
    for check, fields in {
        values.whole: "amount total_amount amount_due price total paid_amount remaining ticket_count ticket_quantity quantity"
        " attempt minutes_left position wait_minutes paid_count total_count failures tax_year points balance",
        values.truth: "is_partial payment_required refund_required minted refund_available operational is_full",
        values.currency: "currency",
        values.moment: "next_retry_at evidence_due_at timestamp expires_at delivered_at event_date date transferred_at"
        " admitted_at expired_at at access_expires_at start_at completed_at finalized_at starts_at occurred_at",
        values.day: "arrival next_billing_date expires_on",
        values.url: "retry_url tracking_url reset_url verification_url access_url download_url link",
        values.pay_url: "pay_url",
        values.email: "email old_email new_email",
        values.phone: "phone",
        values.language: "language",
        values.time_zone: "time_zone event_time_zone zone",
        values.items: "items services categories refunds",
        values.words: "ticket_refs coupon_codes tags",
        values.mapping: "changes audience figures branding attributes",
        values.anything: "staff branch names schedule segment template image birthday anniversary",
        values.external_id: "user_id",
        values.identifier: "order_id payment_id intent_id payment_intent_id refund_id operator_id dispute_id invoice_id"
        " event_ref ticket_ref ref reservation_id transfer_id group_id member_id payout_id escrow_id appointment_id"
        " visit_id membership_id package_id batch_id cart_ref order_number reference branch_id staff_id",
        values.name: "first_name last_name",
        values.long_text: "body",
    }.items()
    for field in fields.split()
}


def check_of(field: str) -> values.Check:
    """Returns the check of a field's name."""
    return _CHECKS.get(field, values.text)


def camel(field: str) -> str:
    """Returns a field's name in camel case."""
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


def taken(data: dict[str, Any], field: Field) -> Any:
    """Takes a field's value out of data, by any of its names; what is empty is absent."""
    found: Any = None
    synonyms = (*field.synonyms, *(USER_SYNONYMS if field.name == "user_id" else ()))
    for known in (field.name, *synonyms):
        for key in (known, camel(known)):
            if key in data and (found is None or key == field.name):
                value = data.pop(key)
                found = value if value not in (None, "") else found
    return found


def checked(
    given: Mapping[str, Any], fields: tuple[Field, ...], path: str, violations: list[Violation]
) -> dict[str, Any]:
    """Returns an object with its fields in snake case and checked; what is wrong is added to `violations`.

    What the catalogue does not name stays as it is.
    """
    data = dict(given)
    found: dict[str, Any] = {}
    for field in fields:
        names = (field, *(Field(other) for other in field.others))
        known = [(one, value) for one in names if (value := taken(data, one)) is not None]
        if not known and field.required:
            violations.append(Violation(f"{path}.{field.name}", "is needed"))
        for one, value in known:
            try:
                found[one.name] = _value(one, value, f"{path}.{one.name}", violations)
            except ValueError as error:
                violations.append(Violation(f"{path}.{one.name}", str(error)))
    return {**data, **found}


def _value(field: Field, value: Any, path: str, violations: list[Violation]) -> Any:
    if field.is_list:
        return [
            checked(values.mapping(one), field.fields, f"{path}[{index}]", violations)
            for index, one in enumerate(values.items(value))
        ]
    if field.name in PEOPLE:
        return person(value, field, path, violations)
    if field.fields:
        return checked(values.mapping(value), field.fields, path, violations)
    return check_of(field.name)(value)


_PERSON_FIELDS: Final = tuple(
    Field(known, required=False)
    for known in ("email", "phone", "name", "first_name", "last_name", "language", "time_zone")
)
PERSON_NAMES: Final = ("user_id", *(one.name for one in _PERSON_FIELDS))


def person(value: Any, field: Field, path: str, violations: list[Violation]) -> dict[str, Any]:
    """Returns a person of an event; a bare id is one too."""
    given = {"user_id": value} if isinstance(value, (str, int)) else values.mapping(value)
    asked = {one.name: one for one in field.fields}
    by_staff = field.name == "payee" and (given.get("staff_id") or given.get("staffId"))
    fields = (
        Field("user_id", required=not by_staff),
        *((Field("staff_id"),) if by_staff else ()),
        *(asked.get(one.name, one) for one in _PERSON_FIELDS),
    )
    found = checked(given, fields, path, violations)
    if len(found.get("name", "")) > values.LONGEST_NAME:
        violations.append(Violation(f"{path}.name", f"must have at most {values.LONGEST_NAME} characters"))
    return found


def gathered(data: dict[str, Any], fields: tuple[Field, ...]) -> Any:
    """Takes a person out of data in which their fields stand beside the event's own (EVT-2)."""
    own = {one.name for one in fields}
    found: dict[str, Any] = {}
    for known in PERSON_NAMES:
        if known not in own and (value := taken(data, Field(known))) is not None:
            if known == "user_id" and isinstance(value, dict):
                return value
            found[known] = value
    return found if "user_id" in found else None


def addresses_in(value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Yields every object in data that may name somebody, with the key under which it does."""
    if isinstance(value, list):
        for one in value:
            yield from addresses_in(one)
    elif isinstance(value, dict):
        for key in ("user_id", "email", "phone", "old_email", "new_email"):
            if isinstance(value.get(key), str):
                yield value, key
        for one in value.values():
            yield from addresses_in(one)
