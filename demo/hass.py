"""Home Assistant's own start, on a machine without a compiler, ffmpeg or microphone.

Home Assistant sets up all its platforms, with devices or without. Those for voice need
ffmpeg and two packages that have to be compiled, and this home does not speak, so they
are left out. They are still imported when a browser asks for the list of actions, and
phones can speak; for that, what would be taken from the two packages is there as
nothing, and nobody tries to install them. Run as a script, in a process of its own.
"""

from importlib.util import find_spec
import sys
from types import ModuleType

from homeassistant import bootstrap
from homeassistant.__main__ import main

UNUSED = frozenset({"assist_satellite", "tts"})
COMPILED = {"pymicro_vad": "MicroVad", "pyspeex_noise": "AudioProcessor"}

if __name__ == "__main__":
    bootstrap.DEFAULT_INTEGRATIONS -= UNUSED
    missing = [package for package in COMPILED if find_spec(package) is None]
    for package in missing:
        sys.modules[package] = ModuleType(package)
        setattr(sys.modules[package], COMPILED[package], None)
    if missing:
        names = ",".join(missing).replace("_", "-")
        sys.argv += ["--skip-pip-packages", names]
    sys.exit(main())
