"""What keeps the state while a Program runs."""
