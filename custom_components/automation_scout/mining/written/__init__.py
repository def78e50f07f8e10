"""Automations as they are written: by whom and in whichever form.

`calls` walks the actions of a configuration, `outcomes` says what a call brings about.
"""
