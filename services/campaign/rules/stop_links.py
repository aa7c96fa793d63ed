"""Links with which members of groups stop being invited (EVT-63)."""

from services.campaign.rules.domain import Rule
from services.common.addresses import canonical_email
from services.common.db.uow import UnitOfWork
from services.common.privacy import mask_email
from services.common.security.hashing import address_hash
from services.common.security.keys import KeySet
from services.common.security.stop_links import SCOPES, VALIDITY, StopLink, pack
from services.common.security.tokens import Purpose, TokenSigner


class StopLinks:
    """Makes links that name an address by its hash; consent follows them."""

    def __init__(self, signer: TokenSigner, keys: KeySet, base_url: str) -> None:
        self._signer = signer
        self._keys = keys
        self._base_url = base_url.rstrip("/")

    def of(self, uow: UnitOfWork, rule: Rule, email: str | None) -> str:
        """Returns the link of a bare address; empty where there is nothing to stop by one."""
        if not email or rule.category not in SCOPES:
            return ""
        assert uow.tenant_id is not None  # noqa: S101 - notices belong to a tenant's unit of work
        address = canonical_email(email)
        link = StopLink(
            rule.category,
            address_hash(self._keys, uow.tenant_id, "email", address),
            self._keys.current[0],
            mask_email(address),
        )
        issued = uow.now()
        token = self._signer.sign(
            Purpose.STOP, uow.tenant_id, pack(link), issued=issued, expires=issued + VALIDITY
        )
        return f"{self._base_url}/stop/{token}"
