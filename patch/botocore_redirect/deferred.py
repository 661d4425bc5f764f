"""Do what `import botocore_redirect.auto` does, as soon as the process has imported botocore.

An activated interpreter loads this at its start, so it imports nothing that costs time.
"""

from __future__ import annotations

from botocore_redirect.after_import import AfterImport, is_loaded

# What the patch replaces is there when this has been imported.
_BOTOCORE = "botocore.endpoint"
# These import botocore. If they come first, the patch is installed in the middle of their import,
# and has to notice its end.
_ITS_IMPORTERS = ("aiobotocore.session", "s3fs.core")

_waiting: list[AfterImport] = []


def install_after_import() -> None:
    """Install the patch when botocore has been imported, with the policy of the environment."""
    if is_loaded(_BOTOCORE):
        _install()
    elif not _waiting:
        modules = (_BOTOCORE, *_ITS_IMPORTERS)
        _waiting.extend(AfterImport(module, _install) for module in modules)


def _install() -> None:
    import importlib  # noqa: PLC0415  # botocore is being imported: these cost nothing more
    import warnings  # noqa: PLC0415  # as above

    try:
        importlib.import_module("botocore_redirect.auto")
    except (ImportError, RuntimeError) as problem:  # a botocore that the patch does not know
        # The program did not ask for the patch itself, and may do well without.
        warnings.warn(f"redirects are not followed: {problem}", RuntimeWarning, stacklevel=2)
    finally:
        while _waiting:
            _waiting.pop().remove()
