"""What is checked, where, and what follows. Knows no HTTP."""
