"""Delivery beside the gateway and the sandbox in one process, for tests that follow a message all the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import boto3
import uvicorn

from gateway.app import build
from gateway.settings import GatewaySettings
from sandbox.aws.signature import SECRET
from sandbox.runner import Running
from services.common.settings import read
from tests.common.given import COMPLETE
from tests.delivery.kit import House

TOPIC = "arn:aws:sns:eu-central-1:000000000000:news"
AMAZON = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": SECRET}


@asynccontextmanager
async def gateway(house: House, port: int, bounce_port: int) -> AsyncIterator[None]:
    names = {
        "service_token_secret",
        "redis_url",
        "token_keys",
        "consent_address",
        "campaign_address",
        "public_base_url",
    }
    given = {
        name: getattr(house.settings, name)
        for name in names
        if name not in ("token_keys", "service_token_secret")
    }
    settings = read(
        GatewaySettings,
        **given,
        token_keys=COMPLETE["token_keys"],
        service_token_secret=COMPLETE["service_token_secret"],
        environment="test",
        bind_address=f"127.0.0.1:{port}",
        bounce_address=f"127.0.0.1:{bounce_port}",
        delivery_address=f"127.0.0.1:{house.server.port}",
        analytics_address="127.0.0.1:1",
        rate_limit_max_requests=100_000,
    )
    server = uvicorn.Server(
        uvicorn.Config(build(settings), port=port, access_log=False, log_config=None, proxy_headers=False)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing to wait on
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def loops(house: House, *names: str) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(one.run(stop)) for one in house.service.loops if one.name in names]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def subscribe(url: str, place: str) -> None:
    """What whoever sets an account up does at Amazon."""
    sns = boto3.client(
        "sns",
        region_name="eu-central-1",
        endpoint_url=url,
        aws_access_key_id=AMAZON["access_key_id"],
        aws_secret_access_key=SECRET,
    )
    await asyncio.to_thread(sns.subscribe, TopicArn=TOPIC, Protocol="http", Endpoint=place)


async def confirmed(sandbox: Running) -> bool:
    """Whether the gateway confirmed the subscription to the account's topic."""
    return sandbox.sandbox.webhook(f"sns:{TOPIC}") is not None
