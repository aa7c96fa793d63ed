"""Bodies of requests, read up to a size."""

from starlette.requests import ClientDisconnect, Request


async def read(request: Request, limit: int) -> bytes | None:
    """Returns the raw body, or None when it is larger than `limit`; nothing larger is ever held."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
