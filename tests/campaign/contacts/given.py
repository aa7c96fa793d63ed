"""Contacts as tests bring them in and look at them."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from angarium.campaign.v1 import contact_pb2, settings_service_pb2
from angarium.campaign.v1 import contact_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.security.jwt import issue_person
from tests.house import Served


async def branch(served: Served, branch_id: str = "") -> str:
    """The id of a new branch."""
    made = settings_service_pb2.BranchSettings(branch_id=branch_id or str(uuid4()), name="Harbour")
    stub = served.person(SettingsServiceStub)
    answer = await stub.CreateBranch(settings_service_pb2.CreateBranchRequest(branch=made))
    return answer.branch.branch_id


async def upsert(served: Served, external_id: str, **fields: Any) -> contact_pb2.Contact:
    """A new contact."""
    request = pb.UpsertContactRequest(contact=contact_pb2.Contact(external_id=external_id, **fields))
    return (await served.person(ContactServiceStub).UpsertContact(request)).contact


async def batch(
    served: Served, *blocks: Sequence[contact_pb2.Contact], stub: Any = None
) -> list[pb.BatchUpsertContactsResponse]:
    """What became of blocks of contacts."""

    async def requests() -> Any:
        for number, block in enumerate(blocks, 1):
            yield pb.BatchUpsertContactsRequest(block_number=number, contacts=block)

    stub = stub or served.person(ContactServiceStub)
    return [response async for response in stub.BatchUpsertContacts(requests())]


async def get(served: Served, *, contact_id: str = "", external_id: str = "") -> contact_pb2.Contact:
    """A contact by one of its ids."""
    key = {"contact_id": contact_id} if contact_id else {"external_id": external_id}
    return (await served.person(ContactServiceStub).GetContact(pb.GetContactRequest(**key))).contact


async def names(stub: Any, **filters: Any) -> list[str]:
    """The external ids that a list shows."""
    found = await stub.ListContacts(pb.ListContactsRequest(**filters))
    return [one.external_id for one in found.contacts]


def of_branches(served: Served, *branches: str, role: str = "branch_manager") -> ContactServiceStub:
    """The stub of somebody limited to branches."""
    token = issue_person(served.settings, served.tenant_id, "bea", [role], list(branches))
    return served._stub(ContactServiceStub, token, None)


async def events(served: Served, like: str = "contact.%") -> list[EventEnvelope]:
    """What was told of contacts, in order."""
    async with served.service.database.tenant(served.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT envelope FROM outbox WHERE type LIKE %s AND tenant_id = %s ORDER BY id",
            (like, served.tenant_id),
        )
    return [EventEnvelope.FromString(envelope) for (envelope,) in rows]
