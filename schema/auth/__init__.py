"""Sessions, sign-in methods and security events of the signed-in identity."""
