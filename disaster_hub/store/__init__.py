"""The store: the only rooms where SQL is spoken. Functions take a transaction and terms, and give terms."""
