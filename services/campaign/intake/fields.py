"""What the fields of events may hold: each name has one meaning in all events (EVT-1, EVT-2, EVT-5)."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from services.campaign.intake.notation import Field
from services.common.addresses import canonical_email, parse_phone
from services.common.errors import Violation
from services.common.zones import zone

Check = Callable[[Any], Any]
"""Returns a value as it is kept; ValueError says what it must be."""

PERSON: Final = "person"
PEOPLE: Final = frozenset({PERSON, "from", "to", "organizer", "payee", "buyer", "seller"})
"""Fields that hold a person."""

USER_SYNONYMS: Final = ("customer_id", "recipient")
"""Other names of user_id (EVT-2); camel case comes on top."""

LONGEST_ID: Final = 200
LONGEST_NAME: Final = 100
LONGEST_TEXT: Final = 2_000
LONGEST_BODY: Final = 20_000
LONGEST_URL: Final = 2_048
LONGEST_LIST: Final = 10_000
LARGEST: Final = 10**15
SHORTEST_TOKEN: Final = 20
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
BARE_LINK: Final = "must carry a token, not an id alone"

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CURRENCY: Final = re.compile(r"[A-Za-z]{3}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_PHONE: Final = re.compile(r"[0-9 ()./-]{4,40}")


class BadValueError(ValueError):
    """Says what a value must be."""


def text(value: Any) -> str:
    """Checks a text."""
    return _text(value, LONGEST_TEXT)


def long_text(value: Any) -> str:
    """Checks the text of an announcement."""
    return _text(value, LONGEST_BODY)


def name(value: Any) -> str:
    """Checks the name of a person."""
    return _text(value, LONGEST_NAME)


def identifier(value: Any) -> str:
    """Checks an id of a neighbour; whole numbers are ids too."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value, LONGEST_ID)


def external_id(value: Any) -> str:
    """Checks the id by which a neighbour knows a person."""
    found = identifier(value)
    if len(found) > 100:
        raise BadValueError("must have at most 100 characters")
    return found


def whole(value: Any) -> int:
    """Checks a count, or an amount in minor units."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValueError("must be a whole number; amounts are in minor units")
    if not 0 <= value <= LARGEST:
        raise BadValueError("must lie between 0 and 10^15")
    return value


def truth(value: Any) -> bool:
    """Checks a yes or no."""
    if not isinstance(value, bool):
        raise BadValueError("must be true or false")
    return value


def currency(value: Any) -> str:
    """Checks a currency, ISO 4217."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise BadValueError("must be three letters (ISO 4217)")
    return value.upper()


def moment(value: Any) -> str:
    """Checks an instant and returns it in UTC."""
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None or len(value) < len("2026-01-01T00:00Z"):
            raise BadValueError
        return stamped(found)
    except (TypeError, ValueError, OverflowError):
        raise BadValueError("must be an instant with its offset, such as 2026-05-01T18:00:00Z") from None


def stamped(instant: datetime) -> str:
    """Returns an instant as data holds it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(value: Any) -> str:
    """Checks a day, or an instant."""
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        try:
            return moment(value)
        except ValueError:
            raise BadValueError("must be a day such as 2026-05-01, or an instant") from None


def url(value: Any) -> str:
    """Checks a link: http or https, of ordinary length, without credentials."""
    found = _text(value, LONGEST_URL)
    try:
        parts = urlsplit(found)
        is_link = parts.scheme in ("https", "http") and parts.hostname and parts.username is None
        _ = parts.port
    except ValueError:
        is_link = False
    if not is_link or "\\" in found or " " in found:
        raise BadValueError("must be an https link without credentials")
    return found


def pay_url(value: Any) -> str:
    """Checks a link to pay by: it carries a token of the payment side, a bare id opens it for nobody (EVT-63)."""
    found = url(value)
    if not tokens(found):
        raise BadValueError(BARE_LINK)
    return found


def tokens(link: str) -> set[str]:
    """Returns the parts of a link that can be secrets."""
    parts = urlsplit(link)
    words = (*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query)), parts.fragment)
    return set(filter(_is_token, words))


def _is_token(word: str) -> bool:
    """Returns whether a part of a link can be a secret: long, of letters and digits, and not written as a UUID is.

    32 hexadecimal digits may be drawn: whether they are an id that the event names is for the caller to see.
    """
    if len(word) < SHORTEST_TOKEN or len(set(word)) < 10 or _UUID.fullmatch(word):
        return False
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))


def email(value: Any) -> str:
    """Checks an e-mail address; it is kept as it was given."""
    found = _text(value, LONGEST_TEXT).strip()
    canonical_email(found)
    return found


def phone(value: Any) -> str:
    """Checks a phone number; a national one is read later, with the tenant's region."""
    found = _text(value, 40).strip()
    if found.startswith("+"):
        return parse_phone(found)
    if not _PHONE.fullmatch(found):
        raise BadValueError("is not a phone number")
    return found


def language(value: Any) -> str:
    """Checks a language, BCP 47."""
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise BadValueError("must be a language such as en or pt-BR")
    return value


def time_zone(value: Any) -> str:
    """Checks a zone of the IANA list."""
    zone(_text(value, 100))
    return str(value)


def items(value: Any) -> list[Any]:
    """Checks a list."""
    if not isinstance(value, list):
        raise BadValueError("must be a list")
    if len(value) > LONGEST_LIST:
        raise BadValueError(f"must have at most {LONGEST_LIST} items")
    return value


def words(value: Any) -> list[str]:
    """Checks a list of ids or words."""
    return [identifier(one) for one in items(value)]


def mapping(value: Any) -> dict[str, Any]:
    """Checks an object."""
    if not isinstance(value, dict):
        raise BadValueError("must be an object")
    return value


def anything(value: Any) -> Any:
    """Takes a value as it is."""
    return value


# Every name stands once; the rest is text.
_CHECKS: Final[Mapping[str, Check]] = {
    field: check
    for check, fields in {
        whole: "amount total_amount amount_due price total paid_amount remaining ticket_count ticket_quantity quantity"
        " attempt minutes_left position wait_minutes paid_count total_count failures tax_year points balance",
        truth: "is_partial payment_required refund_required minted refund_available operational is_full",
        currency: "currency",
        moment: "next_retry_at evidence_due_at timestamp expires_at delivered_at event_date date transferred_at"
        " admitted_at expired_at at access_expires_at start_at completed_at finalized_at starts_at occurred_at",
        day: "arrival next_billing_date expires_on",
        url: "retry_url tracking_url reset_url verification_url access_url download_url link",
        pay_url: "pay_url",
        email: "email old_email new_email",
        phone: "phone",
        language: "language",
        time_zone: "time_zone event_time_zone zone",
        items: "items services categories refunds",
        words: "ticket_refs coupon_codes tags",
        mapping: "changes audience figures branding attributes",
        anything: "staff branch names schedule segment template image birthday anniversary",
        external_id: "user_id",
        identifier: "order_id payment_id intent_id payment_intent_id refund_id operator_id dispute_id invoice_id"
        " event_ref ticket_ref ref reservation_id transfer_id group_id member_id payout_id escrow_id appointment_id"
        " visit_id membership_id package_id batch_id cart_ref order_number reference branch_id staff_id",
        name: "first_name last_name",
        long_text: "body",
    }.items()
    for field in fields.split()
}


def check_of(field: str) -> Check:
    """Returns the check of a field's name."""
    return _CHECKS.get(field, text)


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
        values = [(one, value) for one in names if (value := taken(data, one)) is not None]
        if not values and field.required:
            violations.append(Violation(f"{path}.{field.name}", "is needed"))
        for one, value in values:
            try:
                found[one.name] = _value(one, value, f"{path}.{one.name}", violations)
            except ValueError as error:
                violations.append(Violation(f"{path}.{one.name}", str(error)))
    return {**data, **found}


def _value(field: Field, value: Any, path: str, violations: list[Violation]) -> Any:
    if field.is_list:
        return [
            checked(mapping(one), field.fields, f"{path}[{index}]", violations)
            for index, one in enumerate(items(value))
        ]
    if field.name in PEOPLE:
        return person(value, field, path, violations)
    if field.fields:
        return checked(mapping(value), field.fields, path, violations)
    return check_of(field.name)(value)


_PERSON_FIELDS: Final = tuple(
    Field(known, required=False)
    for known in ("email", "phone", "name", "first_name", "last_name", "language", "time_zone")
)
PERSON_NAMES: Final = ("user_id", *(one.name for one in _PERSON_FIELDS))


def person(value: Any, field: Field, path: str, violations: list[Violation]) -> dict[str, Any]:
    """Returns a person of an event; a bare id is one too."""
    given = {"user_id": value} if isinstance(value, (str, int)) else mapping(value)
    asked = {one.name: one for one in field.fields}
    by_staff = field.name == "payee" and (given.get("staff_id") or given.get("staffId"))
    fields = (
        Field("user_id", required=not by_staff),
        *((Field("staff_id"),) if by_staff else ()),
        *(asked.get(one.name, one) for one in _PERSON_FIELDS),
    )
    found = checked(given, fields, path, violations)
    if len(found.get("name", "")) > LONGEST_NAME:
        violations.append(Violation(f"{path}.name", f"must have at most {LONGEST_NAME} characters"))
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


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise BadValueError("must be text")
    if len(value) > longest:
        raise BadValueError(f"must have at most {longest} characters")
    if _CONTROL.search(value):
        raise BadValueError("must not hold control characters")
    return value
