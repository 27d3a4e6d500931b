"""What chapters put out: found, executed, stored, and compared with the code that they came from."""
