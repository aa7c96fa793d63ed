from tests.delivery.providers.rigs.texting import Rig

RIG = Rig(
    "wati",
    "whatsapp",
    {"channel_number": "85264318722", "templates": {"hello": "hello"}},
    {"access_token": "token"},
    "access_token",
    "[hello] ",
    batch=200,
)
