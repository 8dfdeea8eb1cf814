"""The programme's stores."""

from app.stores.service import StoreService

__all__ = ["StoreService"]
