"""The card in Google Wallet: class and object by REST, the save link, the rotating barcode."""
