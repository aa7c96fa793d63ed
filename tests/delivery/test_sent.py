"""What was really sent is kept as it left, and shown to whoever may see it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.common.v1 import contact_data_pb2, contact_data_pb2_grpc, enums_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.templating import ContentSource, Options, PlainTrail, RenderError, compile_content
from services.delivery import retention
from services.delivery.sent import frames, records
from tests.delivery.kit import House, now, recipient

HTML = (
    '<p>Dear {{ name }}, <a href="https://salon.example/shop?a=1&b=2">our shop</a>'
    ' <a href="https://salon.example/for/{{ name }}">yours</a> <a href="{{ unsubscribe_url }}">leave</a></p>'
)


async def said(house: House, message_id: str, *roles: str) -> pb.SentContent | None:
    answer = await house.messages.GetMessage(
        pb.GetMessageRequest(message_id=message_id, view_content=True),
        metadata=house.as_person(*roles or ("branch_manager",)),
    )
    return answer.content if answer.HasField("content") else None


@pytest.mark.req("DEL-1", "DEL-23", "SEC-33")
async def test_what_a_message_said_is_shown_as_it_left_without_what_acts_for_its_recipient(
    house: House,
) -> None:
    await house.add_account()
    template = house.template(category=enums_pb2.CATEGORY_OFFER, html=HTML)
    house.neighbours.templates.versions[house.tenant_id, str(template)].sender.tracking_enabled = True
    people = [recipient(number) for number in range(3)]
    for number, person in enumerate(people):
        person.variables["name"] = f"Anna{number}"
    answer = await house.send_block(house.campaign_content(template), people)
    assert await said(house, answer.message_ids[1]) is None
    async with house.worker():
        await house.until_states({"sent": 3})
    # Another version of the same words would change nothing of what was sent.
    house.neighbours.templates.versions[house.tenant_id, str(template)].version.contents[0].subject = "Other"
    shown = await said(house, answer.message_ids[1])
    assert shown is not None
    assert (shown.subject, shown.language_code, shown.values_removed) == ("Hello Anna1", "en", False)
    assert shown.text.startswith("Dear Anna1, welcome.")
    assert "Dear Anna1, " in shown.html
    assert 'href="https://salon.example/shop?a=1&amp;b=2"' in shown.html
    assert 'href="#unsubscribe"' in shown.html
    assert "/track/click/…" in shown.html
    base = house.settings.public_base_url
    for part in (shown.html, shown.text):
        assert f"{base}/unsubscribe/" not in part
        assert "/track/open/" not in part
    [row] = await house.rows("SELECT sealed FROM sent_content")
    assert b"Anna" not in row[0]


@pytest.mark.req("SEC-33")
async def test_only_who_may_see_contents_sees_them_and_each_look_is_noted(house: House) -> None:
    await house.add_account()
    answer = await house.send_one(house.content(), recipient(1))
    async with house.worker():
        await house.until_states({"sent": 1})
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await said(house, answer.message_id, "receptionist")
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
    plain = await house.messages.GetMessage(
        pb.GetMessageRequest(message_id=answer.message_id), metadata=house.as_person("receptionist")
    )
    assert not plain.HasField("content")
    assert await house.value("SELECT count(*) FROM audit WHERE action = 'message.view_content'") == 0
    shown = await said(house, answer.message_id)
    assert shown is not None
    assert shown.subject == "Hello Person 1"
    rows = await house.rows(
        "SELECT actor, resource_id FROM audit WHERE action = 'message.view_content' AND tenant_id = %s",
        house.tenant_id,
    )
    assert [(actor.split()[-1], id) for actor, id in rows] == [("person-1", answer.message_id)]


@pytest.mark.req("DEL-1", "EVT-47")
async def test_values_that_one_person_may_see_once_are_not_kept(house: House) -> None:
    await house.add_account()
    template = house.template(category=enums_pb2.CATEGORY_ACCOUNT_SECURITY, text="Your code: {{ name }}")
    content = house.content(template, category=enums_pb2.CATEGORY_ACCOUNT_SECURITY)
    person = recipient(1)
    person.variables["name"] = "4711-0815"
    answer = await house.send_one(content, person)
    async with house.worker():
        await house.until_states({"sent": 1})
    shown = await said(house, answer.message_id)
    assert shown is not None
    assert shown.values_removed
    assert (shown.subject, shown.text.strip()) == ("Hello ***", "Your code: ***")


@pytest.mark.req("DEL-1")
async def test_of_several_tries_the_last_one_is_shown_also_when_nobody_knows_what_came_of_it(
    house: House,
) -> None:
    rules = [
        {"result": "retryable", "code": "unavailable", "times": 1},
        {"result": "unknown", "code": "timeout", "times": 1},
    ]
    await house.add_account(config={"rules": rules})
    answer = await house.send_one(house.content(subject_override="For {{ name }} only"), recipient(7))
    async with house.worker(retry_delay_ms=20):
        await house.until_states({"unknown": 1})
    assert await house.value("SELECT count(*) FROM sent_content") == 2
    shown = await said(house, answer.message_id)
    assert shown is not None
    assert shown.subject == "For Person 7 only"


@pytest.mark.req("DEL-1", "W10", "GEN-47")
async def test_erased_people_and_old_contents_show_nothing(house: House) -> None:
    await house.add_account()
    people = [recipient(1), recipient(2)]
    answer = await house.send_block(house.content(), people)
    async with house.worker():
        await house.until_states({"sent": 2})
    stub = contact_data_pb2_grpc.ContactDataServiceStub(house.channel)
    export = await exported(stub, house, people[0].contact_id)
    assert "Hello Person 1" in export
    assert "Hello Person 2" not in export
    await stub.EraseContactData(
        contact_data_pb2.EraseContactDataRequest(
            contact_id=people[0].contact_id, privacy_request_id=str(uuid4()), tombstone_id=str(uuid4())
        ),
        metadata=house.as_service("consent"),
    )
    assert await said(house, answer.message_ids[0]) is None
    assert await said(house, answer.message_ids[1]) is not None
    await forget(house, timedelta(days=100))
    assert await house.value("SELECT count(*) FROM sent_frame") == 1
    await house.rows("UPDATE sent_frame SET used_at = used_at - interval '153 days'")
    await forget(house, timedelta())
    assert await house.value("SELECT count(*) FROM sent_frame") == 0
    assert "sent_content" in retention.PARTITIONED


async def exported(stub: Any, house: House, contact_id: str) -> str:
    request = contact_data_pb2.ExportContactDataRequest(
        contact_id=contact_id, privacy_request_id=str(uuid4())
    )
    blocks = stub.ExportContactData(request, metadata=house.as_service("consent"))
    return "".join([str(block) async for block in blocks])


async def forget(house: House, later: timedelta) -> None:
    for step in retention.steps(house.settings.content_kept):
        if step.__name__ == "frames":
            async with house.service.database.system() as uow:
                await step(uow, now() + later, 500)


@given(names=st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=4), own=st.booleans())
def test_what_is_kept_gives_every_text_back_as_it_was(names: list[str], own: bool) -> None:
    source = ContentSource(
        subject="Hi {{ name }}", text="Dear {{ name }}, {{ other }}.", html="<b>{{ other }}</b>"
    )
    content = compile_content(source, None, Options("email", "en", marketing=False, pixel=False))
    frame = frames.unpacked(frames.of(content, has_own_subject=own).packed)
    handover_id, content_id = uuid4(), uuid4().bytes
    place = records.place_of(handover_id, content_id)
    secret = uuid4().bytes
    stored = b""
    wanted: list[dict[str, str]] = []
    for position, name in enumerate(names):
        variables = {"name": name.replace("\n", "").replace("\r", "") or "x", "other": name}
        try:
            slots = content.render_slots(variables, PlainTrail())
        except RenderError:
            continue
        wanted.append({part: content.join(slots, part) for part in content.parts})
        key = secret if position % 2 else None
        stored += records.packed(len(wanted) - 1, frame.values(content, slots), key, place)
    for position, parts in enumerate(wanted):
        record = records.find(stored, position)
        assert record is not None
        values = records.values(record, position, secret, place)
        assert frame.shown(values, frames.Tracks("https://x.example")).parts == parts
    assert records.find(stored, len(wanted)) is None


def test_frames_are_known_by_what_they_hold() -> None:
    def frame(text: str) -> UUID:
        source = ContentSource(text=text)
        content = compile_content(source, None, Options("sms", "en", marketing=False))
        return frames.of(content, has_own_subject=False).frame_id

    assert frame("Hi {{ name }}") == frame("Hi {{ name }}") != frame("Hello {{ name }}")
