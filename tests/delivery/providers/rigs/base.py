"""An adapter under test and what is on the other side of it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.delivery.providers import Account, Provider


def account(provider: str, credentials: dict[str, str] | None = None, **config: Any) -> Account:
    return Account(
        uuid.uuid4(),
        provider,
        config,
        credentials or {},
        timedelta(seconds=0.5),
        max_concurrency=4,
        production=False,
    )


@dataclass
class Rig:
    """An adapter and its counterpart: `order` makes an address meet a situation."""

    provider: Provider
    received: Callable[[], list[dict[str, str]]]
    order: Callable[[str, str], None]
    server: Any = None
