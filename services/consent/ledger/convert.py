"""The ledger between the contract and the domain."""

from collections.abc import Iterator, Sequence

from angarium.consent.v1 import ledger_service_pb2 as pb
from services.consent.ledger.domain import Finding
from services.consent.ledger.receipts import PublicKey, Signed
from services.consent.ledger.verifying import Progress
from services.consent.words import LEDGER_FAULT, text_of

FINDINGS = 1000
"""How many findings one response carries."""


def receipt(signed: Signed) -> pb.ExportConsentReceiptResponse:
    """Returns a signed receipt."""
    return pb.ExportConsentReceiptResponse(
        document=signed.document,
        signature=signed.jws,
        raw_signature=signed.raw_signature,
        signed_bytes=signed.signed_bytes,
        key_id=signed.key_id,
    )


def keys(public: Sequence[PublicKey], next_page_token: str) -> pb.ListReceiptKeysResponse:
    """Returns a page of public keys."""
    return pb.ListReceiptKeysResponse(
        keys=[pb.ReceiptKey(key_id=one.key_id, pem=one.pem, jwk=one.jwk) for one in public],
        next_page_token=next_page_token,
    )


def progress(found: Progress, *, is_finished: bool) -> Iterator[pb.VerifyConsentLedgerResponse]:
    """Yields how far a verification is, with what was found since."""
    findings = found.take()
    blocks = [findings[start : start + FINDINGS] for start in range(0, len(findings), FINDINGS)] or [[]]
    for place, block in enumerate(blocks, 1):
        yield pb.VerifyConsentLedgerResponse(
            checked_entries=found.checked_entries,
            checked_chains=found.checked_chains,
            total_entries=found.total_entries,
            findings=map(_finding, block),
            is_finished=is_finished and place == len(blocks),
        )


def _finding(found: Finding) -> pb.LedgerFinding:
    return pb.LedgerFinding(
        fault=LEDGER_FAULT.number(found.fault),  # type: ignore[arg-type]
        contact_id=text_of(found.contact_id),
        chain_id=str(found.chain_id) if found.chain_id.int else "",
        sequence=found.sequence,
        consent_audit_entry_id=text_of(found.audit_id),
    )
