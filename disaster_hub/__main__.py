"""`python -m disaster_hub` is the command `disaster-hub`."""

from disaster_hub.cli import main

if __name__ == "__main__":
    main()
