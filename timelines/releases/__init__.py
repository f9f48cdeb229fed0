"""Hand-over texts, a file for each taker: what was decided, in the words and lengths that the other side takes."""
