"""Rewards: what points buy, how it is reserved and handed over, and what is left of it."""
