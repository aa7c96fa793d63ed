"""Whether what a content links or shows can lead anywhere at all (no network is asked)."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from services.common.templating.errors import RenderError
from services.common.templating.values import check_url

NOWHERE: Final = frozenset({"invalid", "test", "local", "localdomain", "internal"})
"""Ends of names that no public name server answers for."""
EXAMPLES: Final = frozenset({"example"})
"""The end of names in examples: refused only where mail is real."""
PLACEHOLDERS: Final = frozenset(
    {"yourdomain.com", "your-domain.com", "yourwebsite.com", "yoursite.com", "domain.com", "website.com"}
)
_NAME: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\Z")
_OTHER: Final = re.compile(
    r"(?:mailto:[^@\s]+@[^@\s]+\.[^@\s]+|(?:tel|sms):[+\d][\d\s().-]{2,})", re.IGNORECASE
)
_ANCHOR: Final = re.compile(r"#[^\s]+")


def link_problem(address: str, *, is_real: bool) -> str:
    """Returns why a link leads nowhere; empty when it may lead somewhere. Expressions are judged when they have a value."""
    if not address or address == "#":
        return "leads nowhere"
    if "{{" in address or "{%" in address:
        return ""
    lower = address.lower()
    if lower.startswith(("mailto:", "tel:", "sms:")):
        return "" if _OTHER.match(address) else f"{address} is not complete"
    if address.startswith("#"):
        return "" if _ANCHOR.fullmatch(address) else f"{address} is no place of the page"
    return _web_problem(address, allow_http=True, is_real=is_real)


def image_problem(address: str, *, is_real: bool) -> str:
    """Returns why a picture cannot be shown; empty when it may be."""
    if not address:
        return "has no address"
    if "{{" in address or "{%" in address or address.lower().startswith("cid:"):
        return ""
    return _web_problem(address, allow_http=not is_real, is_real=is_real)


def _web_problem(address: str, *, allow_http: bool, is_real: bool) -> str:
    try:
        check_url(address, address[:200], allow_http)
    except RenderError as error:
        return str(error)
    host = (urlsplit(address).hostname or "").rstrip(".")
    return _host_problem(host, is_real=is_real)


def _host_problem(host: str, *, is_real: bool) -> str:
    try:
        return "" if ip_address(host).is_global or not is_real else f"{host} is not public"
    except ValueError:
        pass
    if host == "localhost":
        return f"{host} is not public" if is_real else ""
    try:
        name = host.encode("idna").decode().lower()
    except UnicodeError:
        name = ""
    if not _NAME.match(name) or name.rpartition(".")[2].isdigit():
        return f"{host} is no name of a host"
    last = name.rpartition(".")[2]
    if (
        last in NOWHERE
        or (is_real and last in EXAMPLES)
        or any(name == one or name.endswith(f".{one}") for one in PLACEHOLDERS)
    ):
        return f"{host} is a placeholder that leads nowhere"
    return ""
