"""What runs work with: notices, seals, and keys of addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.automations.records import Run
from services.campaign.notices.notices import Notices
from services.campaign.settings import CampaignSettings
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.common.security.keys import KeySet

_PLACE: Final = b"automation_run"


@dataclass(frozen=True, slots=True)
class Means:
    """What runs work with."""

    notices: Notices
    envelope: Envelope
    hash_keys: KeySet

    async def seal(
        self, uow: UnitOfWork, run_ids: Sequence[UUID], data: Sequence[Mapping[str, Any]]
    ) -> list[bytes | None]:
        """Returns what runs are started with, sealed each for its run; None where it is nothing."""
        full = [(run_id, one) for run_id, one in zip(run_ids, data, strict=True) if one]
        if not full:
            return [None] * len(run_ids)
        sealed = await self.envelope.seal_many(
            uow, [orjson.dumps(one) for _, one in full], [_PLACE + run_id.bytes for run_id, _ in full]
        )
        found = dict(zip((run_id for run_id, _ in full), sealed, strict=True))
        return [found.get(run_id) for run_id in run_ids]

    async def data_of(self, uow: UnitOfWork, runs: Sequence[Run]) -> dict[UUID, Mapping[str, Any]]:
        """Returns what runs were started with."""
        full = [(one.run_id, one.data) for one in runs if one.data is not None]
        opened = (
            await self.envelope.open_many(
                uow, [data for _, data in full], [_PLACE + run_id.bytes for run_id, _ in full]
            )
            if full
            else []
        )
        found = {run_id: orjson.loads(one) for (run_id, _), one in zip(full, opened, strict=True)}
        return {one.run_id: found.get(one.run_id, {}) for one in runs}


def means_of(settings: CampaignSettings) -> Means:
    """Returns what runs of this deployment work with."""
    return Means(
        Notices(settings.encryption_keys, settings.hash_keys),
        Envelope(settings.encryption_keys),
        settings.hash_keys,
    )
