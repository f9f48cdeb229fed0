"""Public facts for programs, and for the page itself."""
