"""What earlier fetches downloaded, by the digests of files: others write there too, so nothing of it is believed."""

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile


class Kept:
    """A directory of files by their digests, flat, so that no link of somebody else's leads a write out of it."""

    def __init__(self, directory=None):
        self.directory, self.taken = directory, set()

    def path(self, digest):
        """Where a digest's file is, if any is kept."""
        return os.path.join(self.directory, digest) if self.directory and digest and "/" not in digest else None

    def take(self, digest, content, limit):
        """Writes what is kept of a digest; whether that has it. What is something else, or too large, goes away."""
        path = self.path(digest)
        if not path:
            return False
        try:
            # Neither what a link leads to, nor a pipe that nobody writes to.
            with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as found:
                status = os.fstat(found.fileno())
                if stat.S_ISREG(status.st_mode) and status.st_size <= limit:
                    shutil.copyfileobj(found, content, 1 << 20)
        except FileNotFoundError:
            return False
        except OSError:
            pass
        is_it = digests(content, [digest]) == {digest}
        if is_it:
            self.taken.add(digest)
        else:
            remove(path)
        return is_it

    def keep(self, digest, content):
        """Keeps what was downloaded, if it has the digest; all at once, for other builds take from the directory.

        A full disk keeps nothing, which fails nothing. What was moved is no longer there to be removed as it is closed.
        """
        path = self.path(digest)
        if path and digests(content, [digest]) == {digest}:
            content.seek(0)
            with contextlib.suppress(OSError), tempfile.NamedTemporaryFile(dir=self.directory) as file:
                shutil.copyfileobj(content, file, 1 << 20)
                file.flush()
                os.replace(file.name, path)


def remove(path):
    """Removes whatever is there, if that can be removed and another build does not."""
    with contextlib.suppress(OSError):
        try:
            os.unlink(path)
        except IsADirectoryError:
            shutil.rmtree(path)


def digests(content, alike):
    """The digests of a file, made as others are."""
    made = [hashlib.new(kind) for kind in {text.partition(":")[0] for text in alike}]
    content.seek(0)
    for part in iter(lambda: content.read(1 << 20), b""):
        for one in made:
            one.update(part)
    return {f"{one.name}:{one.hexdigest()}" for one in made}
