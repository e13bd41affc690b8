"""What a run was made from: checksums, code, and the record of all results."""
