"""The card in Apple Wallet: packages, their signature, the web service that keeps them up to date, pushes."""
