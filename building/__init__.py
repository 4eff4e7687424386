"""What build.py does: local environments, the extension's zips, the test suite.

It stands here so that build.py itself runs on any Python 3 and can say that one is too old.
"""
