"""The commands behind `presscheck`, one module for each noun."""
