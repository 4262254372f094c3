"""Write a source distribution again so that the same sources give the same bytes:
`python pin_sdist.py FOLDER`, the time (seconds since 1970) in SOURCE_DATE_EPOCH.

setuptools pins the wheel so, but leaves the times and owners of the day in the archive.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import tarfile
from pathlib import Path


def main(folder: Path) -> None:
    """Sort the members, give all one time and no owner."""
    [sdist] = folder.glob("*.tar.gz")
    when = int(os.environ["SOURCE_DATE_EPOCH"])
    out = io.BytesIO()
    with (
        tarfile.open(sdist) as old,
        gzip.GzipFile("", "wb", 9, out, mtime=when) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda m: m.name):
            content = old.extractfile(member)
            member.mtime, member.pax_headers = when, {}
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            new.addfile(member, content)
    sdist.write_bytes(out.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
