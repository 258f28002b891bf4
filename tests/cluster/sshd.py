"""A real ssh server on loopback, with keys of its own."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .daemons import found, free_port, listens, running, until

PROGRAMS: Final = ("sshd", "ssh", "ssh-keygen")

SERVER: Final = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/sshd.pid
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
"""
CLIENT: Final = """\
Host stranger
    UserKnownHostsFile /dev/null
Host keyless
    IdentityFile {folder}/other
Host there stranger
    IdentityFile {folder}/mine
Host there stranger keyless
    HostName 127.0.0.1
    Port {port}
    User {user}
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known_hosts
    GlobalKnownHostsFile /dev/null
"""


@dataclass(frozen=True)
class Sshd:
    """A server that runs. Its client knows it as `there`, as a `stranger` whose key is new, and, `keyless`, in vain."""

    folder: Path

    def prefix(self, host: str) -> tuple[str, ...]:
        """What stands before a command for that host."""
        return ("ssh", "-F", str(self.folder / "config"), host)


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """A server in `folder`."""
    for name in ("host", "mine", "other"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # what Debian's own service makes for it where there is one
    port = free_port()
    (folder / "authorized_keys").write_bytes((folder / "mine.pub").read_bytes())
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    (folder / "sshd_config").write_text(SERVER.format(port=port, folder=folder))
    (folder / "config").write_text(CLIENT.format(port=port, folder=folder, user=getpass.getuser()))
    log = folder / "sshd.log"
    with running([found("sshd"), "-D", "-e", "-f", folder / "sshd_config"], log):
        until(lambda: listens(port), "the ssh server listens", log)
        yield Sshd(folder)
