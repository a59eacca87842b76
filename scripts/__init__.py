"""What a person runs besides the product: the demo, and the programs that it starts."""
