"""YAML to a validated `Project`: sources, metrics, objectives, cycle and units. Reads files only; no network."""
