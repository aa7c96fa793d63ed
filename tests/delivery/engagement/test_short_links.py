"""A short link in a text leads where its message says, counts for that message, and tells nobody anything."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

import pytest

from services.common.templating import (
    CompiledContent,
    ContentSource,
    Options,
    Variable,
    VariableType,
    compile_content,
)
from services.delivery.engagement.links import Tracking
from tests.delivery.engagement.conftest import CLICK, Visits

TEXT = "Hi {{ name }}: https://shop.example/spring?utm=sms. Pay at https://shop.example/o/{{ order }}/pay!"
SPRING = "https://shop.example/spring?utm=sms"
CODE = re.compile(r"/l/([A-Za-z0-9]{10})\b")


def compiled(text: str = TEXT) -> CompiledContent:
    variables = [Variable(name, VariableType.STRING, required=True) for name in ("name", "order")]
    options = Options(channel="sms", language="en", marketing=False, shorten_links=True)
    return compile_content(ContentSource(text=text), variables, options)


async def sent(visits: Visits, message_id: Any, **variables: str) -> str:
    content = compiled()
    template: Any = None
    tracks = await Tracking(visits.links).begin(visits.tenant_id, template, content, None)
    given = {"name": "Ada", "order": "77", **variables}
    slots = content.render_slots(given, tracks.of(message_id.bytes, ""), UTC)
    await tracks.finish()
    return content.join(slots, "text")


@pytest.mark.req("DEL-11", "DEL-89", "DEL-139")
async def test_each_message_has_codes_of_its_own_that_lead_to_the_stored_target(visits: Visits) -> None:
    first, second = await visits.outside.left(2)
    texts = [await sent(visits, first), await sent(visits, second, order="78")]
    assert "shop.example" not in texts[0]
    assert texts[0].startswith("Hi Ada: ")
    assert texts[0].endswith("!")
    codes = [CODE.findall(text) for text in texts]
    assert len({code for found in codes for code in found}) == 4
    hits = [visits.hit(CLICK, code, after=8 + 60 * at) for found in codes for at, code in enumerate(found)]
    answers = await visits.record(*hits)
    assert [one.target_url for one in answers] == [
        SPRING, "https://shop.example/o/77/pay", SPRING, "https://shop.example/o/78/pay",
    ]  # fmt: skip
    assert all(one.is_counted for one in answers)
    await visits.settle()
    assert await visits.outside.message(first, "click_count") == (2,)


@pytest.mark.req("DEL-11", "DEL-90")
async def test_an_old_code_still_leads_and_counts_nothing_and_an_unknown_one_gets_nothing(
    visits: Visits,
) -> None:
    [message_id] = await visits.outside.left()
    code = CODE.findall(await sent(visits, message_id))[0]
    await visits.outside.house.rows("UPDATE short_link SET expires_at = now() - interval '1 second'")
    late, unknown = await visits.record(visits.hit(CLICK, code), visits.hit(CLICK, "A" * 10))
    assert (late.target_url, late.is_genuine, late.is_counted) == (SPRING, True, False)
    assert (unknown.target_url, unknown.is_genuine) == ("", False)
    await visits.settle()
    assert await visits.outside.message(message_id, "click_count") == (0,)


@pytest.mark.req("DEL-11")
async def test_a_block_of_messages_stores_its_short_links_in_one_statement(visits: Visits) -> None:
    ids = await visits.outside.left(50)
    content = compiled()
    template: Any = None
    tracks = await Tracking(visits.links).begin(visits.tenant_id, template, content, None)
    for message_id in ids:
        content.render_slots({"name": "Ada", "order": "1"}, tracks.of(message_id.bytes, ""), UTC)
    await tracks.finish()
    rows = await visits.outside.house.rows(
        "SELECT count(*), count(DISTINCT code), count(DISTINCT xmin::text) FROM short_link"
    )
    assert rows == [(100, 100, 1)]
