"""The reasons of the contract, the table that maps them, and the page that explains them say the same."""

import re

import pytest

from services.common.errors import REASONS
from tests.contract.descriptors import ROOT, elements, files

PAGE = ROOT / "docs" / "requirements" / "permissions.md"
ROW = re.compile(r"^\| SEC-\d+ \| (MARKETING_\d{3})(?: \+)? \| ([A-Z_]+) \| ([A-Z_]+) \|", re.MULTILINE)


def documented() -> dict[str, tuple[str, str]]:
    """Reason → code and status, as the page says."""
    return {reason: (code, status) for code, reason, status in ROW.findall(PAGE.read_text())}


def declared() -> dict[str, set[str]]:
    """Package → reasons of its ErrorReason enum."""
    return {
        file.package: {value.name.removeprefix("ERROR_REASON_") for value in enum.value if value.number != 0}
        for file in files()
        for enum in file.enum_type
        if enum.name == "ErrorReason"
    }


@pytest.mark.req("SEC-51")
def test_the_table_is_the_page() -> None:
    table = {reason: (row.code, row.status.name) for reason, row in REASONS.items()}
    assert table == documented()


@pytest.mark.req("API-15")
def test_every_service_declares_its_reasons() -> None:
    assert set(declared()) >= {
        f"angarium.{name}.v1" for name in ("consent", "campaign", "delivery", "analytics")
    }


@pytest.mark.req("API-15")
def test_every_declared_reason_has_a_code() -> None:
    unknown = {package: sorted(reasons - REASONS.keys()) for package, reasons in declared().items()}
    assert {package: reasons for package, reasons in unknown.items() if reasons} == {}


@pytest.mark.req("API-15")
def test_comments_name_the_code_of_their_reason() -> None:
    wrong = []
    for element in elements():
        if element.kind != "enum value" or ".ERROR_REASON_" not in element.name:
            continue
        reason = element.name.rpartition(".ERROR_REASON_")[2]
        if reason in REASONS and REASONS[reason].code not in element.comment:
            wrong.append(f"{element.name}: {REASONS[reason].code} is not in its comment")
    assert wrong == []


def test_codes_are_used_once() -> None:
    codes = [row.code for row in REASONS.values()]
    assert len(codes) == len(set(codes))
