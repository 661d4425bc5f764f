"""What runs a behaviour against a store, and what the quadrant files share."""
