"""Importing this module makes every S3 client of the process follow redirects.

`BOTOCORE_REDIRECT=off` in the environment switches it off; `BOTOCORE_REDIRECT_TRUST`,
`BOTOCORE_REDIRECT_MAX_HOPS` and others set its policy (see `RedirectPolicy.from_env`).
"""

from botocore_redirect.lifecycle import install, switched_off
from botocore_redirect.policy import RedirectPolicy

if not switched_off():
    install(RedirectPolicy.from_env())
