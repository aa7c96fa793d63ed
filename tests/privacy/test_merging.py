"""Two contacts that became one are one person: exported together, and forgotten together, by whichever id they are named."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import contact_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import privacy_service_pb2 as pb
from bench import given
from tests.privacy.conftest import ANNA, SERVICES, Town
from tests.privacy.test_erasure import MAPPINGS, spellings, traces
from tests.privacy.test_export import content_of, download

ANNE = {
    "external_id": "anne-78",
    "email": "silent+anne.quillfeather@example.com",
    "first_name": "Annegret",
    "last_name": "Quillfeather",
    "phone": "+4915112345679",
}
# Where it stays known for a while that the ids were one person's, so that what was on its way is found.
REDIRECTS = {*(f"{service}.merged_contact" for service in SERVICES), "campaign.contact_merge"}


async def merged(town: Town) -> tuple[UUID, UUID]:
    """Anna, whom the business wrote to under two ids before it knew; the kept id and the other one."""
    await town.people(ANNA, ANNE)
    anna = await town.contact_of(ANNA["external_id"])
    anne = await town.contact_of(ANNE["external_id"])
    template_id, _ = await given.template(town.cast.ada, enums_pb2.CATEGORY_NEWSLETTER)
    await town.settled()
    await town.campaign(template_id, total=2)
    await town.settled()
    await town.cast.ada.contacts.MergeContacts(
        contact_service_pb2.MergeContactsRequest(
            keep_contact_id=str(anna), merge_contact_id=str(anne), idempotency_key=str(uuid4())
        )
    )
    await town.settled()
    for service in SERVICES:
        await town.until(f"SELECT count(*) FROM {service}.merged_contact", 1)
    return anna, anne


def words_of(contact_id: UUID) -> dict[str, list[str]]:
    names = {"address": "quillfeather", "first": "Annegret", "external": ANNE["external_id"]}
    found = {name: spellings(word) for name, word in names.items()}
    return {"id": [*spellings(str(contact_id)), contact_id.hex], **found, "phone": spellings("1511234567")}


@pytest.mark.req("CAM-79", "CON-54", "CON-90", "CON-91", "CON-92", "ANA-74", "W10")
async def test_a_person_of_two_contacts_is_exported_and_erased_whole(town: Town) -> None:
    anna, anne = await merged(town)
    exported = await town.ask_export(anne)
    assert exported.contact_id == str(anna)
    assert (await town.run(exported.privacy_request_id)).state == pb.PrivacyRequest.STATE_COMPLETED
    records = content_of(await download(town, exported.privacy_request_id))
    messages = records["delivery/messages.json"]
    assert {one["address"] for one in messages} == {ANNA["email"], ANNE["email"]}
    facts = {one["message_id"] for one in records["analytics/message_facts.json"]}
    assert facts == {one["message_id"] for one in messages}
    assert len(records["consent/consents.json"]) >= 2

    known = {table for table, name in await traces(town, words_of(anne)) if name == "id"}
    assert {"delivery.message", "analytics.message_fact", "consent.consent", "consent.contact"} <= known
    # Asked for by the id that is no more.
    made = await town.ask_erasure(anne)
    assert made.contact_id == str(anna)
    done = await town.run(made.privacy_request_id)
    assert done.state == pb.PrivacyRequest.STATE_COMPLETED
    for contact_id in (anna, anne):
        left = await traces(town, words_of(contact_id))
        assert {one for one in left if one[1] != "id" or one[0] not in MAPPINGS | REDIRECTS} == set()
    assert await town.value("SELECT count(*) FROM delivery.person_key") == 0
    # What is known of them afterwards is looked for under both ids.
    await town.rows(
        "INSERT INTO analytics.timeline_entry SELECT %s, 1, 'late', %s, now(), 1, 'sent', now()",
        town.tenant_id,
        anne,
    )
    workflow = town.parts().workflow
    await workflow.look_after(town.tenant_id, UUID(made.privacy_request_id), 0)
    assert await town.value("SELECT count(*) FROM analytics.timeline_entry") == 0
