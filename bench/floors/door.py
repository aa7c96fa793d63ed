"""P8's floor: bare Starlette on uvicorn that answers a pixel and a redirect, and records nothing."""

import asyncio
import signal
import socket

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bench.floors.measured import answer, order

_PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


async def main() -> None:
    """Serves until it is told to stop; prints its port first."""
    target = order()["target"]

    async def pixel(_: Request) -> Response:
        return Response(_PIXEL, media_type="image/gif", headers={"Cache-Control": "no-store"})

    async def redirect(_: Request) -> Response:
        return RedirectResponse(target, status_code=302)

    app = Starlette(routes=[Route("/track/open/{token}", pixel), Route("/track/click/{token}", redirect)])
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # its own are set here
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, lambda: setattr(server, "should_exit", True))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - the server offers no event to wait for
        await asyncio.sleep(0.01)
    answer(port=listener.getsockname()[1])
    await serving


if __name__ == "__main__":
    asyncio.run(main())
