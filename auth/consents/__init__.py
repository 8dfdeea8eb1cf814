"""What a person allowed a storefront."""
