"""Coupons: discounts by code, used once each, counted under the lock of their coupon."""
