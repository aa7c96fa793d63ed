from tests.delivery.providers.rigs.texting import Rig

RIG = Rig(
    "meta",
    "whatsapp",
    {"phone_number_id": "27681414235104944", "templates": {"hello": "hello_v2", "hello:de": "hallo:de"}},
    {"access_token": "token", "app_secret": "secret", "verify_token": "token"},
    "access_token",
    "[hallo de] ",
    path="/v24.0",
)
