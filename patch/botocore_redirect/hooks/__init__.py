"""All that touches botocore: the hooks ask the rules, and do what they say."""
