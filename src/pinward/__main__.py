"""`python -m pinward` is the command `pinward`."""

from pinward.cli import main

if __name__ == "__main__":
    main()
