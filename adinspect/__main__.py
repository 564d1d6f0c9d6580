"""`python -m adinspect` is the command `adinspect`."""

from adinspect.cli import main

if __name__ == "__main__":
    main()
