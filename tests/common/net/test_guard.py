"""Outbound calls lead to the internet, or nowhere (DEL-94)."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from services.common.net import addresses
from services.common.net.guard import Guard, UnsafeUrl
from services.common.net.outbound import CallFailed, Outbound
from services.common.net.settings import OutboundSettings
from services.common.settings import SettingsError, read

OPEN = Guard(allow_local=True)


class Names(AbstractResolver):
    """A name server of the test: what each name resolves to, one answer after the other."""

    def __init__(self, **names: list[list[str]]) -> None:
        self._answers = {name.replace("_", "."): answers for name, answers in names.items()}
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        answers = self._answers[host]
        found = answers[min(self.asked, len(answers) - 1)]
        self.asked += 1
        return [
            ResolveResult(
                hostname=host,
                host=one,
                port=port,
                family=socket.AF_INET6 if ":" in one else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for one in found
        ]

    async def close(self) -> None:
        """Holds nothing."""


class Partner:
    """A server of the test: answers by path, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[web.Request] = []
        self.port = 0
        self.over = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.seen.append(request)
        match request.path:
            case "/moved":
                raise web.HTTPFound("/elsewhere")
            case "/slow":
                await self.over.wait()
            case "/endless":
                response = web.StreamResponse()
                await response.prepare(request)
                for _ in range(1000):
                    await response.write(b"x" * 65536)
                return response
        return web.Response(text="well received")


@pytest.fixture
async def partner() -> AsyncIterator[Partner]:
    found = Partner()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", found.answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.port = runner.addresses[0][1]
    yield found
    found.over.set()
    await runner.cleanup()


@pytest.mark.req("DEL-94", "REL-19")
@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - an address to refuse, not one to listen on
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.31.255.255",
        "192.0.0.192",
        "192.168.1.1",
        "198.19.0.1",
        "224.0.0.251",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:a9fe:a9fe",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2001:0:53aa:64c::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "fd00:ec2::254",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_of_machines_and_networks_are_refused(address: str) -> None:
    with pytest.raises(UnsafeUrl):
        Guard().check_address(addresses.parse(address), 443)


@pytest.mark.parametrize("address", ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_pass(address: str) -> None:
    Guard().check_address(addresses.parse(address), 443)


@pytest.mark.req("DEL-94")
@given(st.ip_addresses())
def test_no_address_passes_that_the_standard_library_calls_private(
    address: IPv4Address | IPv6Address,
) -> None:
    if addresses.is_public(addresses.parse(str(address))):
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.req("DEL-94")
@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_what_it_is_or_refused(address: IPv4Address) -> None:
    plain = addresses.is_public(address)
    number = int(address)
    assert addresses.is_public(addresses.parse(f"::ffff:{address}")) is plain
    for disguise in (
        number,
        0x0064FF9B << 96 | number,
        0x2002 << 112 | number << 80,
        0x20010000 << 96 | number,
    ):
        assert not addresses.is_public(addresses.parse(str(IPv6Address(disguise))))


def test_networks_of_the_deployment_are_refused_though_they_are_public() -> None:
    guard = Guard(own_networks=addresses.parse_networks("8.8.8.0/24, 2606:4700::/32"))
    guard.check_address(addresses.parse("1.1.1.1"), 443)
    for own in ("8.8.8.8", "::ffff:8.8.8.8", "2606:4700::1111"):
        with pytest.raises(UnsafeUrl):
            guard.check_address(addresses.parse(own), 443)


@pytest.mark.req("DEL-114")
@pytest.mark.parametrize(
    "url",
    [
        "",
        "partner.example/hook",
        "//partner.example/hook",
        "http://partner.example/hook",
        "ftp://partner.example/hook",
        "https://user:word@partner.example/hook",
        "https://user@partner.example/hook",
        "https://partner.example:8443/hook",
        "https://partner.example:22/hook",
        "https://localhost/hook",
        "https://api.localhost/hook",
        "https://router/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://[fe80::1%25eth0]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/hook",
        "https://0x7f000001/hook",
        "https://0x7f.1/hook",
        "https://127.1/hook",
        "https://0177.0.0.1/hook",
        "https://partner.example\\@10.0.0.1/hook",
        "https://partner.example/a b",
        "https://partner.example/\r\nX-Webhook-Id: 1",
        "https://partner.example:99999/hook",
        "https://" + "a" * 2048 + ".example/",
    ],
)
def test_urls_with_a_bad_form_are_refused_when_they_are_given(url: str) -> None:
    with pytest.raises(UnsafeUrl):
        Guard().check_url(url)


def test_urls_of_partners_pass_and_further_ports_by_setting() -> None:
    assert (
        str(Guard().check_url("https://partner.example/hook?tenant=1"))
        == "https://partner.example/hook?tenant=1"
    )
    assert Guard().check_url("https://münchen.example/hook").raw_host == "xn--mnchen-3ya.example"
    assert Guard(ports=frozenset({443, 8443})).check_url("https://partner.example:8443/hook").port == 8443


@pytest.mark.req("DEL-94")
@pytest.mark.parametrize(
    "resolved", [["10.0.0.8"], ["1.1.1.1", "169.254.169.254"], ["::ffff:127.0.0.1"], ["64:ff9b::a00:1"]]
)
async def test_a_name_that_leads_inside_is_not_connected_to(resolved: list[str]) -> None:
    names = Names(partner_example=[resolved])
    async with Outbound(Guard(), resolver=names) as outbound:
        with pytest.raises(CallFailed) as failed:
            await outbound.call("POST", "https://partner.example/hook", body=b"{}")
    assert failed.value.failure == "unsafe"


async def test_a_literal_address_is_looked_at_again_when_its_connection_is_made() -> None:
    class Blind(Guard):
        """A guard whose look at URLs was fooled."""

        def check_url(self, text: str, *, schemes: object = ()) -> object:  # type: ignore[override]
            return OPEN.check_url(text)

    async with Outbound(Blind()) as outbound:
        with pytest.raises(CallFailed) as failed:
            await outbound.call("GET", "http://127.0.0.1:1/")
    assert failed.value.failure == "unsafe"


@pytest.mark.req("DEL-94", "REL-19")
async def test_the_connection_goes_to_the_address_that_was_checked(partner: Partner) -> None:
    names = Names(partner_localhost=[["127.0.0.1"], ["10.0.0.1"]])
    async with Outbound(OPEN, resolver=names) as outbound:
        answer = await outbound.call(
            "POST", f"http://partner.localhost:{partner.port}/hook", body=b'{"a":1}', headers={"X-One": "1"}
        )
    assert (answer.status, answer.body, names.asked) == (200, b"well received", 1)
    (request,) = partner.seen
    assert request.headers["Host"] == f"partner.localhost:{partner.port}"
    assert request.headers["X-One"] == "1"


@pytest.mark.req("DEL-94")
async def test_a_name_that_changed_since_the_last_call_is_judged_anew(partner: Partner) -> None:
    names = Names(partner_localhost=[["127.0.0.1"], ["10.0.0.1"]])
    url = f"http://partner.localhost:{partner.port}/endless"
    async with Outbound(OPEN, resolver=names) as outbound:
        assert (await outbound.call("GET", url)).status == 200
        with pytest.raises(CallFailed, match="may not be called"):
            await outbound.call("GET", url)
    assert len(partner.seen) == 1


@pytest.mark.req("DEL-94", "REL-19")
async def test_answers_are_read_up_to_their_limit_and_redirects_are_not_followed(partner: Partner) -> None:
    base = f"http://127.0.0.1:{partner.port}"
    async with Outbound(OPEN) as outbound:
        endless = await outbound.call("GET", f"{base}/endless")
        moved = await outbound.call("GET", f"{base}/moved")
    assert (len(endless.body), endless.is_cut) == (65536, True)
    assert (moved.status, moved.headers["Location"]) == (302, "/elsewhere")
    assert [request.path for request in partner.seen] == ["/endless", "/moved"]


@pytest.mark.req("REL-19")
async def test_a_partner_that_does_not_answer_is_given_up(partner: Partner) -> None:
    async with Outbound(OPEN) as outbound:
        with pytest.raises(CallFailed) as failed:
            await outbound.call(
                "GET", f"http://127.0.0.1:{partner.port}/slow", within=timedelta(milliseconds=80)
            )
    assert failed.value.failure == "timeout"
    assert failed.value.latency >= timedelta(milliseconds=80)


async def test_failures_are_named_without_what_the_url_says() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with Outbound(OPEN) as outbound:
        with pytest.raises(CallFailed) as failed:
            await outbound.call("GET", f"http://127.0.0.1:{port}/secret-path")
    assert failed.value.failure == "connection"
    assert "secret" not in str(failed.value)
    assert str(port) not in str(failed.value)


async def test_a_partner_without_tls_is_not_spoken_to(partner: Partner) -> None:
    async with Outbound(OPEN) as outbound:
        with pytest.raises(CallFailed) as failed:
            await outbound.call("GET", f"https://127.0.0.1:{partner.port}/")
    assert failed.value.failure == "tls"


def test_settings_add_ports_and_networks_and_production_refuses_this_machine() -> None:
    settings = read(OutboundSettings, outbound_extra_ports="80, 8443", outbound_refused_networks="8.8.8.0/24")
    assert settings.outbound_guard.ports == {443, 80, 8443}
    assert [str(network) for network in settings.outbound_guard.own_networks] == ["8.8.8.0/24"]
    for wrong, named in (
        ({"outbound_extra_ports": "25"}, "OUTBOUND_EXTRA_PORTS"),
        ({"outbound_refused_networks": "8.8.8.8/24"}, "OUTBOUND_REFUSED_NETWORKS"),
        ({"outbound_allow_local": True, "environment": "production"}, "OUTBOUND_ALLOW_LOCAL"),
    ):
        with pytest.raises(SettingsError, match=named):
            read(OutboundSettings, **wrong)
