from __future__ import annotations

import pytest

from tests.chaos.order import Order


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chaos")
    group.addoption("--recipients", type=int, default=20_000, help="Recipients of the campaign.")
    group.addoption("--kills", type=int, default=30, help="How many times a role is killed.")
    group.addoption("--seed", default="angarium", help="Decides who is killed, and when.")
    group.addoption("--messages", type=int, default=1_000, help="Transactional messages sent meanwhile.")
    group.addoption("--keep-state", default="", help="Keep logs and data in this folder.")


@pytest.fixture
def order(request: pytest.FixtureRequest) -> Order:
    option = request.config.getoption
    return Order(
        recipients=option("--recipients"),
        kills=option("--kills"),
        seed=option("--seed"),
        messages=option("--messages"),
    )
