"""Faults that a demo has providers commit: read from the command line, ordered of the sandbox, lifted afterwards."""

import pytest

from cli.demo.steps.faults import faulty
from cli.demo.wish import Fault
from cli.output import CommandError


class Book:
    """A sandbox that writes down what is ordered."""

    def __init__(self) -> None:
        self.ordered: list[dict[str, object]] = []

    async def order_fault(self, **order: object) -> None:
        self.ordered.append({**order, "hits": 3})

    async def lift_faults(self) -> list[dict[str, object]]:
        found, self.ordered = self.ordered, []
        return found


@pytest.mark.req("W7")
@pytest.mark.parametrize(
    ("text", "fault"),
    [("server_error@0.25", Fault("server_error", 0.25)), ("webhook_forge", Fault("webhook_forge", 0.1))],
)
def test_a_fault_is_a_kind_and_a_share(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault


@pytest.mark.parametrize("text", ["", "Server", "server_error@", "server_error@0", "server_error@1.5"])
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(CommandError):
        Fault.parse(text)


async def test_faults_last_as_long_as_the_campaign_and_tell_how_often_they_struck() -> None:
    book = Book()
    async with faulty(book, [Fault("slow", 0.1), Fault("rate_limit", 0.2)]) as struck:  # type: ignore[arg-type]
        assert [(one["kind"], one["share"], one["count"]) for one in book.ordered] == [
            ("slow", 0.1, 0),
            ("rate_limit", 0.2, 0),
        ]
        assert not struck
    assert (struck, book.ordered) == ({"slow": 3, "rate_limit": 3}, [])
