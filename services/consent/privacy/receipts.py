"""The receipt of an erasure: what was done in each store, signed, naming nobody."""

from datetime import datetime
from typing import Final

from services.consent.ledger.canonical import canonical
from services.consent.ledger.receipts import ReceiptKeys
from services.consent.privacy.domain import Request

KIND: Final = "angarium.erasure.receipt"
FORMAT: Final = 1
KEPT: Final = (
    "consent.suppression: keyed hashes of the addresses, so that nobody writes to them for marketing",
    "consent.consent_audit, consent.consent_chain: the trail of consents, with a random stand-in for the person",
    "consent.contact, campaign.contact: the id and that it was erased",
    "counts and costs without the person",
)


def receipt(request: Request, completed_at: datetime, keys: ReceiptKeys) -> tuple[bytes, str, str]:
    """Returns document, signature and key id of a completed erasure."""
    # The last word of each service is its verification: it tells all that was done, and that nothing is left.
    verified = {step.service: step for step in request.steps if step.action == "verify"}
    document = {
        "kind": KIND,
        "format": FORMAT,
        "privacy_request_id": str(request.request_id),
        "tenant_id": str(request.tenant_id),
        "tombstone_id": str(request.tombstone_id),
        "requested_at": request.requested_at.isoformat(),
        "completed_at": completed_at.isoformat(),
        "cancelled_messages": sum(step.rows for step in request.steps if step.action == "cancel"),
        "stores": [
            {
                "store": one.store,
                "deleted": one.deleted,
                "anonymized": one.anonymized,
                "keys_destroyed": one.keys,
            }
            for step in verified.values()
            for one in step.stores
        ],
        "verified": {
            service: {"remaining": step.remaining, "at": (step.completed_at or completed_at).isoformat()}
            for service, step in verified.items()
        },
        "kept": list(KEPT),
    }
    signed = keys.sign(canonical(document).encode())
    return signed.document, signed.jws, signed.key_id
