"""Checks of settings that several providers share."""

import re
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from services.delivery.providers.kinds import Check, Rules

_ADDRESS: Final = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>]{1,253}")
_DOMAIN: Final = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE
)
_HOST: Final = re.compile(r"(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?)+")
_LINE: Final = re.compile(r"[^\x00-\x1f\x7f]*")


def anything(_value: Any, _rules: Rules) -> str | None:
    """Takes any value: the adapter itself reads it."""
    return None


def email_address(value: Any, _rules: Rules) -> str | None:
    """Takes one e-mail address."""
    return None if isinstance(value, str) and _ADDRESS.fullmatch(value) else "must be an e-mail address"


def flag(value: Any, _rules: Rules) -> str | None:
    """Takes a truth value."""
    return None if isinstance(value, bool) else "must be true or false"


def domain(what: str) -> Check:
    """Takes a domain of at least two labels; `what` says what for."""

    def check(value: Any, _rules: Rules) -> str | None:
        return None if isinstance(value, str) and _DOMAIN.fullmatch(value) else f"must be the domain {what}"

    return check


def host_name(value: Any, _rules: Rules) -> str | None:
    """Takes a host name."""
    return None if isinstance(value, str) and _HOST.fullmatch(value) else "must be a host name"


def outside_host(value: Any, rules: Rules) -> str | None:
    """Takes a host name or address; a tenant's, in production, not one of the inside network."""
    if not isinstance(value, str) or not (_HOST.fullmatch(value) or _is_address(value)):
        return "must be a host name"
    if rules.production and not rules.is_platform and _is_inside(value):
        return "must not be an address of the inside network"
    return None


def line(most: int) -> Check:
    """Takes one line of text of at most so many characters."""

    def check(value: Any, _rules: Rules) -> str | None:
        if isinstance(value, str) and len(value) <= most and _LINE.fullmatch(value):
            return None
        return f"must be one line of at most {most} characters"

    return check


def port(value: Any, _rules: Rules) -> str | None:
    """Takes a port; JSON numbers arrive as floats."""
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    return None if is_whole and 0 < value < 65536 else "must be a port"


def one_of(*words: str) -> Check:
    """Takes one of some words."""

    def check(value: Any, _rules: Rules) -> str | None:
        return None if value in words else f"is one of {', '.join(words)}"

    return check


def matching(pattern: str, words: str) -> Check:
    """Takes text of one pattern; `words` say what it must be."""
    compiled = re.compile(pattern)

    def check(value: Any, _rules: Rules) -> str | None:
        return None if isinstance(value, str) and compiled.fullmatch(value) else words

    return check


def base_url(hosts: Collection[str]) -> Check:
    """Takes the provider's own hosts over https in production, and any server of a developer elsewhere."""
    known = " or ".join(f"https://{host}" for host in sorted(hosts))

    def check(value: Any, rules: Rules) -> str | None:
        if rules.production:
            return None if _is_plain(value, ("https",), hosts) else f"must be {known}"
        return None if _is_plain(value, ("http", "https"), None) else "must be an http or https URL"

    return check


def base_url_like(pattern: str, example: str) -> Check:
    """Takes hosts of one pattern over https in production, and any server of a developer elsewhere."""
    compiled = re.compile(pattern)

    def check(value: Any, rules: Rules) -> str | None:
        if rules.production:
            is_known = _is_plain(value, ("https",), None) and compiled.fullmatch(urlsplit(value).netloc)
            return None if is_known else f"must be an address such as {example}"
        return None if _is_plain(value, ("http", "https"), None) else "must be an http or https URL"

    return check


def _is_plain(value: Any, schemes: Collection[str], hosts: Collection[str] | None) -> bool:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.username or parts.password or parts.query or parts.fragment or not host:
        return False
    return parts.scheme in schemes and (hosts is None or (host in hosts and parts.netloc == host))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_inside(host: str) -> bool:
    bare = host.rstrip(".").lower()
    if bare == "localhost" or bare.endswith((".localhost", ".internal", ".local")):
        return True
    return _is_address(host) and not ip_address(host).is_global
