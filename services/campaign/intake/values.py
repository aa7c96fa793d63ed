"""Values of events: each kind read as it is kept, or refused with what it must be (EVT-1, EVT-2)."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from services.common.addresses import canonical_email, parse_phone
from services.common.zones import zone

Check = Callable[[Any], Any]
"""Returns a value as it is kept; ValueError says what it must be."""


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


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise BadValueError("must be text")
    if len(value) > longest:
        raise BadValueError(f"must have at most {longest} characters")
    if _CONTROL.search(value):
        raise BadValueError("must not hold control characters")
    return value
