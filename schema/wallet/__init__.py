"""Cards, the phones that show them, and reading a scan at the till."""
