"""What machines are."""
