"""The desk: what the headquarters looks at, put together out of the store, the rules and the plans."""
