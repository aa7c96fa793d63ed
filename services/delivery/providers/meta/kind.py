"""An account of Meta's WhatsApp Cloud API: one number of a WhatsApp Business account."""

from typing import Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import Credential, Kind, Setting
from services.delivery.providers.phones import names_of_templates

HOSTS: Final = ("graph.facebook.com",)
TEMPLATE: Final = r"[a-z0-9_]{1,512}(?::[a-z]{2,3}(?:_[A-Z]{2})?)?"

KIND: Final = Kind(
    name="meta",
    channels=("whatsapp",),
    adapter="Meta",
    settings={
        "base_url": Setting(checks.base_url(HOSTS), optional=True),
        "phone_number_id": Setting(checks.matching(r"[0-9]{5,20}", "must be the id of a number at Meta")),
        "business_account_id": Setting(
            checks.matching(r"[0-9]{5,20}", "must be the id of a WhatsApp Business account"), optional=True
        ),
        "templates": Setting(
            names_of_templates(TEMPLATE, "an approved template, perhaps with :language,"), optional=True
        ),
    },
    credentials={"access_token": Credential(), "app_secret": Credential(), "verify_token": Credential()},
    webhook_secret="app_secret",  # noqa: S106 - the name of a credential
    webhook_challenge="verify_token",
)
