from tests.delivery.providers.rigs.texting import FLOW, Rig

RIG = Rig(
    "msg91",
    "sms",
    {"templates": {"hello": FLOW}},
    {"auth_key": "key"},
    "auth_key",
    f"[{FLOW[:8]}] ",
    batch=500,
)
