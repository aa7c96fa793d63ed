"""Addresses as this service handles them: canonical while a request lasts, hashed in its tables (GEN-37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.addresses import canonical_email, parse_phone
from services.common.privacy import mask_email, mask_phone
from services.common.security.hashing import address_hashes
from services.common.security.keys import KeySet

ANY_CHANNEL = "all"
EVERYBODY = UUID(int=0)
"""Stands for the tenant in hashes that all tenants share."""

_LONGEST_TOKEN = 320


def canonical(channel: str, address: str, region: str = "") -> str:
    """Returns the form of an address that is hashed; ValueError for one that the channel cannot use.

    With channel `all` the address says itself what it is: an e-mail address has an @, a phone number a plus.
    """
    if channel == "email" or (channel == ANY_CHANNEL and "@" in address):
        return canonical_email(address)
    if channel in ("sms", "whatsapp") or (channel == ANY_CHANNEL and address.startswith("+")):
        return parse_phone(address, region)
    token = address.strip()
    if not token or len(token) > _LONGEST_TOKEN or not token.isprintable():
        raise ValueError("is not an address of the channel")
    return token


def canonicals(channel: str, addresses: Sequence[str], region: str) -> list[str | None]:
    """Returns the canonical forms of a block of addresses, None for each that the channel cannot use."""
    found: list[str | None] = []
    for address in addresses:
        try:
            found.append(canonical(channel, address, region) if address else None)
        except ValueError:
            found.append(None)
    return found


def hint(address: str) -> str:
    """Returns the masked form of an address, for screens (GEN-35)."""
    if "@" in address:
        return mask_email(address)
    return mask_phone(address) if address.startswith("+") else f"{address[:2]}***"


@dataclass(frozen=True, slots=True)
class Hasher:
    """Hashes canonical addresses under every key of the deployment, the current one first."""

    keys: KeySet

    @property
    def key_id(self) -> str:
        """Returns the id of the key new hashes are made with."""
        return self.keys.current[0]

    def one(self, tenant_id: UUID, channel: str, address: str) -> bytes:
        """Returns the hash of one canonical address under the current key."""
        return address_hashes(self.keys, tenant_id, channel, [address])[0]

    def every(self, tenant_id: UUID, channel: str, address: str) -> list[bytes]:
        """Returns the hashes of one canonical address under every key, to find what was stored before a rotation."""
        return [hashes[0] for hashes in self.blocks(tenant_id, channel, [address])]

    def blocks(self, tenant_id: UUID, channel: str, addresses: Sequence[str]) -> list[list[bytes]]:
        """Returns, for each key, the hashes of a block of canonical addresses in their order."""
        return [address_hashes(KeySet({name: key}), tenant_id, channel, addresses) for name, key in self.keys]
