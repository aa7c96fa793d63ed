"""Runs analytics: `python -m services.analytics serve | work | all | migrate`."""

from services.analytics.bootstrap import NAME, build
from services.analytics.settings import AnalyticsSettings
from services.common.main import run

if __name__ == "__main__":
    run(NAME, AnalyticsSettings, build)
