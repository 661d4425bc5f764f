"""Make a Python follow redirects that starts with this folder in its PYTHONPATH.

Every Python that finds the folder runs this, also one that is too old for the package. So this is
written for all versions from 2.7 on.
"""

import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))
_OLDEST = (3, 9)


def _activate():  # type: () -> None
    if sys.version_info < _OLDEST:
        message = "botocore-redirect needs Python %d.%d or later: redirects are not followed in %s"
        sys.stderr.write(message % (_OLDEST + (sys.executable,)) + "\n")
        return
    # This Python may not be the one that the package is installed for. Last on the path, and for
    # these imports alone: nothing else that is installed beside the package can be imported.
    sys.path.append(os.path.dirname(os.path.dirname(_FOLDER)))
    try:
        import botocore_redirect.deferred
    finally:
        sys.path.pop()
    botocore_redirect.deferred.install_after_import()


def _run_next():  # type: () -> None
    """Run the `sitecustomize` that Python would have run without this one."""
    this = sys.modules.pop(__name__)
    ours = [entry for entry in sys.path if os.path.abspath(entry) == _FOLDER]
    index = sys.path.index(ours[0]) if ours else 0
    sys.path[:] = [entry for entry in sys.path if entry not in ours]
    try:
        __import__(__name__)
    except ImportError as error:
        if str(error).replace("'", "") != "No module named " + __name__:
            raise
        sys.modules[__name__] = this
    finally:
        sys.path[index:index] = ours[:1]


try:
    _activate()
finally:
    _run_next()
