"""What is below botocore's endpoint: connections, pools, proxies and the bodies of redirects."""
