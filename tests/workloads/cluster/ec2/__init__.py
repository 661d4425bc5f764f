"""What a cluster needs of EC2: its network, its key pair and its instances."""
