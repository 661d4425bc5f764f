"""`python -m botocore_redirect probe`: ask a store how it redirects.

`run` is the command. `plan` says which calls are made, `calls` makes them with the installed
botocore, and `exchange` sends the first request of each over a connection of its own. `describe`,
`advice`, `dialects` and `report` are pure: they describe the answers by the rules of the patch
itself.
"""
