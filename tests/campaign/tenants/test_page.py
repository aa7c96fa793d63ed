"""The page on settings is true: every field stands there, with its default and who may change it."""

import re
from pathlib import Path

import pytest

from angarium.campaign.v1 import settings_service_pb2 as pb
from cli.operating.tenancy import shown
from services.campaign.tenants import convert
from services.campaign.tenants.domain import BUDGET_FIELDS, MarketingSettings

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]*) \| [^|]+ \| ([^|]*) \|$", re.MULTILINE)
# Where nothing stands, something else is taken.
INSTEAD = {"email_from_name": "the tenant's name"}


def spelled(name: str, value: object) -> str:
    """A default as the page spells it."""
    if name in INSTEAD:
        return INSTEAD[name]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "none" if value in ("", None) else str(value)


@pytest.mark.req("CAM-2", "SEC-19", "SEC-20")
def test_the_table_holds_every_field_of_the_contract_with_its_default_and_permission() -> None:
    rows = {name: (default, permission) for name, default, permission in ROW.findall(PAGE.read_text())}
    names = [name for name in pb.MarketingSettings.DESCRIPTOR.fields_by_name if name != "etag"]
    assert list(rows) == sorted(rows, key=names.index)
    assert set(rows) == set(names)
    defaults = shown(convert.settings_to_proto(MarketingSettings(), "EUR"), names)
    for name, (default, permission) in rows.items():
        assert default == spelled(name, defaults[name]), name
        assert permission == ("*budget*" if name in BUDGET_FIELDS else "`settings.manage`"), name
