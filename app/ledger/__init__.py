"""The points ledger: immutable entries are the only truth; everything that moves a point goes through it."""
