"""Every service of the house, served together on one database."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from services.common.settings import CommonSettings
from tests.house import Served, serving, settings_for

SERVICES = ("consent", "campaign", "delivery", "analytics")


def settings_class(name: str) -> type[CommonSettings]:
    """The settings class of a service, found by its name as a newcomer would."""
    module = importlib.import_module(f"services.{name}.settings")
    found: type[CommonSettings] = getattr(module, f"{name.capitalize()}Settings")
    return found


@pytest.fixture
async def house(
    clone_database: Callable[[Iterable[str]], str], redis_url: str
) -> AsyncIterator[dict[str, Served]]:
    """The four services; nothing is in them."""
    url = clone_database(SERVICES)
    async with AsyncExitStack() as stack:
        served: dict[str, Served] = {}
        for name in SERVICES:
            settings = settings_for(settings_class(name), url, redis_url, name)
            build: Any = importlib.import_module(f"services.{name}.bootstrap").build
            served[name] = await stack.enter_async_context(serving(build, settings))
        yield served
