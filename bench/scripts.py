"""Starts the bare scripts of `bench.floors` as processes of their own and talks JSON with them."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bench.machine import ROOT

_LONGEST = 600.0


async def run_floor(name: str, **asked: Any) -> dict[str, Any]:
    """Runs a floor to its end and returns what it measured."""
    process = await _start(name)
    async with asyncio.timeout(_LONGEST):
        out, _ = await process.communicate(json.dumps(asked).encode())
    if process.returncode:
        raise RuntimeError(f"the floor {name} ended with exit code {process.returncode}")
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


@asynccontextmanager
async def serving_floor(name: str, **asked: Any) -> AsyncIterator[tuple[int, int]]:
    """Keeps a server running; yields its pid and the port it listens on."""
    process = await _start(name)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(asked).encode())
        process.stdin.close()
        async with asyncio.timeout(30):
            said = json.loads(await process.stdout.readline())
        yield process.pid, said["port"]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _start(name: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"bench.floors.{name}",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
