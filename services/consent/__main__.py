"""The process of the consent service: `python -m services.consent serve | work | all | migrate`."""

from services.common.main import run
from services.consent.bootstrap import build
from services.consent.settings import ConsentSettings

if __name__ == "__main__":
    run("consent", ConsentSettings, build)
