"""Write Programs in other languages."""
