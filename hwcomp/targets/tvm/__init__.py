"""The tvm target: TVMScript, schedules, and libraries that TVM compiles from them. Nothing here imports TVM."""
