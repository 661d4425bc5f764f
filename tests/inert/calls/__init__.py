"""How each operation is called, and what the endpoint answers."""
