"""`python -m bbprobe`: the probing half from its files."""

from bbprobe.server import main

if __name__ == "__main__":
    main()
