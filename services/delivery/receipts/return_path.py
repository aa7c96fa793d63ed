"""The return path of a mail: an address of ours that says which message comes back, signed (VERP)."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from services.common.security.tokens import InvalidToken, TokenSigner, read_message


class HasMessageId(Protocol):
    """What is sent."""

    @property
    def message_id(self) -> UUID:
        """Id of the message."""


class Returned(NamedTuple):
    """The message a return path was made for."""

    tenant_id: UUID
    message_id: UUID


def compose(signer: TokenSigner, tenant_id: UUID, message_id: UUID, domain: str) -> str:
    """Returns the return path of a message; its local part is 64 characters of lower case."""
    return f"{signer.sign_bounce(tenant_id, message_id)}@{domain}"


def composer(signer: TokenSigner, tenant_id: UUID, domain: str) -> Callable[[HasMessageId], str] | None:
    """Returns what makes the return paths of a tenant's messages; None without a domain for them."""
    if not domain:
        return None
    local_part = signer.bounce_issuer(tenant_id)
    return lambda one: f"{local_part(one.message_id)}@{domain}"


def parse(signer: TokenSigner, address: str, now: datetime) -> Returned:
    """Returns whose message a return path is; in any case of letters, under any domain.

    Raises:
        InvalidToken: Nobody here made it.
        ExpiredToken: It is genuine but too old.
    """
    local, at, domain = address.strip().strip("<>").rpartition("@")
    if not at or not domain:
        raise InvalidToken
    payload = signer.verify_bounce(local, now)
    return Returned(payload.tenant_id, read_message(payload.body))
