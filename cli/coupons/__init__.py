"""What `angarium coupons` is made of."""
