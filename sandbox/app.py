"""The HTTP side of the sandbox as one ASGI application."""

from typing import Any, cast

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.admin import Admin
from sandbox.aws_sns.api import AwsSns
from sandbox.context import Sandbox
from sandbox.fcm.api import Fcm
from sandbox.gupshup.api import Gupshup
from sandbox.inapp.views import App
from sandbox.mailbox.views import Mailbox
from sandbox.mailgun.api import Mailgun
from sandbox.meta.api import Meta
from sandbox.msg91.api import Msg91
from sandbox.partner.api import Partners
from sandbox.postmark.api import Postmark
from sandbox.push.api import Devices
from sandbox.sendgrid.api import SendGrid
from sandbox.ses.api import Ses
from sandbox.twilio.api import Twilio
from sandbox.wati.api import Wati
from sandbox.webpush.api import WebPush


def build(sandbox: Sandbox) -> ASGIApp:
    """Returns the application: the providers' APIs, the admin API and the mailbox pages."""
    parts = (
        Fcm,
        Devices,
        WebPush,
        SendGrid,
        Postmark,
        Mailgun,
        Ses,
        Twilio,
        AwsSns,
        Msg91,
        Meta,
        Gupshup,
        Wati,
        Partners,
        Admin,
        App,
        Mailbox,
    )
    routes = [route for part in parts for route in part(sandbox).routes()]
    return _Disconnecting(Starlette(routes=routes))


class _Disconnecting:
    """Lets a handler break the connection off without an answer, as faults demand."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        broken = False

        def disconnect() -> None:
            nonlocal broken
            broken = True
            # the server's own send is bound to its cycle, which holds the transport
            cast("Any", send).__self__.transport.abort()

        scope["sandbox.disconnect"] = disconnect
        try:
            await self._app(scope, receive, send)
        except ConnectionAbortedError:
            if not broken:
                raise
