"""What the shops sell: found by search, barcode or SKU."""

from app.products.service import ProductService

__all__ = ["ProductService"]
