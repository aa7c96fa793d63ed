"""The processes of delivery: `python -m services.delivery serve | work | all | migrate`."""

from services.common.main import run
from services.delivery.bootstrap import NAME, build
from services.delivery.settings import DeliverySettings

if __name__ == "__main__":
    run(NAME, DeliverySettings, build)
