"""What a cluster needs of IAM: its roles, their policies and its service accounts."""
