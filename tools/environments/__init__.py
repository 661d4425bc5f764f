"""The environments: the table of cells, their locks, and how they are installed."""
