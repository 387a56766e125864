"""The workloads, one file each; a file's `WORKLOAD` says its sizes and makes its cases."""
