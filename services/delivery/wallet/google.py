"""Passes for Google Wallet: a link that holds a signed description of the ticket (DEL-100)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from services.delivery.wallet.domain import Pass, State, Tenant

SAVE: Final = "https://pay.google.com/gp/v/save/"
CLASS: Final = "event_ticket_class"

_STATES: Final = {State.ACTIVE: "ACTIVE", State.VOIDED: "INACTIVE", State.EXPIRED: "EXPIRED"}


@dataclass(frozen=True, slots=True)
class GoogleIssuer:
    """The deployment's issuer account at Google."""

    issuer_id: str
    service_account: str
    key: RSAPrivateKey


def issuer(issuer_id: str, service_account: str, key: bytes) -> GoogleIssuer:
    """Returns an issuer from the PEM of its service account; ValueError when that is no RSA key."""
    private = serialization.load_pem_private_key(key, None)
    if not isinstance(private, RSAPrivateKey):
        raise ValueError("the key is not RSA")  # noqa: TRY004 - as for every other key that cannot be used
    return GoogleIssuer(issuer_id, service_account, private)


def save_url(issuer: GoogleIssuer, passes: Sequence[tuple[Pass, str]], tenant: Tenant) -> str:
    """Returns the link to passes, given each with its code; it carries no time of its own, so the same passes give the same link."""
    claims = {
        "iss": issuer.service_account,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(max(one.updated_at for one, _ in passes).timestamp()),
        "payload": {"eventTicketObjects": [ticket(issuer, one, tenant, code) for one, code in passes]},
    }
    return SAVE + jwt.encode(claims, issuer.key, "RS256")


def ticket(issuer: GoogleIssuer, one: Pass, tenant: Tenant, barcode: str) -> dict[str, Any]:
    """Returns the event ticket object of a pass."""
    fields = one.fields
    if fields.event_at is None:
        raise ValueError("a pass has a time")
    language = fields.language or tenant.language or "en"

    def localised(value: str) -> dict[str, Any]:
        return {"defaultValue": {"language": language, "value": value}}

    found: dict[str, Any] = {
        "id": f"{issuer.issuer_id}.{one.ticket_ref}",
        "classId": f"{issuer.issuer_id}.{CLASS}",
        "state": _STATES[one.state],
        "ticketHolderName": fields.attendee_name,
        "ticketNumber": one.ticket_ref,
        "barcode": {"type": "QR_CODE", "value": barcode},
        "eventName": localised(fields.event_name),
        "venue": {"name": localised(fields.venue_name), "address": localised(fields.venue_address)},
        "dateTime": {
            "start": fields.event_at.astimezone(ZoneInfo(fields.time_zone)).isoformat(timespec="seconds")
        },
        "textModulesData": [
            {"id": "terms", "header": "TERMS", "body": fields.terms or tenant.terms},
        ],
    }
    if fields.seat:
        found["seatInfo"] = {"seat": localised(fields.seat)}
    return found
