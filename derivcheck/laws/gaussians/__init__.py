"""Normal densities: logarithms, closed forms, integrals."""
