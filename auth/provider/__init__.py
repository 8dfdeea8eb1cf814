"""The OpenID provider's endpoints and tokens."""
