"""Views: a select over streams, their versions and other views, as a relation that serves as a stream.

`read` runs the passes over a select in their order: `shape`, then `names`, the passes of formulas, `grouping`, `joins`,
`fan_out` and `given`; `compile` does so for all views of a project; `write` gives the SQL for an instant.
"""
