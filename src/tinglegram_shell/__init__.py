"""The thin shell around the library: files, logs and exit codes for the command-line scripts."""

from tinglegram_shell.files import (
    read_arrays,
    read_table,
    whole,
    write_arrays,
    write_json,
    write_table,
    write_text,
)
from tinglegram_shell.program import peak_memory, program, run

__all__ = [
    "peak_memory",
    "program",
    "read_arrays",
    "read_table",
    "run",
    "whole",
    "write_arrays",
    "write_json",
    "write_table",
    "write_text",
]
