"""One command per job, each beside a peer in the same run."""
