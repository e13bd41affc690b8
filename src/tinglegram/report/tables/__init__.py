"""The tables of the report, each a function from statistics to printed text."""
