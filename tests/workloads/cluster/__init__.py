"""The parts of `workloads.cluster_provider`."""
