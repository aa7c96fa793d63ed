"""Changes on their way into the trail: what many of a block have in common stands once."""

from collections.abc import Iterable
from typing import NamedTuple

from services.consent.consents.trail import Change, SealedProof
from services.consent.ledger.domain import Kind, micros_of
from services.consent.proofs import text_of


class Line(NamedTuple):
    """One changed field of one person; instants are microseconds since 1970."""

    contact: bytes | None
    """The 16 bytes of the contact's id."""
    address_hash: bytes | None
    kind: Kind
    evidence: str | None = None
    """Canonical JSON."""
    ip_address: str | None = None
    user_agent: str | None = None
    reason: str | None = None
    expires_at: int | None = None
    occurred_at: int | None = None
    sealed: SealedProof | None = None
    """The proof, where it is stored with the consent too; sealing it once is enough."""


def lines_of(changes: Iterable[Change]) -> list[Line]:
    """Returns changes as lines, in their order."""
    known: dict[int, str | None] = {}
    found = []
    for change in changes:
        # Changes of a block mostly share one object.
        evidence = known.get(id(change.evidence), "")
        if evidence == "":
            evidence = known[id(change.evidence)] = text_of(change.evidence)
        found.append(
            Line(
                change.contact_id.bytes if change.contact_id else None,
                change.address_hash,
                Kind(
                    change.field,
                    change.old_value,
                    change.new_value,
                    change.channel,
                    change.message_class,
                    change.branch_id,
                    change.change_source,
                    change.source,
                    change.wording_version,
                    change.jurisdiction,
                ),
                evidence,
                change.ip_address,
                change.user_agent,
                change.reason,
                micros_of(change.expires_at) if change.expires_at else None,
                micros_of(change.occurred_at) if change.occurred_at else None,
                change.sealed,
            )
        )
    return found
