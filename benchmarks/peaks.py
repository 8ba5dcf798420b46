"""The greatest memory of a command: `python peaks.py FILE COMMAND…` writes it to FILE in MB, and ends as the command does.

A process takes over the peak of the one that starts it (Linux counts the memory it had before `exec`). A benchmark that
has just drawn its data would tell its own memory as that of the command; this process is small, and starts nothing else.
"""

import resource
import subprocess
import sys

if __name__ == "__main__":
    code = subprocess.run(sys.argv[2:]).returncode
    with open(sys.argv[1], "w") as file:
        file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))
    sys.exit(code if code >= 0 else 128 - code)
