"""Pages of the disaster headquarters."""
