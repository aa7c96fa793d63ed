"""Checks of the running services and of the public door."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from cli.checks.finding import Finding
from cli.client import ClientSettings, client_settings
from cli.output import CommandError
from cli.secrets import SERVICES, SecretsError
from cli.state_folder import StateFolder
from cli.supervisor import serving
from cli.supervisor.pids import SUPERVISOR, PidFiles

_HTTP_SECONDS = 5


async def check_services(state: StateFolder) -> AsyncIterator[Finding]:
    """Yields the health of each service and whether the public address leads to the gateway."""
    try:
        settings = client_settings(state)
    except (CommandError, SecretsError) as error:
        yield Finding.skip("services", error.message.partition("\n")[0], error.mend)
        return
    ours_is_down = state.exists and not PidFiles(state.run).running().get(SUPERVISOR)
    healthy = await asyncio.gather(*(serving(settings.address_of(name)) for name in SERVICES))
    if ours_is_down and not any(healthy):
        yield Finding.skip("services", "the stack is down", "angarium up")
        return
    for name, up in zip(SERVICES, healthy, strict=True):
        address = settings.address_of(name)
        if up:
            yield Finding.ok(name, f"serving at {address}")
        else:
            log = state.logs / f"{name}.log"
            mend = f"tail -n 50 {log}" if log.exists() else f"Start it, or mend {name.upper()}_ADDRESS"
            yield Finding.fail(name, f"does not serve at {address}", mend)
    yield await _public(settings)


async def _public(settings: ClientSettings) -> Finding:
    import aiohttp

    check = "public address"
    url = settings.public_base_url
    mend = f"Point it at the gateway: export PUBLIC_BASE_URL=https://… (is {url})"
    try:
        timeout = aiohttp.ClientTimeout(total=_HTTP_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(f"{url}/health", allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                return Finding.fail(check, f"{url}/health answers {answer.status}", mend)
    except (aiohttp.ClientError, TimeoutError) as error:
        return Finding.fail(check, f"{url} does not answer: {type(error).__name__}", mend)
    host = urlsplit(url).hostname or ""
    if host in ("localhost", "::1") or host.startswith("127."):
        return Finding.warn(
            check,
            f"{url} works on this machine only: links in messages open nowhere else",
            "Give it a name of the internet: export PUBLIC_BASE_URL=https://…",
        )
    return Finding.ok(check, url)
