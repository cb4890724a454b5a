"""Any JSON or CSV API, as a declaration in YAML says: where it is, how to sign in, how its pages follow each other."""

from connectors.http.connector import Http

__all__ = ["Http"]
