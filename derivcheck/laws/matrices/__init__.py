"""Words of matrices: traces, norms, determinants, stacking."""
