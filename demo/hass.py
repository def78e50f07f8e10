"""Home Assistant's own start, without the platforms that this home has no use for.

Home Assistant sets up all its base platforms, with devices or without. These need
libraries beyond Python's packages (ffmpeg, libturbojpeg, a compiler), and where those
are missing its log begins with tracebacks. Run as a script, in a process of its own.
"""

import sys

from homeassistant import bootstrap
from homeassistant.__main__ import main

UNUSED = frozenset({"ai_task", "assist_satellite", "camera", "image_processing", "tts"})

if __name__ == "__main__":
    bootstrap.DEFAULT_INTEGRATIONS -= UNUSED
    sys.exit(main())
