"""The commands, a function each: parse, call the pipeline, print, exit code. `okr_sync.cli` lists them."""
