"""The pages that sign-in renders at the server."""
