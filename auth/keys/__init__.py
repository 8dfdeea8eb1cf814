"""The provider's signing keys."""
