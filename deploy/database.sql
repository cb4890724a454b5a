-- Beside the database of the store and the warehouse, one for Dagster.
CREATE DATABASE dagster;
