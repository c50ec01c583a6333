"""The closed set of mathematical objects: frozen, typed, without meaning."""
