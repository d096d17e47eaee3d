"""Published models as teachers, through the libraries that maintain them; the extra "teach"."""
