"""A request goes on from wherever its process died, and ends as if nothing had happened."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import privacy_service_pb2 as pb
from bench import given
from services.common.errors import ServiceError, unavailable
from services.common.jobs import JobRunner
from services.common.telemetry import REGISTRY
from services.consent.privacy.domain import STEPS, Request, Step
from services.consent.privacy.job import NAME
from services.consent.privacy.workflow import Done, Workflow
from tests.privacy.conftest import Town
from tests.privacy.test_export import content_of, download


class KilledError(BaseException):
    """Stands for the end of a process: nothing of it goes on."""


class Dying(Workflow):
    """Dies once a step has done its work, before that is written down."""

    dies_after: int

    async def _work(self, request: Request, step: Step) -> Done:
        await super()._work(request, step)
        if step.number == self.dies_after:
            raise KilledError
        return Done()


def dying(town: Town, after: int) -> Dying:
    made = town.parts().workflow
    found = Dying(made.database, made.neighbours, made.eraser, made.vault, made.receipt_keys)
    object.__setattr__(found, "dies_after", after)
    return found


async def interrupted(town: Town, request_id: str, number: int, moment: str) -> None:
    """Runs a request up to a step, and dies before or after the step is written down."""
    workflow = town.parts().workflow
    for _ in range(number - 1):
        assert await workflow.advance(town.tenant_id, UUID(request_id))
    if moment == "done":
        with pytest.raises(KilledError):
            await dying(town, number).advance(town.tenant_id, UUID(request_id))
    else:
        await workflow.advance(town.tenant_id, UUID(request_id))


async def state_of(town: Town, contact_id: UUID) -> dict[str, int]:
    """How many rows stand for a person in each table, by what takes the place of their id."""
    tombstones = {
        one
        for service in ("consent", "campaign", "delivery", "analytics")
        for (one,) in await town.rows(f"SELECT tombstone_id FROM {service}.erased_person")  # type: ignore[arg-type]
    }
    assert tombstones
    request = await town.rows(
        "SELECT tombstone_id, state FROM consent.privacy_request WHERE contact_id = %s AND kind = 'erasure'",
        contact_id,
    )
    [(tombstone, state)] = request
    found = {f"request {state}": 1}
    for table in (
        "delivery.message",
        "campaign.campaign_recipient",
        "analytics.message_fact",
        "consent.decision",
    ):
        found[table] = await town.value(f"SELECT count(*) FROM {table} WHERE contact_id = %s", tombstone)  # type: ignore[arg-type]
        assert await town.value(f"SELECT count(*) FROM {table} WHERE contact_id = %s", contact_id) == 0  # type: ignore[arg-type]
    found["keys"] = await town.value(
        "SELECT count(*) FROM delivery.person_key WHERE contact_id = %s", contact_id
    )
    return found


def stores(document: bytes) -> dict[str, tuple[int, int, int]]:
    """What a receipt says was done in each store.

    Left out is what differs between people: events speak of several at once, and a run stands at one of them.
    """
    return {
        one["store"]: (one["deleted"], one["anonymized"], one["keys_destroyed"])
        for one in json.loads(document)["stores"]
        if not one["store"].endswith((".outbox", ".campaign_run"))
    }


@pytest.mark.req("CON-91", "JOB-32", "JOB-6", "W10", "REL-11")
async def test_an_erasure_that_dies_after_any_step_ends_as_one_that_was_never_disturbed(town: Town) -> None:
    faults = [
        (number, moment) for number in range(1, len(STEPS["erasure"]) + 1) for moment in ("done", "written")
    ]
    people = [
        {"external_id": f"q-{n}", "email": f"silent+q{n}@example.com", "first_name": f"Quinn{n}"}
        for n in range(len(faults) + 2)
    ]
    await town.people(*people)
    template_id, _ = await given.template(town.cast.ada, enums_pb2.CATEGORY_NEWSLETTER)
    await town.settled()
    await town.campaign(template_id, total=len(people))
    await town.settled()
    # The first of an import gives its name to the audit entry of all.
    contacts = [await town.contact_of(one["external_id"]) for one in people[1:]]
    made = await town.ask_erasure(contacts[0])
    undisturbed = await town.run(made.privacy_request_id)
    expected = await state_of(town, contacts[0])
    assert expected["delivery.message"] == 1
    for contact_id, (number, moment) in zip(contacts[1:], faults, strict=True):
        made = await town.ask_erasure(contact_id)
        await interrupted(town, made.privacy_request_id, number, moment)
        done = await town.run(made.privacy_request_id)
        assert done.state == pb.PrivacyRequest.STATE_COMPLETED, (number, moment)
        assert await state_of(town, contact_id) == expected, (number, moment)
        differs = set(stores(done.receipt.document).items()) ^ set(
            stores(undisturbed.receipt.document).items()
        )
        assert differs == set(), (number, moment)
    erased = await town.value("SELECT count(*) FROM consent.outbox WHERE type = 'contact.erased'")
    assert erased == len(contacts)


@pytest.mark.req("CON-90", "JOB-32", "JOB-6")
async def test_an_export_that_dies_after_any_step_holds_the_same_as_one_that_was_never_disturbed(
    town: Town,
) -> None:
    await town.people({"external_id": "q-1", "email": "silent+q1@example.com", "first_name": "Quinn"})
    contact_id = await town.contact_of("q-1")
    await town.settled()
    made = await town.ask_export(contact_id)
    await town.run(made.privacy_request_id)
    expected = content_of(await download(town, made.privacy_request_id))
    for number in range(1, len(STEPS["export"]) + 1):
        for moment in ("done", "written"):
            made = await town.ask_export(contact_id)
            await interrupted(town, made.privacy_request_id, number, moment)
            done = await town.run(made.privacy_request_id)
            assert done.state == pb.PrivacyRequest.STATE_COMPLETED, (number, moment)
            found = content_of(await download(town, made.privacy_request_id))
            assert found.keys() == expected.keys()
            same = [name for name in found if "audit" not in name and "privacy_requests" not in name]
            assert {name: found[name] for name in same} == {name: expected[name] for name in same}, (
                number,
                moment,
            )


class Away:
    """A neighbour that does not answer."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.is_away = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def erase(self, service: str, request: Request) -> Any:
        if self.is_away and service == "analytics":
            raise unavailable("analytics")
        return await self._inner.erase(service, request)


@pytest.mark.req("CON-91", "JOB-32", "CON-11")
async def test_a_part_that_fails_is_tried_again_later_and_told_of_before_the_request_is_due(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    await town.people({"external_id": "q-1", "email": "silent+q1@example.com", "first_name": "Quinn"})
    contact_id = await town.contact_of("q-1")
    await town.settled()
    made = await town.ask_erasure(contact_id)
    whole = town.parts()
    away = Away(whole.workflow.neighbours)
    workflow = Workflow(
        whole.workflow.database,
        away,
        whole.workflow.eraser,
        whole.workflow.vault,
        whole.workflow.receipt_keys,
    )  # type: ignore[arg-type]
    stuck = await town.run(made.privacy_request_id, workflow)
    assert stuck.state == pb.PrivacyRequest.STATE_RUNNING
    [failed] = [part for part in stuck.parts if part.error]
    assert (failed.service, failed.error, failed.attempt_count) == ("analytics", "DEPENDENCY_UNAVAILABLE", 1)
    next_at = await town.value("SELECT next_at FROM consent.privacy_request")
    assert timedelta(seconds=5) < next_at - town.clock.now() <= timedelta(seconds=15)
    from services.consent.privacy.job import privacy_job

    runner = JobRunner(workflow.database, [privacy_job(workflow)], town.clock)
    town.clock.ahead = timedelta(days=23, hours=1)
    assert await runner.run_now(NAME) is not None
    assert due_soon() == 1
    assert "a privacy request is due soon" in capsys.readouterr().out
    away.is_away = False
    town.clock.ahead = timedelta(days=24)
    await runner.run_now(NAME)
    assert (await town.request(made.privacy_request_id)).state == pb.PrivacyRequest.STATE_COMPLETED
    await runner.run_now(NAME)
    assert due_soon() == 0


def due_soon() -> float:
    """What the metric of requests that are due soon shows."""
    [found] = [
        sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name.endswith("privacy_requests_due_soon")
    ]
    return found


@pytest.mark.req("CON-91", "ANA-74", "W10")
async def test_what_was_on_its_way_at_the_erasure_is_found_an_hour_later(town: Town) -> None:
    await town.people({"external_id": "q-1", "email": "silent+q1@example.com", "first_name": "Quinn"})
    contact_id = await town.contact_of("q-1")
    await town.settled()
    template_id, _ = await given.template(town.cast.ada, enums_pb2.CATEGORY_NEWSLETTER)
    await town.campaign(template_id, total=1)
    await town.settled()
    made = await town.ask_erasure(contact_id)
    await town.run(made.privacy_request_id)
    # An event that analytics hears of only now.
    await town.rows("UPDATE analytics.message_fact SET contact_id = %s", contact_id)
    parts = town.parts()
    runner = JobRunner(parts.workflow.database, [parts.job], town.clock)
    town.clock.ahead = timedelta(hours=1, minutes=1)
    await runner.run_now(NAME)
    assert (
        await town.value("SELECT count(*) FROM analytics.message_fact WHERE contact_id = %s", contact_id) == 0
    )
    for days, left in ((2, 1), (9, 0)):
        town.clock.ahead = timedelta(days=days)
        await runner.run_now(NAME)
        assert (
            await town.value("SELECT count(*) FROM consent.privacy_request WHERE aftercare_at IS NOT NULL")
            == left
        )


@pytest.mark.req("CON-101", "CON-93", "CON-99", "CON-51", "CON-52", "CON-11", "SEC-27")
async def test_requests_need_the_right_person_the_phrase_and_come_one_at_a_time(town: Town) -> None:
    await town.people({"external_id": "q-1", "email": "silent+q1@example.com", "first_name": "Quinn"})
    contact_id = await town.contact_of("q-1")
    await town.settled()
    with pytest.raises(ServiceError) as wrong:
        await town.ask_erasure(contact_id, confirmation_phrase="erase everybody")
    assert wrong.value.violations[0].field == "confirmation_phrase"
    with pytest.raises(ServiceError) as unproved:
        await town.ask_erasure(contact_id, requester_verified_by="")
    assert unproved.value.reason == "VALIDATION_FAILED"
    for actor in (town.cast.ben, town.cast.operator):
        from angarium.consent.v1 import privacy_service_pb2_grpc

        stub = actor.channels.stub(privacy_service_pb2_grpc.PrivacyServiceStub, "consent")
        with pytest.raises(ServiceError) as denied:
            await stub.CreateExport(
                pb.CreateExportRequest(contact_id=str(contact_id), requester_verified_by="passport")
            )
        assert denied.value.reason == "PERMISSION_DENIED"
    with pytest.raises(ServiceError) as nobody:
        await town.ask_export(UUID("0190a0a0-0000-7000-8000-000000000001"))
    assert nobody.value.reason == "NOT_FOUND"
    first = await town.ask_export(contact_id)
    assert (first.due_time.seconds - first.create_time.seconds) == 30 * 86_400
    with pytest.raises(ServiceError) as second:
        await town.ask_export(contact_id)
    assert second.value.reason == "ALREADY_EXISTS"
    erasure = await town.ask_erasure(contact_id)
    assert (await town.request(first.privacy_request_id)).state == pb.PrivacyRequest.STATE_FAILED
    with pytest.raises(ServiceError) as again:
        await town.ask_erasure(contact_id)
    assert again.value.reason == "ALREADY_EXISTS"
    await town.run(erasure.privacy_request_id)
    with pytest.raises(ServiceError) as erased:
        await town.ask_export(contact_id)
    assert erased.value.reason == "CONTACT_ERASED"
    page = await town.privacy.ListPrivacyRequests(
        pb.ListPrivacyRequestsRequest(contact_id=str(contact_id), page_size=1)
    )
    assert [one.kind for one in page.privacy_requests] == [pb.PrivacyRequest.KIND_ERASURE]
    rest = await town.privacy.ListPrivacyRequests(
        pb.ListPrivacyRequestsRequest(
            contact_id=str(contact_id), page_size=1, page_token=page.next_page_token
        )
    )
    assert [one.kind for one in rest.privacy_requests] == [pb.PrivacyRequest.KIND_EXPORT]


@pytest.mark.req("CON-11", "CON-52")
async def test_an_erasure_that_has_not_begun_can_be_refused_and_leaves_no_mark(town: Town) -> None:
    await town.people({"external_id": "q-1", "email": "silent+q1@example.com", "first_name": "Quinn"})
    contact_id = await town.contact_of("q-1")
    await town.settled()
    from tests.privacy.test_erasure import decision

    made = await town.ask_erasure(contact_id)
    assert await decision(town, contact_id, "silent+q1@example.com") == "contact_erased"
    answer = await town.privacy.RejectPrivacyRequest(
        pb.RejectPrivacyRequestRequest(privacy_request_id=made.privacy_request_id, reason="not the person")
    )
    assert answer.privacy_request.state == pb.PrivacyRequest.STATE_REJECTED
    assert await decision(town, contact_id, "silent+q1@example.com") == "unspecified"
    with pytest.raises(ServiceError) as ended:
        await town.privacy.RejectPrivacyRequest(
            pb.RejectPrivacyRequestRequest(privacy_request_id=made.privacy_request_id, reason="again")
        )
    assert ended.value.reason == "VERSION_CONFLICT"
    assert not await town.parts().workflow.advance(town.tenant_id, UUID(made.privacy_request_id))
