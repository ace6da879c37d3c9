"""The bench is only worth reading while it measures what it says."""
