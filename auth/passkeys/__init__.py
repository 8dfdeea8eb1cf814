"""Passkeys: WebAuthn credentials that live on the person's devices."""
