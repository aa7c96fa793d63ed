from tests.delivery.providers.rigs.texting import GUPSHUP_TEMPLATE, Rig

RIG = Rig(
    "gupshup",
    "whatsapp",
    {"from": "+917834811114", "app_name": "Salon", "templates": {"hello": GUPSHUP_TEMPLATE}},
    {"api_key": "key"},
    "api_key",
    f"[{GUPSHUP_TEMPLATE}] ",
)
