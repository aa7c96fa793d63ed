from tests.delivery.providers.rigs.texting import Rig

RIG = Rig(
    "twilio",
    "sms",
    {"account_sid": "AC" + "a" * 32, "from": "+12025550199"},
    {"auth_token": "secret"},
    "auth_token",
    whole=True,
    looks_up=True,
)
