"""Simulated people: what they do is fixed by seed and address, and goes through the gateway."""

from collections import Counter

import pytest

from sandbox.recipients.behaviours import BEHAVIOURS, behaviour_of
from sandbox.recipients.forms import unsubscribe_form
from sandbox.recipients.networks import person, privacy_relay, scanner
from tests.sandbox.kit import Kit, mail, raw


def test_the_shares_of_the_table_make_a_thousand() -> None:
    assert sum(behaviour.share for behaviour in BEHAVIOURS) == 1000


def test_an_address_behaves_the_same_for_the_same_seed_and_differently_for_another() -> None:
    people = [f"person{number}@example.com" for number in range(500)]
    first = [behaviour_of("one", address).name for address in people]
    assert first == [behaviour_of("one", address).name for address in people]
    assert first != [behaviour_of("two", address).name for address in people]


def test_shares_are_kept_over_many_addresses() -> None:
    counts = Counter(behaviour_of("seed", f"p{number}@example.com").name for number in range(40_000))
    for behaviour in BEHAVIOURS:
        assert abs(counts[behaviour.name] / 40 - behaviour.share) < 12


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("bounce@x.example", "hard_bounce"),
        ("bounce+17@x.example", "hard_bounce"),
        ("scanner-3@x.example", "scanner"),
        ("complain.8@x.example", "complainer"),
        ("unsubscribe-page@x.example", "page_unsubscriber"),
        ("unsubscribe-page+any@x.example", "page_unsubscriber"),
    ],
)
def test_a_special_local_part_forces_a_behaviour(address: str, name: str) -> None:
    assert behaviour_of("any", address).name == name


def test_visitors_come_from_the_networks_of_their_class() -> None:
    for number in range(200):
        address = f"p{number}@example.com"
        assert privacy_relay("s", address).ip.startswith("17.")
        assert privacy_relay("s", address).user_agent == "Mozilla/5.0"
        assert person("s", address) == person("s", address)
        assert not scanner("s", address).ip.startswith("17.")


def test_a_form_is_filled_in_as_the_page_describes_it() -> None:
    page = """<form method="post" action="../stop"><input type=hidden name=token value=t>
      <input type=checkbox name=a value=1 checked><input type=checkbox name=b value=2>
      <select name=scope><option value=one>One</option><option value=all selected>All</option></select>
      <input type=radio name=r value=x><input type=radio name=r value=y><input name=note disabled value=no>
      <button name=do value=stop>Stop</button><button name=do value=keep>Keep</button></form>"""
    form = unsubscribe_form(page, "https://gate.example/unsubscribe/t")
    assert form is not None
    assert form.action == "https://gate.example/stop"
    assert sorted(form.fields) == [("a", "1"), ("do", "stop"), ("r", "x"), ("scope", "all"), ("token", "t")]
    assert unsubscribe_form("<form action=/search></form>", "https://gate.example/") is None


SPECIAL = [
    "silent@x.example", "open@x.example", "click@x.example", "gmail@x.example", "apple@x.example",
    "scanner@x.example", "unsubscribe@x.example", "unsubscribe-page@x.example", "complain@x.example",
    "bounce@x.example", "full@x.example", "defer@x.example", "drop@x.example", "scanner-click@x.example",
]  # fmt: skip


async def test_everybody_acts_through_the_gateway_and_the_truth_says_what_they_did(kit: Kit) -> None:
    status, _, _ = await kit.send(mail(kit.gateway.url, *SPECIAL))
    assert status == 202
    summary = await kit.quiet()
    assert summary["campaigns"].keys() == {"c1"}
    totals = summary["totals"]
    assert totals["accepted"] == totals["accepted_unique"] == len(SPECIAL)
    assert totals["delivered"] == len(SPECIAL) - 3
    assert totals["bounced"] == {"hard": 1, "soft": 1}
    assert totals["dropped"] == totals["deferred"] == totals["complained"] == 1
    assert totals["unsubscribed"] == {"one_click": 1, "page": 1, "any": 2}
    assert totals["opened"] == {"human": 7, "proxy": 1, "privacy_prefetch": 1, "scanner": 0, "any": 9}
    assert totals["clicked"] == {"human": 2, "proxy": 0, "privacy_prefetch": 0, "scanner": 2, "any": 3}
    assert totals["failed"] == totals["unwelcome"] == totals["forged_webhooks_accepted"] == 0
    assert totals["links"]["https://example.com/0"]["scanner"] == 2

    opens = kit.gateway.paths("/track/open/")
    assert len(opens) == 9
    assert {hit.agent for hit in kit.gateway.hits if hit.path == "/track/open/m4.gif"} == {"Mozilla/5.0"}
    assert {hit.method for hit in kit.gateway.hits if hit.path.startswith("/track/click/m5")} == {
        "HEAD",
        "GET",
    }


async def test_one_click_posts_exactly_the_body_of_the_standard_without_cookies(kit: Kit) -> None:
    await kit.send(mail(kit.gateway.url, "unsubscribe@x.example"))
    await kit.quiet()
    (hit,) = [hit for hit in kit.gateway.hits if hit.method == "POST"]
    assert (hit.path, hit.body, hit.cookie) == ("/unsubscribe/m0", b"List-Unsubscribe=One-Click", "")
    assert (await kit.truth_of("unsubscribe@x.example"))["unsubscribed"]["how"] == "one_click"


async def test_the_page_is_looked_at_before_its_form_is_posted(kit: Kit) -> None:
    await kit.send(mail(kit.gateway.url, "unsubscribe-page@x.example"))
    await kit.quiet()
    hits = [hit for hit in kit.gateway.hits if hit.path == "/unsubscribe/m0"]
    assert [hit.method for hit in hits] == ["GET", "POST"]
    assert hits[1].body == b"form_token=f-m0&confirm=yes&scope=channel" or b"form_token=f-m0" in hits[1].body
    assert hits[1].cookie == "page=seen"


async def test_a_scanner_looks_at_the_unsubscribe_link_and_nobody_is_unsubscribed(kit: Kit) -> None:
    await kit.send(mail(kit.gateway.url, "scanner@x.example"))
    summary = await kit.quiet()
    assert "/unsubscribe/m0" in kit.gateway.paths("/unsubscribe/")
    assert summary["totals"]["unsubscribed"]["any"] == 0


async def test_who_said_stop_is_remembered_and_later_list_mail_is_unwelcome(kit: Kit) -> None:
    await kit.send(mail(kit.gateway.url, "unsubscribe@x.example"))
    await kit.quiet()
    before = len(kit.gateway.hits)
    await kit.send(mail(kit.gateway.url, "unsubscribe@x.example", prefix="again"))
    summary = await kit.quiet()
    assert summary["totals"]["unwelcome"] == 1
    assert len(kit.gateway.hits) == before
    person_now = (await kit.get("/truth"))["addresses"]["unsubscribe@x.example"]
    assert person_now["stopped"][0]["how"] == "one_click"
    assert person_now["accepted"] == 2


async def test_the_truth_is_written_only_after_the_gateway_answered(kit: Kit) -> None:
    kit.gateway.refuse_visits = 3
    await kit.send(mail(kit.gateway.url, "open@x.example"))
    summary = await kit.quiet()
    assert kit.gateway.refuse_visits == 0
    assert summary["totals"]["opened"]["human"] == 1
    assert len(kit.gateway.paths("/track/open/")) == 1


async def test_people_who_got_mail_by_smtp_act_alike(kit: Kit) -> None:
    client = await kit.smtp()
    for number, name in enumerate(("click", "unsubscribe", "scanner")):
        address = f"{name}@y.example"
        await client.sendmail("bounce+t@shop.example", [address], raw(kit.gateway.url, address, f"s{number}"))
    await client.quit()
    summary = await kit.quiet("c1")
    assert summary["totals"]["delivered"] == 3
    assert summary["totals"]["clicked"]["human"] == 1
    assert summary["totals"]["clicked"]["scanner"] == 1
    assert summary["totals"]["unsubscribed"]["one_click"] == 1
    assert (await kit.truth_of("click@y.example"))["subject"] == "Grüße"
