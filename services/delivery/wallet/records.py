"""What the passes of a person say, as it is exported (W10)."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

from google.protobuf.json_format import MessageToDict

from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.delivery.wallet import convert, sealing, store


class WalletPasses:
    """The passes of a person."""

    name = "wallet_passes"

    def __init__(self, envelope: Envelope) -> None:
        self._envelope = envelope

    async def read(self, uow: UnitOfWork, contact_id: UUID) -> AsyncIterator[list[str]]:
        """Yields passes without their links."""
        found = [
            await sealing.opened(uow, self._envelope, row) for row in await store.of_contact(uow, contact_id)
        ]
        yield [
            json.dumps(
                MessageToDict(
                    convert.wallet_pass(one, ""),
                    preserving_proto_field_name=True,
                    always_print_fields_with_no_presence=True,
                ),
                ensure_ascii=False,
            )
            for one in found
            if one is not None
        ]
