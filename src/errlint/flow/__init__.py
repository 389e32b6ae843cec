"""The engine: interprets functions over sets of outcomes, and answers what rules ask.

`lower` turns libcst trees into `ir`; `engine`, `ops` and what they call run it over `state`s; `analyse` is the entry,
`facts` and `table` are what comes out. docs/architecture.md lists the modules by subject.
"""
