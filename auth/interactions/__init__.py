"""What a browser is in the middle of: an authorization request, a sign-in, a step-up."""
