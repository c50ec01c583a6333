"""What the theory lets a name stand for."""
