"""From scores to predictions: cross-fitting, latency."""
