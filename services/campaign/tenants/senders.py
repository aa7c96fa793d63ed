"""Where marketing e-mail may come from: what delivery's accounts say of an address before settings name it (CAM-2)."""

from typing import Final
from uuid import UUID

from angarium.delivery.v1 import provider_service_pb2 as pb
from angarium.delivery.v1.provider_service_pb2_grpc import ProviderServiceStub
from services.campaign.tenants import store
from services.common.addresses import canonical_email
from services.common.db.database import Database
from services.common.errors import ServiceError, invalid, unavailable
from services.common.rpc.client import Channels, as_tenant

FIELD: Final = "email_from_address"
_PATH: Final = f"settings.{FIELD}"
_VERIFIED = pb.SenderVerification.RESULT_VERIFIED
_REFUSED = pb.SenderVerification.RESULT_REFUSED


class Senders:
    """Asks delivery about senders; never inside a transaction."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._providers = channels.stub(ProviderServiceStub, "delivery")

    async def check(self, tenant_id: UUID, address: str) -> None:
        """Returns when settings may name an address: an account vouches for it, and none refuses it.

        What changes nothing is not asked for, nor what is no address. While no account carries the tenant's e-mail,
        neither its own nor the platform's, nothing can leave from the address, and it may be named beforehand.

        Raises:
            ServiceError: INVALID_CONFIGURATION with the field, when an account refuses the sender;
                DEPENDENCY_UNAVAILABLE when nobody could be asked.
        """
        if not await self._is_new(tenant_id, address):
            return
        try:
            with as_tenant(tenant_id):
                answer = await self._providers.VerifySender(pb.VerifySenderRequest(address=address))
        except ServiceError as error:
            raise _unasked("delivery") from error
        found = answer.verifications
        if refusing := [one for one in found if one.result == _REFUSED]:
            words = "; ".join(f"{one.name}: {one.detail}" for one in refusing)
            raise invalid(_PATH, f"is not verified at {words}", "INVALID_CONFIGURATION")
        if found and not any(one.result == _VERIFIED for one in found):
            raise _unasked("provider")

    async def _is_new(self, tenant_id: UUID, address: str) -> bool:
        if not address:
            return False
        try:
            wanted = canonical_email(address)
        except ValueError:
            return False
        async with self._database.tenant(tenant_id) as uow:
            current = await store.settings(uow)
        return current is None or current.email_from_address != wanted


def _unasked(dependency: str) -> ServiceError:
    error = unavailable(dependency)
    error.metadata["field"] = _PATH
    return error
