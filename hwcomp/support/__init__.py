"""What every layer may use: errors and their codes, names, rendering, packaged data, files."""
