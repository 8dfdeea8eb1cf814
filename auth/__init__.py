"""One identity across web, app, till and support."""
