"""`python -m hwcomp.cli` is `hwcomp`."""

from __future__ import annotations

from hwcomp.cli.app import main

if __name__ == "__main__":
    main()
