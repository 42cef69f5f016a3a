"""`python -m scheduler` is `karabakh`."""

from scheduler.cli import main

if __name__ == "__main__":
    main()
