"""What passes need: who signs them, how their links are made, and the trail of what was done to them."""

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import wallet_service_pb2 as pb
from services.common import audit
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, failed
from services.common.security.envelope import Envelope
from services.common.security.keys import KeySet
from services.common.security.tokens import Purpose, TokenSigner
from services.delivery.wallet import convert
from services.delivery.wallet.apple import AppleIssuer
from services.delivery.wallet.domain import Kind, Pass, State
from services.delivery.wallet.google import GoogleIssuer
from services.delivery.wallet.tenants import TenantSource

RESOURCE: Final = "wallet_pass"
LINK: Final = struct.Struct(">16sH")
"""What the link of one pass holds: its id, and whose it was when the link was made."""
OFFER_BYTES: Final = 16
"""The link of an offer holds its id alone."""


@dataclass(frozen=True, slots=True)
class Wallets:
    """What passes need."""

    database: Database
    envelope: Envelope
    hash_keys: KeySet
    signer: TokenSigner
    clock: Clock
    tenants: TenantSource
    public_base_url: str
    apple: AppleIssuer | None
    google: GoogleIssuer | None

    def download_url(self, tenant_id: UUID, one: Pass) -> str:
        """Returns the link of a pass for its holder; empty when the pass is not good any more."""
        if one.state is not State.ACTIVE:
            return ""
        token = self.signer.sign(
            Purpose.PASS,
            tenant_id,
            LINK.pack(one.pass_id.bytes, one.issue),
            issued=one.created_at,
            expires=one.download_expires_at,
        )
        return f"{self.public_base_url.rstrip('/')}/passes/{token}"

    def offer_url(self, tenant_id: UUID, offer_id: UUID, since: datetime, until: datetime) -> str:
        """Returns the link of an offer; what it leads to is decided when it is opened."""
        token = self.signer.sign(Purpose.PASS, tenant_id, offer_id.bytes, issued=since, expires=until)
        return f"{self.public_base_url.rstrip('/')}/passes/{token}"

    def kinds(self) -> list[Kind]:
        """Returns the wallets that this deployment signs passes for."""
        signed = {Kind.APPLE: self.apple, Kind.GOOGLE: self.google}
        return [kind for kind, issuer in signed.items() if issuer is not None]

    def shown(self, tenant_id: UUID, one: Pass) -> pb.WalletPass:
        """Returns a pass as the contract has it."""
        return convert.wallet_pass(one, self.download_url(tenant_id, one))


def unconfigured(wallet: str) -> ServiceError:
    """Returns the refusal of passes that nobody signs here."""
    return failed(
        "PROVIDER_NOT_CONFIGURED", f"this deployment has no key that signs passes for {wallet}", wallet=wallet
    )


async def note(uow: UnitOfWork, action: str, one: Pass) -> None:
    """Writes down what was done to a pass."""
    await audit.record(
        uow,
        action=f"wallet_pass.{action}",
        resource_type=RESOURCE,
        resource_id=one.pass_id,
        before=None,
        after={"ticket_ref": one.ticket_ref, "kind": one.kind.name.lower(), "version": one.version},
    )
