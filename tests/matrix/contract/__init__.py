"""The contract: the behaviours that must hold in all quadrants."""
