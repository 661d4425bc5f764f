"""aiobotocore, s3fs and boto3 may be imported before a patch is installed, after that, or never.

Nothing here imports them, but to wait for another thread that does.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress

from botocore_redirect import after_import

#: The module without which nobody can make a client; it imports all that is patched.
MODULE = "aiobotocore.session"
#: The module of s3fs that all others lead to.
S3FS = "s3fs.core"
#: The module of boto3 that chooses between its two kinds of transfers.
BOTO3 = "boto3.s3.transfer"


def is_loaded(module: str = MODULE) -> bool:
    """Return whether aiobotocore (or another module) was imported, to its end."""
    return after_import.is_loaded(module)


def wait_for_imports() -> None:
    """If another thread is importing these modules, wait for the end of that.

    It may be past the finders although the module is not there yet: the package is, by then. Where
    it cannot be past them, nothing is awaited: it may be this thread that is importing them.
    """
    # Importing boto3 does not import BOTO3, which nobody may need.
    for module, begun in ((S3FS, "s3fs"), (MODULE, "aiobotocore"), (BOTO3, BOTO3)):
        may_escape = begun in sys.modules and not after_import.sees_every_import(module)
        if may_escape and not is_loaded(module):
            with suppress(ImportError):  # whoever imports it is told
                importlib.import_module(module)
