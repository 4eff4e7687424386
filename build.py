"""Set up, try, test and package Tug: `python build.py --help`.

Everything is installed into .envs/ in this folder. Outside it, `backend` writes a note for the
add-on and `dev` a link in Blender's user folder; nothing else is touched.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("Tug needs Python 3.11 or newer, and this one is %d.%d." % sys.version_info[:2])  # noqa: UP031
else:
    from building.commands import main

    main()
