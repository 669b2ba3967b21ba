"""When each beat moves: rates, schedules, FIFO depths and register slices."""
