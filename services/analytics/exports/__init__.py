"""Exports: any report as a stream of CSV, JSON or Parquet."""
