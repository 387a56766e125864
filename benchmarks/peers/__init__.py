"""The same objectives for other tools, a file for each tool and workload: `TOOL_WORKLOAD.py`.

Each has `prepare(arguments) -> (primal, gradient)`: calls without arguments on data that is ready,
whose results are NumPy arrays in the order of the workload's own gradient; None where the size is
not one for the tool.
"""
