"""The command line: arguments and printing, one file a command. What is heavy is imported inside the commands."""
