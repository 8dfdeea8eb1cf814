"""One identity across web, app, till and support: OpenID provider, sign-in methods, sessions, clients, scopes."""
