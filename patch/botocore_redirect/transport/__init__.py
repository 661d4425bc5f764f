"""The layer below botocore's endpoint: connections, pools, proxies, bodies of redirects."""
