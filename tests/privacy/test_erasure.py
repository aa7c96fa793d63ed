"""Erasing a person: unreadable everywhere, counted as before, and never written to again."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from angarium.analytics.v1 import report_service_pb2
from angarium.campaign.v1 import contact_service_pb2
from angarium.common.v1 import audit_pb2, audit_pb2_grpc, enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as compliance
from angarium.consent.v1 import compliance_service_pb2_grpc, ledger_service_pb2, ledger_service_pb2_grpc
from angarium.consent.v1 import privacy_service_pb2 as pb
from angarium.delivery.v1 import message_pb2, message_service_pb2
from bench import given
from services.common.errors import ServiceError
from services.common.rpc.client import as_tenant
from services.common.security.envelope import Envelope
from services.delivery.messages import sealing
from services.delivery.messages.domain import CHUNK
from tests.privacy.conftest import ANNA, SERVICES, Town

PEOPLE = [
    {"external_id": f"p-{n}", "email": f"silent+p{n}@example.com", "first_name": f"Person{n}"}
    for n in range(4)
]
# Where the requirements keep the id of an erased contact: that it was erased, and the request that asked for it.
MAPPINGS = {"campaign.contact", "consent.contact", "consent.privacy_request"}


async def written_to(town: Town) -> tuple[UUID, str, str]:
    """A business that has written to Anna and four others: her id, the campaign, the template."""
    await town.people(ANNA, *PEOPLE)
    anna = await town.contact_of(ANNA["external_id"])
    template_id, _ = await given.template(town.cast.ada, enums_pb2.CATEGORY_NEWSLETTER)
    await town.settled()
    campaign_id = await town.campaign(template_id, total=5)
    await town.settled()
    return anna, campaign_id, template_id


async def tables(town: Town) -> list[str]:
    rows = await town.rows(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1",
        list(SERVICES),
    )
    return [name for (name,) in rows]


def spellings(text: str) -> list[str]:
    """A text as a row shows it: plainly, or inside of bytes."""
    return [text.lower(), text.encode().hex(), text.lower().encode().hex()]


async def traces(town: Town, words: dict[str, list[str]]) -> set[tuple[str, str]]:
    """Which words stand in which tables, read by the database's superuser."""
    found = set()
    for table in await tables(town):
        where = " AND t.type <> 'contact.erased'" if table.endswith(".outbox") else ""
        for name, forms in words.items():
            count = await town.value(
                f"SELECT count(*) FROM {table} t WHERE lower(t::text) LIKE ANY (%s){where}",  # type: ignore[arg-type]
                [f"%{form}%" for form in forms],
            )
            if count:
                found.add((table, name))
    return found


def words_of(contact_id: UUID) -> dict[str, list[str]]:
    return {
        "id": [*spellings(str(contact_id)), contact_id.hex],
        "address": spellings("anna.quillfeather"),
        "last name": spellings("Quillfeather"),
        "first name": spellings("Anneliese"),
        "external id": spellings(ANNA["external_id"]),
        "phone": [*spellings(ANNA["phone"]), *spellings("15112345678")],
    }


async def report(town: Town, campaign_id: str) -> Any:
    answer = await town.cast.ada.reports.GetCampaignReport(
        report_service_pb2.GetCampaignReportRequest(campaign_id=campaign_id)
    )
    answer.ClearField("as_of_time") if "as_of_time" in answer.DESCRIPTOR.fields_by_name else None
    return answer


async def decision(town: Town, contact_id: UUID, address: str) -> str:
    stub = town.service_stub(compliance_service_pb2_grpc.ComplianceServiceStub, "consent")
    request = compliance.EvaluateSendBatchRequest(
        context=compliance.EvaluationContext(
            channel=enums_pb2.CHANNEL_EMAIL,
            category=enums_pb2.CATEGORY_NEWSLETTER,
            purpose=compliance.EVALUATION_PURPOSE_PREVIEW,
        )
    )
    request.items.add(contact_id=str(contact_id), address=address)
    with as_tenant(town.tenant_id):
        answer = await stub.EvaluateSendBatch(request)
    return compliance.DecisionReason.Name(answer.decisions[0].reason).removeprefix("DECISION_REASON_").lower()


@pytest.mark.req("CON-91", "CON-92", "CON-54", "CON-71", "CON-99", "CON-125", "ANA-74", "REL-11", "W10")
async def test_nothing_of_an_erased_person_can_be_read_in_any_table_and_every_figure_stays(
    town: Town,
) -> None:
    anna, campaign_id, _ = await written_to(town)
    words = words_of(anna)
    before = await report(town, campaign_id)
    known = await traces(town, words)
    assert {"delivery.message", "campaign.campaign_recipient", "analytics.message_fact"} <= {
        table for table, name in known if name == "id"
    }
    made = await town.ask_erasure(anna)
    done = await town.run(made.privacy_request_id)
    assert done.state == pb.PrivacyRequest.STATE_COMPLETED
    assert {(part.service, part.remaining_count) for part in done.parts if part.action == "verify"} == {
        (service, 0) for service in SERVICES
    }
    left = await traces(town, words)
    assert {
        (table, name) for table, name in left if (table, name) not in {(one, "id") for one in MAPPINGS}
    } == set()
    assert await openable(town) == 4
    assert await report(town, campaign_id) == before
    row = await town.rows(
        "SELECT num_nonnulls(external_id, name, email, phone, first_name), erased_at IS NOT NULL FROM campaign.contact"
        " WHERE contact_id = %s",
        anna,
    )
    assert row == [(0, True)]
    contacts = town.cast.ada.contacts
    with pytest.raises(ServiceError) as erased:
        await contacts.GetContact(contact_service_pb2.GetContactRequest(contact_id=str(anna)))
    assert erased.value.reason == "CONTACT_ERASED"
    with pytest.raises(ServiceError) as unknown:
        await contacts.GetContact(contact_service_pb2.GetContactRequest(external_id=ANNA["external_id"]))
    assert unknown.value.reason == "NOT_FOUND"


async def openable(town: Town) -> int:
    """How many recipients can be read by somebody with every key there is."""
    database = town.services["delivery"].database
    envelope = Envelope(town.settings["delivery"].encryption_keys)
    found = 0
    async with database.tenant(town.tenant_id) as uow:
        secrets = dict(await uow.fetch_all("SELECT contact_id, uuid_send(secret) FROM person_key"))
        places = {
            (content, position): contact
            for content, position, contact in await uow.fetch_all(
                "SELECT content_id, position, contact_id FROM message"
            )
        }
        for content, number, sealed in await uow.fetch_all(
            "SELECT content_id, chunk, sealed FROM message_content"
        ):
            plain = await envelope.open(uow, sealed, sealing.aad_of_chunk(content.bytes, number))
            assert b"quillfeather" not in plain.lower()
            for place, record in enumerate(sealing.records(plain), number * CHUNK):
                assert record.is_personal
                tried = [secrets.get(places[content, place]), *secrets.values()]
                found += any(opens(record, secret, content.bytes, place) for secret in tried)
    return found


def opens(record: sealing.Record, secret: bytes | None, content_id: bytes, place: int) -> bool:
    try:
        return sealing.recipient(record, secret, content_id, place) is not None
    except Exception:  # noqa: BLE001 - whatever is wrong, it did not open
        return False


@pytest.mark.req("CON-91", "CON-71", "CON-92", "DEL-25")
async def test_from_the_answer_on_every_decision_denies_and_what_waits_is_cancelled(town: Town) -> None:
    await town.people(ANNA)
    anna = await town.contact_of(ANNA["external_id"])
    await town.settled()
    _, version_id = await given.template(town.cast.ada, enums_pb2.CATEGORY_ORDER)
    content = message_service_pb2.MessageContent(
        channel=enums_pb2.CHANNEL_EMAIL, category=enums_pb2.CATEGORY_ORDER, template_version_id=version_id
    )
    content.schedule_time.FromSeconds(int(town.clock.now().timestamp()) + 3600)
    later = await town.cast.ada.messages.SendMessage(
        message_service_pb2.SendMessageRequest(
            content=content,
            recipient=message_service_pb2.Recipient(contact_id=str(anna), address=ANNA["email"]),
            idempotency_key=str(uuid4()),
        )
    )
    assert await decision(town, anna, ANNA["email"]) == "unspecified"
    made = await town.ask_erasure(anna)
    assert made.state == pb.PrivacyRequest.STATE_RECEIVED
    assert await decision(town, anna, ANNA["email"]) == "contact_erased"
    await town.run(made.privacy_request_id)
    found = await town.cast.ada.messages.GetMessage(
        message_service_pb2.GetMessageRequest(message_id=later.message_id)
    )
    assert found.message.state == message_pb2.Message.STATE_CANCELLED
    assert (found.message.masked_address, found.message.contact_id) != ("", str(anna))
    assert found.message.masked_address == ""
    document = json.loads((await town.request(made.privacy_request_id)).receipt.document)
    assert document["cancelled_messages"] == 1


@pytest.mark.req("CON-92", "CON-68", "W10")
async def test_a_person_who_is_imported_again_gets_nothing(town: Town) -> None:
    anna, _, template_id = await written_to(town)
    made = await town.ask_erasure(anna)
    await town.run(made.privacy_request_id)
    await town.people(ANNA)
    again = await town.contact_of(ANNA["external_id"])
    assert again != anna
    await town.settled()
    assert await decision(town, again, ANNA["email"]) == "suppressed"
    campaign_id = await town.campaign(template_id, total=5)
    lines = await town.rows(
        "SELECT r.contact_id = %s, r.state, r.reason FROM campaign.campaign_recipient r"
        " JOIN campaign.campaign_run u USING (tenant_id, run_id) WHERE u.campaign_id = %s",
        again,
        campaign_id,
    )
    assert [reason for is_anna, _, reason in lines if is_anna] == ["suppressed"]
    assert len([1 for is_anna, _, _ in lines if not is_anna]) == 4
    assert await town.value("SELECT count(*) FROM delivery.message WHERE contact_id = %s", again) == 0
    entries = await town.rows(
        "SELECT channel, scope, reason, identifier_hint, contact_id FROM consent.suppression ORDER BY 1"
    )
    assert ("email", "marketing", "erasure", "", None) in entries


@pytest.mark.req("CON-91", "CON-92", "W10", "EVT-114")
async def test_the_receipt_is_signed_names_every_store_and_nobody(town: Town) -> None:
    anna, _, _ = await written_to(town)
    made = await town.ask_erasure(anna)
    done = await town.run(made.privacy_request_id)
    document = json.loads(done.receipt.document)
    stores = {one["store"]: one for one in document["stores"]}
    assert stores["delivery.person_key"]["keys_destroyed"] == 1
    assert {
        "campaign.contact",
        "delivery.message",
        "analytics.message_fact",
        "consent.consent",
    } <= stores.keys()
    for form in (str(anna), "quillfeather", ANNA["external_id"]):
        assert form not in done.receipt.document.decode().lower()
    ledger = town.cast.ada.channels.stub(ledger_service_pb2_grpc.LedgerServiceStub, "consent")
    keys = await ledger.ListReceiptKeys(ledger_service_pb2.ListReceiptKeysRequest())
    key = next(one for one in keys.keys if one.key_id == done.receipt.key_id)
    header, _, signature = done.receipt.signature.split(".")
    signed = header.encode() + b"." + urlsafe_b64encode(done.receipt.document).rstrip(b"=")
    public: Any = load_pem_public_key(key.pem.encode())
    public.verify(urlsafe_b64decode(signature + "=="), signed)
    types = [type for (type,) in await town.rows("SELECT type FROM consent.outbox ORDER BY id")]
    assert types.count("contact.erased") == 1
    assert types.index("privacy.request_created") < types.index("contact.erased")
    assert "privacy.request_completed" in types
    audited = await town.cast.ada.channels.stub(audit_pb2_grpc.AuditServiceStub, "consent").ListAuditEntries(
        audit_pb2.ListAuditEntriesRequest(resource_type="privacy_request")
    )
    assert {"privacy.erasure", "privacy.erasure_completed"} <= {one.action for one in audited.audit_entries}


@pytest.mark.req("CON-91", "CON-92")
async def test_the_trail_of_consents_still_verifies_after_an_erasure(town: Town) -> None:
    anna, _, _ = await written_to(town)
    trail = await town.value("SELECT count(*) FROM consent.consent_audit")
    made = await town.ask_erasure(anna)
    await town.run(made.privacy_request_id)
    ledger = town.cast.ada.channels.stub(ledger_service_pb2_grpc.LedgerServiceStub, "consent")
    findings, checked = [], 0
    async for answer in ledger.VerifyConsentLedger(ledger_service_pb2.VerifyConsentLedgerRequest()):
        findings += answer.findings
        checked = answer.checked_entries
    assert findings == []
    assert checked >= trail
    assert (
        await town.value(
            "SELECT count(*) FROM consent.consent_audit a JOIN consent.consent_chain c USING (tenant_id, chain_id)"
            " WHERE c.erased_at IS NOT NULL AND (a.evidence IS NOT NULL OR a.ip_address IS NOT NULL"
            " OR a.user_agent IS NOT NULL OR a.salt IS NOT NULL)"
        )
        == 0
    )
