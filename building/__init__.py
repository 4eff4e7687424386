"""What build.py does: local environments, the extension's zips, the test suite."""
