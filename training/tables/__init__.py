"""The input tables: read, checked row by row, and written."""

from training.tables.frames import Tables
from training.tables.read import read_tables
from training.tables.write import write_tables

__all__ = ["Tables", "read_tables", "write_tables"]
