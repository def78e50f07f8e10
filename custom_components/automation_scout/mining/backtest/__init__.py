"""What any automation would have done: when it runs, and what people did then.

`plan` holds an automation as plain values, without numpy; `engine` replays it.
"""
