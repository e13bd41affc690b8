"""One module per file format: bytes in, plain tables and arrays out."""
