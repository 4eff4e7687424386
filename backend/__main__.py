"""`python -m backend`, and the console script `tug`."""

import sys

try:
    from backend.cli import main
except ModuleNotFoundError as missing:
    if str(missing.name).partition(".")[0] in ("backend", "protocol"):
        raise
    sys.exit(
        f"This Python lacks {missing.name}, which Tug's backend needs: "
        "run `python build.py backend` and use the Python that it names."
    )

if __name__ == "__main__":
    sys.exit(main())
