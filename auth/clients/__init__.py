"""Programs that ask for tokens: apps, storefronts, tills, partners."""
