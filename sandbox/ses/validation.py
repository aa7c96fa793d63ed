"""What SES refuses of a request before anything is stored."""

import re
from email.utils import getaddresses
from typing import Any

from sandbox.aws.errors import RefusedError

MAX_ENTRIES = 50
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{1,63}")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")


def bad(words: str) -> RefusedError:
    """Returns the refusal of a request that is not as it must be."""
    return RefusedError(400, "BadRequestException", words)


def recipients(destination: Any) -> list[tuple[str, str]]:
    """Returns names and addresses of one destination.

    Raises:
        RefusedError: There are none, or one is no address.
    """
    given = destination if isinstance(destination, dict) else {}
    fields = [one for name in ("ToAddresses", "CcAddresses", "BccAddresses") for one in given.get(name) or ()]
    found = getaddresses([one for one in fields if isinstance(one, str)])
    if not found or len(found) != len(fields):
        raise bad("Missing final '@domain'" if fields else "Destination is empty")
    for _, address in found:
        if not address.isascii():
            raise bad("Local address contains control or whitespace")
        if not _ADDRESS.fullmatch(address):
            raise bad("Missing final '@domain'")
    if len(found) > MAX_ENTRIES:
        raise bad("Recipient count exceeds 50.")
    return found


def sender(request: dict[str, Any]) -> str:
    """Returns the sender's address.

    Raises:
        RefusedError: It is none, or none that was verified.
    """
    found = getaddresses([str(request.get("FromEmailAddress") or "")])
    if len(found) != 1 or not _ADDRESS.fullmatch(found[0][1]):
        raise bad("Missing required header 'From'.")
    address = found[0][1].lower()
    if address.startswith("unverified"):
        raise RefusedError(
            400,
            "MessageRejected",
            f"Email address is not verified. The following identities failed the check: {address}",
        )
    name = request.get("ConfigurationSetName")
    if isinstance(name, str) and name.startswith("no-"):
        raise RefusedError(404, "NotFoundException", f"Configuration set <{name}> does not exist.")
    return address


def tags(listed: Any) -> dict[str, str]:
    """Returns tags by name.

    Raises:
        RefusedError: A name or a value has characters that tags do not have.
    """
    found: dict[str, str] = {}
    for one in listed or ():
        name, value = str(one.get("Name")), str(one.get("Value"))
        if not _TAG.fullmatch(name) or not _TAG.fullmatch(value):
            raise bad("Invalid tag: only alphanumeric ASCII, '_' and '-' are allowed")
        found[name] = value
    return found


def headers(listed: Any) -> None:
    """Checks headers of one's own.

    Raises:
        RefusedError: One is too long, or not ASCII.
    """
    for one in listed or ():
        name, value = str(one.get("Name")), str(one.get("Value"))
        if len(name) > 126 or len(value) > 995 or len(name + value) > 996 or not (name + value).isascii():
            raise bad("Invalid header")
        if "\n" in name + value or "\r" in name + value:
            raise bad("Invalid header")
