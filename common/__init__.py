"""What every project shares: settings, the one flow, data, training, strategy, export, report."""
