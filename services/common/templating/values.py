"""How a value becomes text in each kind of part (CAM-89, CAM-90); called by compiled templates."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, NoReturn
from urllib.parse import quote, urlsplit

from services.common.templating.errors import MissingVariablesError, RenderError

MAXIMUM_URL: Final = 2048
NUMBERS: Final = (int, float, Decimal)
# What a URL may hold unescaped, the percent sign included: a URL given as a whole is not escaped twice.
URL_CHARACTERS: Final = "/:?&=#%+,;@~!$'()*[]"
# What most URLs look like; nothing in it needs to be taken apart to be judged.
PLAIN_URL: Final = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?:[/?#][!-;=?-\[\]-z~|]*)?\Z"
)
CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u2028\u2029]")
SURROGATE: Final = re.compile("[\ud800-\udfff]")
LINE_END: Final = re.compile("\r\n|\r|\x85")
LINE_BREAKS: Final = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
WIDE_SPACES: Final = re.compile("[\u00a0\u2007\u202f\u2009]")


def need(path: str) -> NoReturn:
    """Stops rendering because a path leads nowhere."""
    raise MissingVariablesError((path,))


def dig(value: Any, keys: Sequence[str | int]) -> Any:
    """The value below mapping keys and list positions, None where there is none; never an attribute."""
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key) if isinstance(key, str) else value.get(str(key))
        elif isinstance(value, list | tuple) and isinstance(key, int):
            value = value[key] if key < len(value) else None
        else:
            return None
    return value


def sequence(value: Any, path: str) -> Sequence[Any]:
    """The list a loop goes over; an absent optional list is an empty one."""
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return value
    raise RenderError(f"{path} is not a list")


def plain(value: Any, path: str) -> str:
    """The text of one value; a list or an object is refused, never dumped."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if value.bit_length() < 1024:
            return int.__repr__(value)
    elif isinstance(value, float):
        if math.isfinite(value):
            return (
                int.__repr__(int(value))
                if value.is_integer() and abs(value) < 1e15
                else float.__repr__(value)
            )
    elif isinstance(value, Decimal):
        if value.is_finite() and -30 < value.adjusted() < 30:
            return format(value, "f")
    elif isinstance(value, datetime | date | time):
        return value.isoformat()
    raise RenderError(f"{path} cannot be shown as text: it is a {type(value).__name__}")


def clean(value: str) -> str:
    """The text with one kind of line end and without control characters or broken surrogates."""
    if value.isprintable():
        return value
    value = LINE_END.sub("\n", value)
    return SURROGATE.sub("\ufffd", CONTROL.sub("", value))


def escape(value: str) -> str:
    """The text escaped for html text and quoted attributes."""
    return (
        value.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&#34;")
        .replace("'", "&#39;")
    )


def html(value: Any, path: str) -> str:
    return escape(text(value, path))


def text(value: Any, path: str) -> str:
    if value.__class__ is not str:
        value = plain(value, path)
    return value if value.isprintable() else clean(value)


def header(value: Any, path: str) -> str:
    """One line; a value that holds a line break is refused, not repaired."""
    shown = plain(value, path)
    if shown.isprintable():
        return shown
    if LINE_BREAKS.search(shown):
        raise RenderError(f"{path} holds a line break and cannot stand in a subject")
    return clean(shown)


def sms(value: Any, path: str) -> str:
    """Plain text in which typographic spaces are ordinary ones, as they would double the price."""
    return WIDE_SPACES.sub(" ", clean(plain(value, path)))


def check_url(value: str, path: str, allow_http: bool) -> str:
    """The URL itself when GEN-25 lets it pass: https, of ordinary length, with a host and no credentials."""
    if PLAIN_URL.match(value) and len(value) <= MAXIMUM_URL:
        return value
    if len(value) > MAXIMUM_URL:
        raise RenderError(f"{path} is longer than {MAXIMUM_URL} characters")
    try:
        parts = urlsplit(value)
        host, user = parts.hostname, parts.username
        _ = parts.port
    except ValueError:
        raise RenderError(f"{path} is not a URL") from None
    if parts.scheme not in (("https", "http") if allow_http else ("https",)) or not host:
        raise RenderError(f"{path} is not an https URL")
    if user is not None or parts.password is not None or "\\" in value:
        raise RenderError(f"{path} carries credentials")
    return value


def address(value: Any, path: str, allow_http: bool) -> str:
    """A variable of type url; an absent optional one is empty."""
    return "" if value is None else check_url(url_whole(value, path), path, allow_http)


def url_whole(value: Any, path: str) -> str:
    """A value at the start of a URL: left as it is, except for characters no URL may hold."""
    return quote(clean(plain(value, path)).strip(), safe=URL_CHARACTERS)


def url_path(value: Any, path: str) -> str:
    return quote(clean(plain(value, path)), safe="/")


def url_query(value: Any, path: str) -> str:
    return quote(clean(plain(value, path)), safe="")


# The six comparisons; equality is total, order is defined among numbers and among texts only.


def eq(left: Any, right: Any) -> bool:
    return bool(left == right)


def ne(left: Any, right: Any) -> bool:
    return bool(left != right)


def gt(left: Any, right: Any) -> bool:
    _ordered(left, right)
    return bool(left > right)


def gte(left: Any, right: Any) -> bool:
    _ordered(left, right)
    return bool(left >= right)


def lt(left: Any, right: Any) -> bool:
    _ordered(left, right)
    return bool(left < right)


def lte(left: Any, right: Any) -> bool:
    _ordered(left, right)
    return bool(left <= right)


def _ordered(left: Any, right: Any) -> None:
    numbers = isinstance(left, NUMBERS) and isinstance(right, NUMBERS)
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        raise RenderError("only numbers with numbers and texts with texts can be ordered")
