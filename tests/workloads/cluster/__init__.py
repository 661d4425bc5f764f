"""The parts that `workloads.cluster_provider` is made of."""
