"""A real process, killed without warning: nothing acknowledged is lost, nothing is doubled."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import aiohttp
import aiosmtplib

from tests.ports import free_port
from tests.sandbox.kit import KEY, Kit, mail, raw
from tests.sandbox.standin import BounceBox, Gateway


class Killable:
    """The sandbox as its users start it."""

    def __init__(self, folder: Path, gateway: Gateway, bounces: BounceBox) -> None:
        self.http_port, self.smtp_port = free_port(), free_port()
        self.environment = {
            **os.environ,
            "SANDBOX_HTTP": f"127.0.0.1:{self.http_port}",
            "SANDBOX_SMTP": f"127.0.0.1:{self.smtp_port}",
            "SANDBOX_APNS": "127.0.0.1:0",
            "SANDBOX_DATABASE": str(folder / "sandbox.sqlite"),
            "SANDBOX_SEED": "test",
            "SANDBOX_PACE": "0.3",
            "SANDBOX_WEBHOOK_SECONDS": "0.1",
            "GATEWAY_URL": gateway.url,
            "SENDGRID_WEBHOOK_URL": f"{gateway.url}/webhooks/sendgrid/token",
            "BOUNCE_SMTP": bounces.address,
        }
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sandbox", env=self.environment, stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(20), aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{self.http_port}/health") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(0.05)

    async def kill(self, how: int = signal.SIGKILL) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return await self.process.wait()


async def test_death_at_any_instant_neither_loses_nor_doubles_the_truth(  # noqa: C901 - one scenario
    tmp_path: Path, gateway: Gateway, bounces: BounceBox
) -> None:
    sandbox = Killable(tmp_path, gateway, bounces)
    await sandbox.start()
    acknowledged: set[str] = set()
    asked: set[str] = set()
    over = asyncio.Event()

    async def by_api(session: aiohttp.ClientSession) -> None:
        number = 0
        while not over.is_set():
            number += 1
            names = (
                "silent",
                "click",
                "bounce",
                "scanner",
                "unsubscribe",
                "apple",
                "complain",
                "gmail",
                "open",
                "defer",
            )
            people = [f"{name}+a{number}@api.example" for name in names]
            body = mail(gateway.url, *people, prefix=f"a{number}-")
            refs = {block["custom_args"]["angarium_message_id"] for block in body["personalizations"]}
            asked.update(refs)
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with session.post(
                    f"http://127.0.0.1:{sandbox.http_port}/v3/mail/send",
                    json=body,
                    headers={"Authorization": f"Bearer {KEY}"},
                ) as response:
                    if response.status == 202:
                        acknowledged.update(refs)
            await asyncio.sleep(0.05)

    async def by_smtp() -> None:
        number = 0
        while not over.is_set():
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                client = aiosmtplib.SMTP(
                    hostname="127.0.0.1", port=sandbox.smtp_port, start_tls=False, timeout=5
                )
                await client.connect()
                for name in ("click", "bounce", "complain", "silent", "unsubscribe-page") * 4:
                    number += 1
                    address = f"{name}+s{number}@smtp.example"
                    asked.add(f"s{number}")
                    await client.sendmail(
                        f"b+{number}@shop.example", [address], raw(gateway.url, address, f"s{number}")
                    )
                    acknowledged.add(f"s{number}")
                    await asyncio.sleep(0.005)
                await client.quit()
            await asyncio.sleep(0.02)

    async with aiohttp.ClientSession() as session:
        senders = [asyncio.create_task(by_api(session)), asyncio.create_task(by_smtp())]
        for pause in (0.9, 0.4, 0.7, 1.1):
            await asyncio.sleep(pause)
            await sandbox.kill()
            await sandbox.start()
        await asyncio.sleep(0.5)
        over.set()
        await asyncio.gather(*senders)

        kit = Kit(sandbox.http_port, sandbox.smtp_port, session, gateway, bounces)
        summary = await kit.quiet(seconds=60)
        truth = await kit.get("/truth")
        stored = [message["message_id"] for message in truth["messages"]]
        assert len(acknowledged) > 100
        assert set(stored) <= asked
        assert acknowledged <= set(stored), "acknowledged mail was lost"
        assert len(stored) == len(set(stored)), "mail was doubled"
        assert summary["totals"]["duplicates"] == summary["totals"]["failed"] == 0

        # every event of every message was told, under an id that never changes
        events = [event for _, body in gateway.webhooks for event in json.loads(body)]
        told = {(event["angarium_message_id"], event["event"]) for event in events}
        by_id = {event["sg_event_id"]: (event["angarium_message_id"], event["event"]) for event in events}
        assert len(by_id) == len(told)
        for message in truth["messages"]:
            if message["message_id"].startswith("a"):
                final = "bounce" if message["behaviour"] == "hard_bounce" else "delivered"
                assert (message["message_id"], final) in told

        # what the truth says was done, the gateway has seen; what behaviours promise, was done
        seen = {hit.path for hit in gateway.hits}
        for message in truth["messages"]:
            token, behaviour = message["message_id"], message["behaviour"]
            if message["opened"]:
                assert f"/track/open/{token}.gif" in seen
            assert bool(message["complained_at"]) == (behaviour == "complainer")
            assert bool(message["unsubscribed"]) == (behaviour in ("one_click", "page_unsubscriber"))
            assert {click["class"] for click in message["clicked"]} == {
                "clicker": {"human"}, "scanner": {"scanner"}
            }.get(behaviour, set())  # fmt: skip

        # every bounce and complaint that came in by SMTP was reported to its own return path
        reported = {recipients[0] for _, recipients, _ in bounces.mails}
        for message in truth["messages"]:
            if message["message_id"].startswith("s") and message["behaviour"] in (
                "hard_bounce",
                "complainer",
            ):
                assert f"b+{message['message_id'][1:]}@shop.example" in reported

        assert await sandbox.kill(signal.SIGTERM) == 0


async def test_faults_and_settings_outlive_the_process(
    tmp_path: Path, gateway: Gateway, bounces: BounceBox
) -> None:
    sandbox = Killable(tmp_path, gateway, bounces)
    await sandbox.start()
    async with aiohttp.ClientSession() as session:
        kit = Kit(sandbox.http_port, sandbox.smtp_port, session, gateway, bounces)
        await kit.fault("server_error", count=2)
        body = mail(gateway.url, "silent@b.example")
        assert (await kit.send(body))[0] == 503
        url = f"{gateway.url}/webhooks/sendgrid/later"
        assert (await kit.post("/admin/settings", {"webhook_url": url}))["webhook_url"] == url
        key = (await kit.get("/admin/settings"))["public_key"]
        await sandbox.kill()
        await sandbox.start()
        assert [(await kit.send(body))[0] for _ in range(2)] == [503, 202]
        settings = await kit.get("/admin/settings")
        assert (settings["webhook_url"], settings["public_key"]) == (url, key)
        await kit.quiet()
    assert await sandbox.kill(signal.SIGTERM) == 0
