"""A process that changes one contact's preferences beside others: `python -m tests.consent.preferring_at_once`."""

import asyncio
import json
import sys
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask

from angarium.consent.v1 import preference_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.rpc.context import Caller, bind
from services.common.settings import read
from services.consent.bootstrap import build
from services.consent.settings import ConsentSettings


async def main() -> None:
    """Adds to a number that is read and written back; prints how often that was taken, and how often it was not."""
    given = json.loads(sys.stdin.readline())
    taken = conflicts = 0
    async with build(read(ConsentSettings, **given["settings"])) as service:
        [servicer] = [
            one.servicer for one in service.registrations if one.descriptor.name == "PreferenceService"
        ]
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        with bind(Caller.of_service("campaign", UUID(given["tenant_id"]))):
            while taken < given["rounds"]:
                contact_id = given["contact_id"]
                read_now = await servicer.GetPreferences(
                    pb.GetPreferencesRequest(contact_id=contact_id), None
                )  # type: ignore[attr-defined]
                stood = read_now.preferences
                wanted = pb.Preferences(
                    contact_id=contact_id, etag=stood.etag, max_sms_per_day=stood.max_sms_per_day + 1
                )
                request = pb.UpdatePreferencesRequest(
                    preferences=wanted, update_mask=FieldMask(paths=["max_sms_per_day"])
                )
                try:
                    await servicer.UpdatePreferences(request, None)  # type: ignore[attr-defined]
                except ServiceError as error:
                    if error.reason != "VERSION_CONFLICT":
                        raise
                    conflicts += 1
                else:
                    taken += 1
    print(taken, conflicts)


if __name__ == "__main__":
    asyncio.run(main())
