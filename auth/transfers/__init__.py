"""Handing an app's sign-in to a web view: one value, one minute, one use."""
