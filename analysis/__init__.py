"""The tested package behind the cuadernos; see README.md for the flow."""

__version__ = "0.1.0"
