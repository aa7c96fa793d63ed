"""The console's own style sheet and script: the only ones its pages load, for ever the same under their name."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.problems import problem

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    "console.css": "text/css; charset=utf-8",
    "live.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@cache
def _read(name: str) -> tuple[bytes, str]:
    content = (_FOLDER / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:16]


def path(name: str) -> str:
    """Returns where a file is found; another content has another address."""
    return f"/console/static/{_read(name)[1]}/{name}"


async def show(request: Request) -> Response:
    """Answers a file of ours; nobody needs to be signed in for it."""
    name = request.path_params["name"]
    if name not in _TYPES or request.path_params["digest"] != _read(name)[1]:
        return problem(404, "NOT_FOUND")
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_read(name)[0], media_type=_TYPES[name], headers=headers)
