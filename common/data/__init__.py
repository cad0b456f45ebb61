"""Examples tables, splits, audit, and pipelines."""
