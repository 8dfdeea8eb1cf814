"""The loyalty programme and the service that runs it."""
