"""What a request may say once for all and anew in each personalization: arguments, substitutions, headers, a time."""

import re
import time
from typing import Any

from sandbox.sendgrid.errors import error
from sandbox.sendgrid.values import Errors, kind_of

MAX_ARGS_BYTES = 10_000
MAX_SUBSTITUTION_BYTES = 10_000
MAX_AHEAD_SECONDS = 72 * 3600
RESERVED_HEADERS = frozenset(
    (
        "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding",
        "to", "from", "subject", "reply-to", "cc", "bcc",
    )
)  # fmt: skip

_HEADER_NAME = re.compile(r"[\x21-\x39\x3b-\x7e]+")


def check_args(
    args: Any, field: str, anchor: str, errors: Errors, shared: dict[str, Any] | None = None
) -> None:
    """Adds what is wrong with custom arguments."""
    if not isinstance(args, dict):
        errors.append(error(f"Invalid type. Expected: object, given: {kind_of(args)}.", field, anchor))
        return
    size = 0
    for name, value in {**(shared or {}), **args}.items():
        if not isinstance(value, str):
            errors.append(
                error("All values of custom arguments object must be strings", f"{field}.{name}", anchor)
            )
            return
        size += len(name) + len(value) if name.isascii() and value.isascii() else len((name + value).encode())
    if size > MAX_ARGS_BYTES:
        errors.append(
            error(
                "The combined size of both global and personalization custom arguments may not exceed 10,000 bytes"
                " per personalization.",
                field,
                anchor,
            )
        )


def check_substitutions(substitutions: Any, field: str, errors: Errors) -> None:
    """Adds what is wrong with substitutions."""
    anchor = "message.personalizations.substitutions"
    strings = isinstance(substitutions, dict) and all(type(value) is str for value in substitutions.values())
    if not strings:
        words = (
            "The substitution values must be an object of key/value pairs, where the values are all strings."
        )
        errors.append(error(words, field, anchor))
        return
    size = sum(map(len, substitutions)) + sum(map(len, substitutions.values()))
    if size * 4 > MAX_SUBSTITUTION_BYTES:  # only a large one needs its exact size in bytes
        size = sum(len((name + value).encode()) for name, value in substitutions.items())
    if size > MAX_SUBSTITUTION_BYTES:
        words = "The combined size of the substitutions may not exceed 10,000 bytes per personalization."
        errors.append(error(words, field, anchor))


def check_headers(headers: Any, field: str, anchor: str, errors: Errors) -> None:
    """Adds what is wrong with headers."""
    if headers is None:
        return
    if not isinstance(headers, dict):
        errors.append(error(f"Invalid type. Expected: object, given: {kind_of(headers)}.", field, anchor))
        return
    seen: set[str] = set()
    for name, value in headers.items():
        folded = name.lower()
        if type(value) is not str:
            errors.append(error("The header values must be strings.", f"{field}.{name}", anchor))
        elif folded in RESERVED_HEADERS:
            errors.append(error("Header cannot be one of the reserved keys.", f"{field}.{name}", anchor))
        elif folded in seen:
            errors.append(error("The headers cannot contain duplicate keys.", f"{field}.{name}", anchor))
        elif _HEADER_NAME.fullmatch(name) is None:
            words = "Header keys cannot contain non-ASCII characters or empty spaces."
            errors.append(error(words, f"{field}.{name}", anchor))
        seen.add(folded)


def check_send_at(holder: dict[str, Any], path: str, errors: Errors) -> None:
    """Adds what is wrong with the time of a request or a personalization."""
    send_at = holder.get("send_at")
    if send_at is None:
        return
    anchor = "message.personalizations.send_at" if path else "message.send_at"
    if type(send_at) is not int:
        words = (
            "The send_at parameter is expecting a Unix timestamp as an integer. We will send immediately if you"
            " include a send_at timestamp that is in the past."
        )
        errors.append(error(words, f"{path}send_at", anchor))
    elif send_at > time.time() + MAX_AHEAD_SECONDS:
        words = "Scheduling more than 72 hours in advance is forbidden."
        errors.append(error(words, f"{path}send_at", anchor))
