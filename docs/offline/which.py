"""Print which Python this is, as far as packages ask: the version and the platform."""

import platform
import sys

version = f"{sys.version_info[0]}.{sys.version_info[1]}"
print(f"Python {version} on {platform.system()} {platform.machine()}")
