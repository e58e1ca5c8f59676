"""A small file system of its own, so that a disk can really be full."""

import os
import subprocess

READY_SECONDS = 10


class Volume:
    """A mounted file system of so many MiB, from `with` until its end.

    Root mounts it; anybody else gets it in a user and mount namespace, into which `prefix` takes a program, and which
    `path` looks into from outside. Where neither is allowed there is no such test, and it fails and says so.
    """

    def __init__(self, folder, mebibytes):
        self.folder = folder
        self.options = f"size={mebibytes}m"
        self.path = folder
        self.prefix = []
        self._holder = None

    def __enter__(self):
        self.folder.mkdir()
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", self.options, "tmpfs", str(self.folder)],
                               capture_output=True, text=True, check=False)
        if mount.returncode != 0:
            self._enter_namespace(mount.stderr.strip())
        return self

    def __exit__(self, *_):
        if self._holder is None:
            subprocess.run(["umount", str(self.folder)], check=True)
        else:
            self._holder.stdin.close()
            self._holder.wait(timeout=READY_SECONDS)

    def _enter_namespace(self, refusal):
        script = 'mount -t tmpfs -o "$1" tmpfs "$2" && echo mounted && read -r _'
        self._holder = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", self.options,
             str(self.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self._holder.stdout.readline() != "mounted\n":
            self._holder.wait(timeout=READY_SECONDS)
            raise AssertionError(
                "this test needs a file system of its own: run it as root, or where user namespaces are allowed "
                f"({refusal}; {self._holder.stderr.read().strip()})")
        process = str(self._holder.pid)
        self.prefix = ["nsenter", "--target", process, "--user", "--mount", "--preserve-credentials"]
        self.path = self.folder.__class__(f"/proc/{process}/root{self.folder}")

    @property
    def free(self):
        """Bytes."""
        status = os.statvfs(self.path)
        return status.f_bavail * status.f_frsize
