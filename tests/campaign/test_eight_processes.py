"""Eight serving processes on one database: what may happen once, or so often, does so however many ask at once."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest

from angarium.campaign.v1 import coupon_service_pb2 as coupon_pb
from angarium.campaign.v1 import referral_service_pb2 as referral_pb
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from angarium.campaign.v1.referral_service_pb2_grpc import ReferralServiceStub
from services.campaign.bootstrap import build
from services.campaign.settings import CampaignSettings
from services.common.db.testing import database_environment
from services.common.errors import ServiceError
from services.common.security.jwt import issue_person
from services.common.security.keys import KeySet
from tests.campaign.conftest import create_tenant
from tests.campaign.coupons.given import contact, coupon, draft, order
from tests.campaign.referrals.given import code_of, terms
from tests.common.given import COMPLETE
from tests.house import Served, _Calls, serving, settings_for

pytestmark = pytest.mark.timeout(180)
PROCESSES = 8
DOORS = 32
"""Connections; the system spreads them over the processes."""


@dataclass
class Crowd:
    """A tenant, and many ways to ask eight processes about it at the same moment."""

    served: Served
    channels: Sequence[grpc.aio.Channel]
    metadata: Sequence[tuple[str, str]] = field(default_factory=tuple)

    def at(self, door: int, stub: Callable[[Any], Any]) -> Any:
        return stub(_Calls(self.channels[door % DOORS], self.metadata, "campaign"))

    async def ask(self, calls: Sequence[Callable[[int], Awaitable[Any]]]) -> Counter[str]:
        """Makes all calls at once, each at a door of its own, and counts how they ended."""

        async def one(door: int) -> str:
            try:
                await calls[door](door)
            except ServiceError as error:
                return error.reason
            return "done"

        return Counter(await asyncio.gather(*(one(door) for door in range(len(calls)))))

    async def value(self, query: str, *params: Any) -> Any:
        async with self.served.service.database.tenant(self.served.tenant_id) as uow:
            return await uow.fetch_value(query, params)


def _environment(owner_url: str, redis_url: str) -> dict[str, str]:
    given = {name.upper(): str(value) for name, value in COMPLETE.items() if not isinstance(value, KeySet)}
    given |= {
        **database_environment(owner_url, "campaign"),
        "BIND_ADDRESS": "127.0.0.1:0",
        "DB_POOL_MAX": "4",
        "ENABLE_METRICS": "false",
        "ENABLE_RATE_LIMITING": "false",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "info",
        "REDIS_URL": redis_url,
        "RPC_PROCESSES": str(PROCESSES),
        "SERVICE_NAME": "campaign",
    }
    return {**os.environ, **given}


@asynccontextmanager
async def _processes(owner_url: str, redis_url: str) -> AsyncIterator[int]:
    """Starts eight processes on one port, and yields the port once all of them answer."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.campaign",
        "serve",
        env=_environment(owner_url, redis_url),
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    assert process.stdout is not None
    ports = []
    async with asyncio.timeout(90):
        while len(ports) < PROCESSES:
            line = await process.stdout.readline()
            assert line, "the processes ended"
            told = json.loads(line)
            if told["event"] == "ready":
                ports.append(told["port"])
    rest = asyncio.create_task(process.stdout.read())
    try:
        [port] = set(ports)
        yield port
    finally:
        process.terminate()
        await process.wait()
        await rest


@pytest.fixture
async def crowd(clone_database: Callable[[Iterable[str]], str], redis_url: str) -> AsyncIterator[Crowd]:
    owner_url = clone_database(["campaign"])
    settings = settings_for(CampaignSettings, owner_url, redis_url, "campaign", enable_rate_limiting=False)
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(build, settings))
        await create_tenant(served)
        port = await stack.enter_async_context(_processes(owner_url, redis_url))
        channels = [
            grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)])
            for _ in range(DOORS)
        ]
        for channel in channels:
            stack.push_async_callback(channel.close)
        token = issue_person(settings, served.tenant_id, "anna", ["super_owner"], [])
        yield Crowd(served, channels, (("authorization", f"Bearer {token}"),))


@pytest.mark.req("LIF-9", "LIF-77", "LIF-80", "LIF-109", "LIF-115", "W5", "REL-10", "REL-14")
async def test_uses_of_coupons_and_referrals_are_never_more_than_may_be(crowd: Crowd) -> None:
    await _uses_and_holds_of_a_coupon(crowd)
    await _one_use_on_an_invoice(crowd)
    await _referrals_of_one_and_of_the_same_person(crowd)
    await _one_effect_of_a_key(crowd)
    await _one_end_of_a_reservation(crowd)


async def _uses_and_holds_of_a_coupon(crowd: Crowd) -> None:
    """Sixteen people ask twice each for twelve uses; some set a use aside, some give it back."""
    made = await coupon(crowd.served, code="RUSH", max_total_uses=12)
    people = [await contact(crowd.served) for _ in range(16)]

    def use(place: int) -> Callable[[int], Awaitable[Any]]:
        async def redeem(door: int) -> None:
            stub, who = crowd.at(door, CouponServiceStub), order(people[place % 16])
            if place % 3 == 0:
                request = coupon_pb.RedeemCouponRequest(code="RUSH", order=who, invoice_id=f"i{place}")
                await stub.RedeemCoupon(request)
                return
            held = (
                await stub.ReserveCoupon(
                    coupon_pb.ReserveCouponRequest(code="RUSH", order=who, order_ref=f"o{place}")
                )
            ).reservation.reservation_id
            if place % 3 == 1:
                await stub.ReleaseCoupon(coupon_pb.ReleaseCouponRequest(reservation_id=held))
                return
            await stub.RedeemCoupon(
                coupon_pb.RedeemCouponRequest(reservation_id=held, order=who, invoice_id=f"i{place}")
            )

        return redeem

    ended = await crowd.ask([use(place) for place in range(DOORS)])
    assert set(ended) <= {"done", "COUPON_MAX_USES", "COUPON_CUSTOMER_LIMIT"}
    stub = crowd.at(0, CouponServiceStub)
    after = (await stub.GetCoupon(coupon_pb.GetCouponRequest(coupon_id=made.coupon_id))).coupon
    redeemed = await crowd.value(
        "SELECT count(*) FROM coupon_redemption WHERE coupon_id = %s", made.coupon_id
    )
    most = await crowd.value(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM coupon_redemption WHERE coupon_id = %s GROUP BY contact_id) AS each",
        made.coupon_id,
    )
    assert (after.current_uses, after.reserved_uses) == (redeemed, 0)
    assert 0 < redeemed <= 12
    assert most == 1
    # What is left is there for those who come after, to the last use and not beyond.
    late = [await contact(crowd.served) for _ in range(16)]

    def redeem(place: int) -> Callable[[int], Awaitable[Any]]:
        request = coupon_pb.RedeemCouponRequest(
            code="RUSH", order=order(late[place]), invoice_id=f"late{place}"
        )
        return lambda door: crowd.at(door, CouponServiceStub).RedeemCoupon(request)

    ended = await crowd.ask([redeem(place) for place in range(16)])
    assert ended == Counter({"done": 12 - redeemed, "COUPON_MAX_USES": 16 - (12 - redeemed)})


async def _one_use_on_an_invoice(crowd: Crowd) -> None:
    """An invoice is told at every door; it is redeemed once, and reversed once."""
    made = await coupon(crowd.served, code="ONCE", max_total_uses=100, max_uses_per_contact=100)
    anna = await contact(crowd.served)
    redeem = coupon_pb.RedeemCouponRequest(code="ONCE", order=order(anna), invoice_id="same")
    reverse = coupon_pb.ReverseRedemptionRequest(invoice_id="same", reason="refunded")

    async def uses() -> int:
        stub = crowd.at(0, CouponServiceStub)
        found = await stub.GetCoupon(coupon_pb.GetCouponRequest(coupon_id=made.coupon_id))
        return int(found.coupon.current_uses)

    ended = await crowd.ask([lambda door: crowd.at(door, CouponServiceStub).RedeemCoupon(redeem)] * DOORS)
    assert (ended, await uses()) == (Counter(done=DOORS), 1)
    ended = await crowd.ask(
        [lambda door: crowd.at(door, CouponServiceStub).ReverseRedemption(reverse)] * DOORS
    )
    assert (ended, await uses()) == (Counter(done=DOORS), 0)


async def _referrals_of_one_and_of_the_same_person(crowd: Crowd) -> None:
    """A referrer has five a month, and a person is referred once, whoever is first."""
    await terms(crowd.served, max_referrals_per_month=5)
    codes = [await code_of(crowd.served, await contact(crowd.served, name=f"Ada {n}")) for n in range(9)]

    def apply(code: str, phone: str) -> Callable[[int], Awaitable[Any]]:
        request = referral_pb.ApplyReferralRequest(referral_code=code, referred_phone=phone)
        return lambda door: crowd.at(door, ReferralServiceStub).ApplyReferral(request)

    many = [apply(codes[0], f"+49151300000{place % 16:02}") for place in range(DOORS)]
    ended = await crowd.ask(many)
    assert ended["done"] == 5
    assert set(ended) <= {"done", "REFERRAL_LIMIT_REACHED", "ALREADY_REFERRED"}
    same = [apply(codes[1 + place % 8], "+4915140000000") for place in range(DOORS)]
    assert await crowd.ask(same) == Counter({"done": 1, "ALREADY_REFERRED": DOORS - 1})
    assert await crowd.value("SELECT count(*) FROM referral") == 6
    assert await crowd.value("SELECT count(DISTINCT referred_phone) FROM referral") == 6
    rewards = "SELECT count(*) FROM coupon WHERE contact_id IN (SELECT referred_contact_id FROM referral)"
    assert await crowd.value(rewards) == 6


async def _one_effect_of_a_key(crowd: Crowd) -> None:
    """A call is repeated at every door with its key: it has one effect, and one answer."""
    wanted = draft(code="KEYED", percentage=1000)
    request = coupon_pb.CreateCouponRequest(coupon=wanted, idempotency_key="the same")
    answers: list[str] = []

    async def create(door: int) -> None:
        answer = await crowd.at(door, CouponServiceStub).CreateCoupon(request)
        answers.append(answer.coupon.coupon_id)

    ended = await crowd.ask([create] * DOORS)
    # Who comes while the first one is under way is told so, and may repeat.
    assert set(ended) <= {"done", "VERSION_CONFLICT"}
    assert len(set(answers)) == 1
    assert await crowd.value("SELECT count(*) FROM coupon WHERE code = 'KEYED'") == 1


async def _one_end_of_a_reservation(crowd: Crowd) -> None:
    """What is set aside is used or given back, whichever is first, and never both."""
    made = await coupon(crowd.served, code="EITHER", max_total_uses=5)
    who = order(await contact(crowd.served))
    stub = crowd.at(0, CouponServiceStub)
    held = (
        await stub.ReserveCoupon(coupon_pb.ReserveCouponRequest(code="EITHER", order=who, order_ref="o"))
    ).reservation.reservation_id

    def end(place: int) -> Callable[[int], Awaitable[Any]]:
        if place % 2:
            release = coupon_pb.ReleaseCouponRequest(reservation_id=held)
            return lambda door: crowd.at(door, CouponServiceStub).ReleaseCoupon(release)
        redeem = coupon_pb.RedeemCouponRequest(reservation_id=held, order=who, invoice_id=f"either{place}")
        return lambda door: crowd.at(door, CouponServiceStub).RedeemCoupon(redeem)

    await crowd.ask([end(place) for place in range(DOORS)])
    found = (await stub.GetCoupon(coupon_pb.GetCouponRequest(coupon_id=made.coupon_id))).coupon
    redeemed = await crowd.value(
        "SELECT count(*) FROM coupon_redemption WHERE coupon_id = %s", made.coupon_id
    )
    assert (found.current_uses, found.reserved_uses) == (redeemed, 0)
    assert redeemed <= 1
