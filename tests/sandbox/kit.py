"""The shortest ways to use a sandbox from a test."""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import aiosmtplib

from tests.sandbox.standin import BounceBox, Gateway

KEY = "SG.test-key"


@dataclass
class Kit:
    http_port: int
    smtp_port: int
    session: aiohttp.ClientSession
    gateway: Gateway
    bounces: BounceBox

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    async def send(self, body: Any, key: str = KEY, **headers: str) -> tuple[int, Mapping[str, str], Any]:
        data = {"data": body} if isinstance(body, (bytes, io.IOBase)) else {"json": body}
        headers = {"Content-Type": "application/json", **headers}
        headers |= {"Authorization": f"Bearer {key}"} if key else {}
        async with self.session.post(f"{self.url}/v3/mail/send", headers=headers, **data) as response:
            text = await response.text()
            return response.status, response.headers.copy(), text

    async def get(self, path: str, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with self.session.get(self.url + path, headers=headers) as response:
            return await response.json()

    async def page(self, path: str) -> str:
        async with self.session.get(self.url + path) as response:
            return await response.text()

    async def post(self, path: str, body: Any = None) -> Any:
        async with self.session.post(self.url + path, json=body) as response:
            return await response.json()

    async def fault(self, kind: str, **fields: Any) -> Any:
        return await self.post("/faults", {"kind": kind, **fields})

    async def smtp(self) -> aiosmtplib.SMTP:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=self.smtp_port, start_tls=False, timeout=10)
        await client.connect()
        return client

    async def quiet(self, campaign: str | None = None, seconds: float = 20) -> dict[str, Any]:
        """Waits until nothing is left to happen and returns the summary."""
        query = f"?campaign={campaign}" if campaign else ""
        async with asyncio.timeout(seconds):
            while True:
                found: dict[str, Any] = await self.get(f"/truth/summary{query}")
                if found["pending"]["total"] == 0:
                    return found
                await asyncio.sleep(0.05)

    async def truth_of(self, address: str) -> dict[str, Any]:
        found = await self.get(f"/truth?address={address}")
        message: dict[str, Any] = found["messages"][0]
        return message


def html(gateway: str, token: str) -> str:
    return (
        f"<html><head><title>x</title></head><body><p>Hello -name-</p>"
        f'<a href="{gateway}/track/click/{token}-0">First</a> <a href="{gateway}/track/click/{token}-1">Second</a>'
        f'<a href="{gateway}/unsubscribe/{token}">Unsubscribe</a> <a href="https://elsewhere.example/">Out</a>'
        f'<img src="{gateway}/track/open/{token}.gif" width="1" height="1" alt=""></body></html>'
    )


def mail(
    gateway: str, *addresses: str, campaign: str = "c1", prefix: str = "m", **more: Any
) -> dict[str, Any]:
    """A campaign block as the product sends it: shared content, one personalization per recipient."""
    return {
        "from": {"email": "news@shop.example", "name": "The Shop"},
        "subject": "Hello -name-",
        "content": [
            {"type": "text/plain", "value": f"Hello -name-\n{gateway}/track/click/-token--0\n"},
            {"type": "text/html", "value": html(gateway, "-token-")},
        ],
        "headers": {
            "List-Unsubscribe": f"<{gateway}/unsubscribe/-token->",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        "custom_args": {"angarium_campaign_id": campaign},
        "categories": ["spring"],
        "personalizations": [
            {
                "to": [{"email": address}],
                "substitutions": {"-name-": f"Person {index}", "-token-": f"{prefix}{index}"},
                "custom_args": {"angarium_message_id": f"{prefix}{index}"},
            }
            for index, address in enumerate(addresses)
        ],
        **more,
    }


def raw(gateway: str, to: str, token: str, campaign: str = "c1") -> bytes:
    """The same mail as the product's SMTP adapter composes it."""
    body = html(gateway, token).replace("-name-", "Ann").replace(">", ">\r\n")
    return (
        f"From: The Shop <news@shop.example>\r\nTo: <{to}>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
        f"Message-ID: <{token}@shop.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
        f"X-Angarium-Message-Id: {token}\r\nX-Angarium-Campaign-Id: {campaign}\r\n"
        f"List-Unsubscribe: <{gateway}/unsubscribe/{token}>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"{body}\r\n"
    ).encode()
