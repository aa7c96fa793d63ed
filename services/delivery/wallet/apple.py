"""Passes for Apple Wallet: an archive of pass.json, icons, a manifest of digests and a detached signature (DEL-100).

The format is that of Apple's "Wallet Passes" documentation: digests are SHA-1 because it says so; what protects the
pass is the signature over them.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs7

from services.delivery.wallet.domain import Pass, State, Tenant

_ICONS: Final = ("icon.png", "icon@2x.png", "icon@3x.png")
_WHITE: Final = "rgb(255,255,255)"
_SLATE: Final = "rgb(60,65,76)"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""One time for all files of an archive: the same pass gives the same bytes."""


@dataclass(frozen=True, slots=True)
class AppleIssuer:
    """The deployment's certificate of passes, and what it certifies."""

    pass_type_id: str
    team_id: str
    certificate: x509.Certificate
    key: RSAPrivateKey | EllipticCurvePrivateKey
    intermediate: x509.Certificate


def issuer(
    pass_type_id: str, team_id: str, certificate: bytes, key: bytes, intermediate: bytes
) -> AppleIssuer:
    """Returns an issuer from PEM; ValueError when a part is not what it should be, or the key is another one's."""
    own = x509.load_pem_x509_certificate(certificate)
    private = serialization.load_pem_private_key(key, None)
    if not isinstance(private, (RSAPrivateKey, EllipticCurvePrivateKey)):
        raise ValueError("the key is neither RSA nor of an elliptic curve")  # noqa: TRY004 - as for every other key that cannot be used
    if _public(private) != _public(own):
        raise ValueError("the key does not belong to the certificate")
    return AppleIssuer(pass_type_id, team_id, own, private, x509.load_pem_x509_certificate(intermediate))


def archive(issuer: AppleIssuer, one: Pass, tenant: Tenant, barcode: str) -> bytes:
    """Returns the file of a pass."""
    content = {"pass.json": orjson.dumps(document(issuer, one, tenant, barcode)), **_icons()}
    manifest = orjson.dumps(
        {name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in content.items()}
    )
    content |= {"manifest.json": manifest, "signature": _signature(issuer, manifest)}
    return _zipped(content)


def bundle(archives: Sequence[bytes]) -> bytes:
    """Returns one file of several passes; of one pass its own."""
    if len(archives) == 1:
        return archives[0]
    return _zipped({f"{place}.pkpass": one for place, one in enumerate(archives, 1)})


def document(issuer: AppleIssuer, one: Pass, tenant: Tenant, barcode: str) -> dict[str, Any]:
    """Returns pass.json."""
    fields = one.fields
    if fields.event_at is None:
        raise ValueError("a pass has a time")
    begins = fields.event_at.astimezone(ZoneInfo(fields.time_zone)).isoformat(timespec="seconds")
    code = {"format": "PKBarcodeFormatQR", "message": barcode, "messageEncoding": "iso-8859-1"}
    found: dict[str, Any] = {
        "formatVersion": 1,
        "passTypeIdentifier": issuer.pass_type_id,
        "teamIdentifier": issuer.team_id,
        "serialNumber": one.ticket_ref,
        "organizationName": tenant.name,
        "description": f"Ticket: {fields.event_name}",
        "foregroundColor": _WHITE,
        "backgroundColor": _colour(tenant.colour),
        "labelColor": _WHITE,
        "relevantDate": begins,
        "expirationDate": one.expires_at.isoformat(timespec="seconds"),
        "barcodes": [code],
        # Read by versions before iOS 9 only.
        "barcode": code,
        "eventTicket": {
            "primaryFields": [_field("event", "EVENT", fields.event_name)],
            "secondaryFields": [
                _field("loc", "VENUE", fields.venue_name),
                _field("date", "DATE", begins)
                | {"dateStyle": "PKDateStyleMedium", "timeStyle": "PKDateStyleShort"},
            ],
            "auxiliaryFields": [
                *([_field("seat", "SEAT", fields.seat)] if fields.seat else []),
                _field("name", "ATTENDEE", fields.attendee_name),
            ],
            "backFields": [
                _field("terms", "TERMS", fields.terms or tenant.terms),
                _field("venue-address", "VENUE ADDRESS", fields.venue_address),
            ],
        },
    }
    if one.state is not State.ACTIVE:
        found["voided"] = True
    return found


def _zipped(content: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in content.items():
            file.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _field(key: str, label: str, value: str) -> dict[str, str]:
    return {"key": key, "label": label, "value": value}


def _colour(branding: str) -> str:
    """Returns a tenant's colour as passes write it; the platform's where there is none."""
    if not branding:
        return _SLATE
    red, green, blue = bytes.fromhex(branding.removeprefix("#"))
    return f"rgb({red},{green},{blue})"


def _signature(issuer: AppleIssuer, manifest: bytes) -> bytes:
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(manifest)
        .add_signer(issuer.certificate, issuer.key, hashes.SHA256())
        .add_certificate(issuer.intermediate)
        .sign(serialization.Encoding.DER, options)
    )


@cache
def _icons() -> dict[str, bytes]:
    folder = files("services.delivery.wallet") / "icons"
    return {name: (folder / name).read_bytes() for name in _ICONS}


def _public(owner: RSAPrivateKey | EllipticCurvePrivateKey | x509.Certificate) -> bytes:
    return owner.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
