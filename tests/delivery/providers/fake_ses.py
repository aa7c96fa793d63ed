"""A small SES with faults on order."""

import asyncio
import re
from base64 import b64decode
from email import message_from_bytes, policy
from email.utils import parseaddr
from typing import Any, Self

import orjson
from aiohttp import web

VARIABLE = re.compile(r"\{\{(\w+)\}\}")
TOPIC = "arn:aws:sns:eu-central-1:123456789012:events"


class FakeSes:
    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.taken: list[dict[str, str]] = []
        self.faults: list[str] = []
        self.bad_addresses: set[str] = set()
        self.statuses: dict[str, str] = {}
        self.rate: float | None = 500.0
        self.account_status = 200
        self.sending = True
        self.identities = {"acme.example"}
        self.events = ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT"]
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v2/email/outbound-bulk-emails", self.bulk)
        app.router.add_post("/v2/email/outbound-emails", self.single)
        app.router.add_get("/v2/email/account", self.account)
        app.router.add_get("/v2/email/identities/{identity}", self.identity)
        app.router.add_get("/v2/email/configuration-sets/{name}/event-destinations", self.destinations)
        self.runner = web.AppRunner(app, shutdown_timeout=0.05)  # nobody waits for a call that hangs
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        host, port = self.runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()

    def refusal(self, status: int, name: str, **headers: str) -> web.Response:
        body = {"message": "ada@example.com is not good"}
        return web.json_response(
            body, status=status, headers={"x-amzn-ErrorType": f"{name}:http://x", **headers}
        )

    async def fault(self, request: web.Request) -> web.Response | None:
        assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "hang":
            await asyncio.sleep(5)
        if fault == "drop":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault == "429":
            return self.refusal(429, "TooManyRequestsException", **{"Retry-After": "7"})
        if fault == "garbage":
            return web.Response(body=b'{"BulkEmailEntryResults": [', content_type="application/json")
        if fault.isdigit():
            return web.Response(status=int(fault), text="<html>ada@example.com is broken</html>")
        return self.refusal(400, fault) if fault else None

    async def bulk(self, request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        if (answer := await self.fault(request)) is not None:
            return answer
        entries = body["BulkEmailEntries"]
        assert 0 < len(entries) <= 50
        assert len(await request.read()) < 1_000_000
        self.requests.append(("bulk", body))
        people = [parseaddr(one["Destination"]["ToAddresses"][0])[1] for one in entries]
        if set(people) & self.bad_addresses:
            return self.refusal(400, "BadRequestException")
        results = []
        for number, (one, address) in enumerate(zip(entries, people, strict=True)):
            status = self.statuses.get(address, "SUCCESS")
            if status != "SUCCESS":
                results.append({"Status": status, "Error": f"{address} was refused"})
                continue
            values = orjson.loads(
                one["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"]
            )
            template = body["DefaultContent"]["Template"]["TemplateContent"]
            parts = {
                name.lower(): VARIABLE.sub(lambda match, values=values: values[match[1]], text)
                for name, text in template.items()
            }
            self.take(one["ReplacementTags"], address, parts)
            results.append({"Status": status, "MessageId": f"ses{len(self.requests)}-{number}"})
        return web.json_response({"BulkEmailEntryResults": results})

    async def single(self, request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        if (answer := await self.fault(request)) is not None:
            return answer
        self.requests.append(("single", body))
        address = parseaddr(body["Destination"]["ToAddresses"][0])[1]
        if address in self.bad_addresses:
            return self.refusal(400, "BadRequestException")
        if "Raw" in body["Content"]:
            letter = message_from_bytes(b64decode(body["Content"]["Raw"]["Data"]), policy=policy.SMTP)
            self.take(body["EmailTags"], address, {"subject": letter["Subject"]})
            return web.json_response({"MessageId": f"ses{len(self.requests)}"})
        simple = body["Content"]["Simple"]
        parts = {"subject": simple["Subject"]["Data"]}
        parts |= {name.lower(): part["Data"] for name, part in simple["Body"].items()}
        self.take(body["EmailTags"], address, parts)
        return web.json_response({"MessageId": f"ses{len(self.requests)}"})

    def take(self, tags: list[dict[str, str]], address: str, parts: dict[str, str]) -> None:
        named = {tag["Name"]: tag["Value"] for tag in tags}
        self.taken.append({"message_id": named["angarium_message_id"], "to": address, **parts})

    async def account(self, _request: web.Request) -> web.Response:
        if self.account_status != 200:
            return self.refusal(self.account_status, "UnrecognizedClientException")
        quota = {"Max24HourSend": 50_000.0, "SentLast24Hours": 1800.0}
        quota |= {"MaxSendRate": self.rate} if self.rate is not None else {}
        return web.json_response(
            {
                "SendingEnabled": self.sending,
                "ProductionAccessEnabled": True,
                "EnforcementStatus": "SHUTDOWN",
                "SendQuota": quota,
            }
        )

    async def identity(self, request: web.Request) -> web.Response:
        if request.match_info["identity"] not in self.identities:
            return self.refusal(404, "NotFoundException")
        return web.json_response({"VerifiedForSendingStatus": True})

    async def destinations(self, request: web.Request) -> web.Response:
        if request.match_info["name"] != "news":
            return self.refusal(404, "NotFoundException")
        one = {"Enabled": True, "MatchingEventTypes": self.events, "SnsDestination": {"TopicArn": TOPIC}}
        return web.json_response({"EventDestinations": [one]})

    def received(self) -> list[dict[str, str]]:
        """Every message as its recipient would see it."""
        return self.taken
