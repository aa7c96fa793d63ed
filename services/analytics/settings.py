"""Settings of analytics."""

from services.common.settings import CommonSettings


class AnalyticsSettings(CommonSettings):
    """What analytics needs: what every service needs."""
