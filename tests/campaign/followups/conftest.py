"""One campaign service for a module; each test is a tenant of its own in it."""

from tests.campaign.coupons.conftest import building, shop

__all__ = ["building", "shop"]
