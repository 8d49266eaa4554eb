"""All processes of a server."""

import os
import signal
import subprocess
import sys

from bench.peers.process_tree import process_tree
from bench.processes import proportional_bytes

CHILD_IN_A_SESSION_OF_ITS_OWN = """
import subprocess, sys
command = [sys.executable, "-c", "print(flush=True); input()"]
child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
print(child.pid, flush=True)
input()
"""


def test_a_child_in_a_session_of_its_own_belongs_to_the_tree() -> None:
    command = [sys.executable, "-c", CHILD_IN_A_SESSION_OF_ITS_OWN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert process_tree(parent.pid) == (parent.pid, child)
        assert all(proportional_bytes(pid) > 1_000_000 for pid in (parent.pid, child))
        os.kill(child, signal.SIGKILL)
        parent.communicate("\n")
