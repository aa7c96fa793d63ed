"""An account of Web Push: the key that pages subscribe with; the push services are the browsers'."""

from typing import Any, Final

from services.delivery.providers import checks
from services.delivery.providers.apps import APP_IDS
from services.delivery.providers.kinds import Credential, Kind, Rules, Setting

_MOST: Final = 20


def _hosts(value: Any, rules: Rules) -> str | None:
    is_good = (
        isinstance(value, list)
        and len(value) <= _MOST
        and all(checks.host_name(one, rules) is None for one in value)
    )
    return None if is_good else f"must be a list of up to {_MOST} host names"


KIND: Final = Kind(
    name="webpush",
    channels=("push",),
    adapter="WebPush",
    settings={
        "subject": Setting(
            checks.matching(
                r"mailto:[^\s@<>]{1,64}@[^\s@<>]{1,253}|https://[^\s<>\"]{1,500}",
                "must be where push services reach you: mailto: an address, or an https URL",
            )
        ),
        "push_services": Setting(_hosts, optional=True),
        "app_ids": APP_IDS,
    },
    credentials={"vapid_private_key": Credential(lines=True)},
    has_webhook=False,
)
