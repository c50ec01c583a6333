"""Ways of giving a term a value; they do not know each other."""
