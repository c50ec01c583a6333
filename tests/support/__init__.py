"""Tools that several rooms of tests share."""
