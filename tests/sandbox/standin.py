"""Small stand-ins for what the sandbox talks to: the public gateway and the bounce mailbox."""

import asyncio
import contextlib
import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import Message

import uvicorn
from aiosmtpd import smtp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

FORM = """<h1>Leave?</h1><form method="get" action="/preferences/x"><button>Preferences</button></form>
<form method="post" action="{action}"><input type="hidden" name="form_token" value="f-{token}">
<label><input type="radio" name="scope" value="channel" checked> this channel</label>
<label><input type="radio" name="scope" value="all"> all marketing</label>
<button name="confirm" value="yes">Unsubscribe</button></form>"""


@dataclass
class Hit:
    method: str
    path: str
    ip: str
    agent: str
    body: bytes
    cookie: str


@dataclass
class Gateway:
    """Answers like the product's gateway and remembers every request."""

    url: str = ""
    hits: list[Hit] = field(default_factory=list)
    webhooks: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refuse_webhooks: int = 0
    refuse_visits: int = 0
    accept_forged: bool = False

    async def answer(self, request: Request) -> Response:
        path, body = request.url.path, await request.body()
        hit = Hit(
            request.method, path, request.headers.get("x-forwarded-for", ""), request.headers["user-agent"], body,
            request.headers.get("cookie", ""),
        )  # fmt: skip
        if self.refuse_visits > 0:
            self.refuse_visits -= 1
            return Response(status_code=503)
        self.hits.append(hit)
        if path.startswith("/track/open/"):
            return Response(b"GIF89a", media_type="image/gif")
        if path.startswith("/track/click/"):
            return RedirectResponse(f"https://example.com/{path.rsplit('-', 1)[-1]}", 302)
        if path.startswith("/unsubscribe/") and request.method == "GET":
            page = HTMLResponse(FORM.format(action=path, token=path.rsplit("/", 1)[-1]))
            page.set_cookie("page", "seen")
            return page
        if path.startswith(("/unsubscribe/", "/preferences/")):
            return Response(status_code=200)
        return Response(status_code=404)

    async def webhook(self, request: Request) -> Response:
        body = await request.body()
        if self.refuse_webhooks > 0:
            self.refuse_webhooks -= 1
            return Response(status_code=503)
        self.webhooks.append((dict(request.headers), body))
        return Response(status_code=200)

    def paths(self, prefix: str, method: str = "GET") -> list[str]:
        return [hit.path for hit in self.hits if hit.path.startswith(prefix) and hit.method == method]


@dataclass
class BounceBox:
    """Takes reports by SMTP."""

    address: str = ""
    mails: list[tuple[str | None, list[str], Message]] = field(default_factory=list)

    async def handle_DATA(self, server: smtp.SMTP, session: smtp.Session, envelope: smtp.Envelope) -> str:
        message = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)  # type: ignore[arg-type]
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), message))
        return "250 2.0.0 Ok"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


@contextlib.asynccontextmanager
async def gateway_started() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    routes = [
        Route("/webhooks/sendgrid/{token}", gateway.webhook, methods=["POST"]),
        Route("/{path:path}", gateway.answer, methods=["GET", "HEAD", "POST"]),
    ]
    server = _Server(uvicorn.Config(Starlette(routes=routes), port=0, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers only this flag
        await asyncio.sleep(0.01)
    gateway.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield gateway
    finally:
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def bounce_box_started() -> AsyncIterator[BounceBox]:
    box = BounceBox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: smtp.SMTP(box, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    box.address = f"127.0.0.1:{port}"
    try:
        yield box
    finally:
        server.close()
