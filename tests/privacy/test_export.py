"""Exporting what is known of a person: all of it, in one archive that nobody else can read."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest

from angarium.common.v1 import audit_pb2, audit_pb2_grpc
from angarium.consent.v1 import privacy_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.jobs import JobRunner
from services.consent.privacy.job import NAME
from tests.privacy.conftest import ANNA, Town


async def download(town: Town, request_id: str) -> bytes:
    pieces = [
        one.data
        async for one in town.privacy.DownloadExport(pb.DownloadExportRequest(privacy_request_id=request_id))
    ]
    assert all(len(piece) <= 262_144 for piece in pieces)
    return b"".join(pieces)


def content_of(archive: bytes) -> dict[str, list[Any]]:
    """The records of an archive by file."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {
            name: json.loads(opened.read(name))
            for name in opened.namelist()
            if name.endswith(".json") and name != "manifest.json"
        }


class Page(HTMLParser):
    """What a page shows and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not {"src", "href", "onload", "onclick"} & {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.req("CON-50", "CON-53", "CON-54", "CON-90", "CON-125", "W10")
async def test_an_export_holds_what_every_service_knows_with_a_manifest_that_proves_it(town: Town) -> None:
    from tests.privacy.test_erasure import written_to

    anna, campaign_id, _ = await written_to(town)
    many = 3000
    await town.rows(
        "INSERT INTO consent.preference_history (tenant_id, preference_history_id, contact_id, changed_by, changes, source,"
        " created_at) SELECT %s, gen_random_uuid(), %s, 'contact', jsonb_build_object('note', md5(n::text) ||"
        " md5((n * 7)::text) || md5((n * 13)::text)), 'page', now() FROM generate_series(1, %s) AS n",
        town.tenant_id,
        anna,
        many,
    )
    made = await town.ask_export(anna, format=pb.PrivacyRequest.FORMAT_CSV)
    done = await town.run(made.privacy_request_id)
    assert done.state == pb.PrivacyRequest.STATE_COMPLETED
    archive = await download(town, made.privacy_request_id)
    assert len(archive) == done.result_size
    records = content_of(archive)
    assert records["campaign/profile.json"][0]["email"] == ANNA["email"]
    assert records["campaign/profile.json"][0]["state"] == "active"
    assert len(records["campaign/campaign_recipients.json"]) == 1
    assert "segment_memberships" in "".join(records)
    [message] = records["delivery/messages.json"]
    assert (message["address"], message["campaign_id"], message["state"]) == (
        ANNA["email"],
        campaign_id,
        "sent",
    )
    assert message["name"] == "Anneliese Quillfeather"
    assert {one["channel"] for one in records["consent/consents.json"]} == {"email"}
    assert records["consent/consent_audit.json"]
    assert len(records["consent/preference_history.json"]) == many
    assert records["consent/decisions.json"]
    assert records["analytics/message_facts.json"][0]["message_id"] == message["message_id"]
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        manifest = json.loads(opened.read("manifest.json"))
        listed = {one["name"]: one for one in manifest["files"]}
        assert set(listed) == set(opened.namelist()) - {"manifest.json"}
        for name, one in listed.items():
            data = opened.read(name)
            assert (one["bytes"], one["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
            if name.endswith(".json"):
                assert one["rows"] == len(records[name])
        table = list(csv.DictReader(io.StringIO(opened.read("consent/preference_history.csv").decode())))
        assert len(table) == many
        page = Page()
        page.feed(opened.read("index.html").decode())
    assert manifest["rows"] == sum(len(rows) for rows in records.values())
    assert not {"script", "link", "img", "iframe"} & page.tags
    assert ANNA["email"] in page.text
    assert {part.service: part.row_count for part in done.parts if part.action == "collect"} == {
        service: sum(len(rows) for name, rows in records.items() if name.startswith(f"{service}/"))
        for service in ("consent", "campaign", "delivery", "analytics")
    }
    audited = await town.cast.ada.channels.stub(audit_pb2_grpc.AuditServiceStub, "consent").ListAuditEntries(
        audit_pb2.ListAuditEntriesRequest(resource_id=made.privacy_request_id)
    )
    assert [one.action for one in audited.audit_entries if one.action == "privacy.download"] == [
        "privacy.download"
    ]


@pytest.mark.req("CON-90", "CON-53", "GEN-47", "JOB-32")
async def test_an_archive_is_sealed_piece_by_piece_and_gone_after_seven_days(town: Town) -> None:
    await town.people(ANNA)
    anna = await town.contact_of(ANNA["external_id"])
    await town.settled()
    made = await town.ask_export(anna)
    with pytest.raises(ServiceError) as early:
        await download(town, made.privacy_request_id)
    assert early.value.reason == "NOT_FOUND"
    done = await town.run(made.privacy_request_id)
    assert done.result_expire_time.seconds - done.complete_time.seconds == 7 * 86_400
    parts = await town.rows("SELECT DISTINCT part FROM consent.privacy_piece")
    assert parts == [("archive",)]
    for (sealed,) in await town.rows("SELECT sealed FROM consent.privacy_piece"):
        assert not {b"PK", b"manifest"} & {bytes(sealed[:2]), bytes(sealed[12:14])}
        assert b"quillfeather" not in bytes(sealed).lower()
    runner = JobRunner(town.services["consent"].database, [town.parts().job], town.clock)
    town.clock.ahead = timedelta(days=6, hours=23)
    await runner.run_now(NAME)
    assert await download(town, made.privacy_request_id)
    town.clock.ahead = timedelta(days=7, minutes=1)
    with pytest.raises(ServiceError) as late:
        await download(town, made.privacy_request_id)
    assert late.value.reason == "NOT_FOUND"
    await runner.run_now(NAME)
    assert await town.value("SELECT count(*) FROM consent.privacy_piece") == 0
    assert await town.value("SELECT count(*) FROM consent.privacy_request WHERE archive_key IS NOT NULL") == 0


@pytest.mark.req("CON-93", "EVT-49")
async def test_a_deleted_account_asks_for_its_own_erasure_once(town: Town) -> None:
    from services.common.rpc.context import Caller, bind

    await town.people(ANNA)
    anna = await town.contact_of(ANNA["external_id"])
    await town.settled()
    privacy = town.parts().privacy
    found = []
    with bind(Caller.of_service("campaign", town.tenant_id)):
        for _ in range(2):
            async with town.services["consent"].database.tenant(town.tenant_id) as uow:
                found.append(await privacy.user_deleted(uow, anna))
    assert found[1] is None
    assert found[0] is not None
    done = await town.run(str(found[0].request_id))
    assert done.state == pb.PrivacyRequest.STATE_COMPLETED
    assert done.requester_verified_by == "user.deleted"
    assert UUID(done.contact_id) == anna
