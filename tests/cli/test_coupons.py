"""`angarium coupons` against a served campaign; coupons as people write them in files."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from angarium.campaign.v1 import coupon_pb2
from angarium.campaign.v1 import coupon_service_pb2 as pb
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from cli.coupons import drafts
from cli.coupons.pools import BLOCK
from cli.coupons.showing import REFUSALS
from cli.output import CommandError
from tests.campaign.coupons.given import contact, order
from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served

SPRING = """
name = "Spring"
code = "spring"
amount = "5 EUR"
min_order_amount = "20 EUR"
code_kind = "shared"
valid_from_date = 2026-01-01
valid_until_date = 2099-12-31
service_ids = ["cut"]
"""


@pytest.fixture
async def ask(angarium: Angarium, campaign: Served) -> Ask:
    """Runs `angarium coupons` for the tenant, while the service answers."""
    return asking(angarium, "coupons", tenant=str(campaign.tenant_id), campaign=campaign.address)


@pytest.mark.req("LIF-27", "LIF-29", "W9")
async def test_an_operator_makes_a_coupon_checks_its_code_and_takes_it_out_of_use(
    ask: Ask, campaign: Served, tmp_path: Path
) -> None:
    file = tmp_path / "spring.toml"
    file.write_text(SPRING)
    made = await ask("create", str(file), "--percent", "12.5", "--max-uses", "3", "--json")
    assert made.code == 0, made.err
    terms = made.document["coupon"]
    assert (terms["code"], terms["discount"], terms["max_uses"]) == ("SPRING", "12.5 %", 3)
    assert (terms["min_order"], terms["services"]) == ("20.00 EUR", ["cut"])
    again = await ask("create", str(file))
    assert (again.code, "without --code one is made" in again.err) == (1, True)

    anna = await contact(campaign)
    asked = ("check", "spring", "--contact", anna, "--amount", "80 EUR")
    good, bad, nobody = await asyncio.gather(
        ask(*asked, "--service", "cut", "--json"),
        ask(*asked),
        ask("check", "spring", "--contact", "c-0", "--amount", "80 EUR"),
    )
    assert (good.code, good.document["discount"]) == (0, "10.00 EUR")
    assert (bad.code, "--service" in bad.out) == (1, True)
    assert (nobody.code, "angarium contacts list" in nobody.err) == (1, True)

    using = pb.RedeemCouponRequest(
        code="SPRING", order=order(anna, "80", service_ids=["cut"]), invoice_id="i1"
    )
    await campaign.person(CouponServiceStub).RedeemCoupon(using)
    listed, shown = await asyncio.gather(ask("redemptions", "SPRING", "--json"), ask("show", "SPRING"))
    [used] = listed.document["redemptions"]
    assert (used["invoice"], used["contact"], used["discount"]) == ("i1", anna, "10.00 EUR")
    assert "used                   1" in shown.out
    assert "set_aside              0" in shown.out
    ended = await ask("deactivate", "Spring", "--json")
    assert ended.document["coupon"]["state"] == "inactive"
    [left] = (await ask("list", "--standing", "inactive", "--json")).document["coupons"]
    assert (left["coupon"], left["used"]) == (terms["coupon"], 1)


@pytest.mark.req("W9")
async def test_a_file_of_codes_fills_a_pool_block_by_block_and_bad_lines_are_told(
    ask: Ask, tmp_path: Path
) -> None:
    days = ("--from", "2026-01-01", "--until", "2099-12-31")
    made, shared = await asyncio.gather(
        ask("create", "--name", "Pool", "--amount", "5 EUR", "--kind", "pool", *days),
        ask("create", "--name", "Shared", "--percent", "10", "--code", "ALL", *days),
    )
    assert (made.code, shared.code) == (0, 0), (made.err, shared.err)
    assert "angarium coupons codes add" in made.out
    good = [f"CODE-{place}" for place in range(BLOCK + 10)]
    file = tmp_path / "codes.txt"
    file.write_text("\n".join(["# of the printer", *good, "", "no spaces", good[0].lower(), "x" * 60, "abc"]))
    added = await ask("codes", "add", "Pool", str(file), "--json")
    assert added.code == 0, added.err
    end = len(good) + 2
    assert added.document == {
        "lines": len(good) + 4,
        "added": len(good),
        "known": 1,
        "refused": [{"reason": "must be 4-50 of A-Z, 0-9, - and _", "lines": [end + 1, end + 3, end + 4]}],
    }
    repeated, shown, unknown, refused = await asyncio.gather(
        ask("codes", "add", "Pool", str(file)),
        ask("show", "Pool", "--json"),
        ask("show", "Pond"),
        ask("codes", "add", "ALL", str(file)),
    )
    assert f"known {len(good) + 1:,}" in repeated.out
    assert f"line {end + 1}" in repeated.out
    assert shown.document["coupon"]["codes"] == {"free": len(good), "held": 0, "issued": 0, "redeemed": 0}
    assert (unknown.code, "angarium coupons list" in unknown.err) == (1, True)
    assert (refused.code, "--kind pool" in refused.err) == (1, True)


@pytest.mark.parametrize("text", ["0", "101", "0.001", "ten", "nan"])
def test_a_part_that_is_none_is_wrong_usage(text: str) -> None:
    with pytest.raises(CommandError) as found:
        drafts.percentage("--percent", text)
    assert (found.value.code, "12.5" in found.value.mend) == (2, True)


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("{", "no valid json"),
        ('{"worth": 5}', "no coupon"),
        ('{"amount": "5"}', "amount '5'"),
        ("[]", "no coupon"),
    ],
)
def test_a_fault_in_a_file_is_told(tmp_path: Path, written: str, wrong: str) -> None:
    file = tmp_path / "coupon.json"
    file.write_text(written)
    with pytest.raises(CommandError) as found:
        drafts.read(file)
    assert wrong in found.value.message


def test_the_coupon_that_the_page_shows_is_one(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "coupons.md"
    shown = re.search(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    file = tmp_path / "coupon.toml"
    file.write_text(shown[1])
    coupon = drafts.read(file)
    assert (coupon.name, coupon.WhichOneof("discount")) == ("Spring", "percentage")
    assert (coupon.min_order_amount.units, coupon.code_kind) == (20, coupon_pb2.Coupon.CODE_KIND_POOL)


def test_every_refusal_has_a_word_of_the_contract_and_a_sentence() -> None:
    words = {
        one.number: one.name.removeprefix("COUPON_REFUSAL_").lower()
        for one in coupon_pb2.CouponRefusal.DESCRIPTOR.values
        if one.number
    }
    assert {number: word for number, (word, _) in REFUSALS.items()} == words
