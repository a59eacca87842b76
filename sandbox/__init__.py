"""Stand-ins for the systems outside Koppel: they behave like the real ones and import nothing from the product."""
