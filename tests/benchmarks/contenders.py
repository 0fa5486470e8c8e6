"""One way to read a study, timed once in a process of its own: ``python -m tests.benchmarks.contenders WAY FOLDER``.

A process each, because memory that one way has used and given back is faster for the next. Each way runs over a small
study first, so that its imports are done and its code has run; the disk cache is warm. Prints one JSON object.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

THREADS = 2
_KEPT: list[Any] = []
SORTING_TAGS = (0x00080018, 0x00200032, 0x00200037, 0x0020000D, 0x0020000E, 0x00200013)
LISTING_TAGS = (
    *SORTING_TAGS,
    *(0x00080005, 0x00080008, 0x00080016, 0x00080020, 0x00080060, 0x0008103E, 0x00081030, 0x00100010, 0x00100020),
    *(0x00180050, 0x00200011, 0x00200052, 0x00280002, 0x00280004, 0x00280008, 0x00280010, 0x00280011, 0x00280030),
    *(0x00280100, 0x00280101, 0x00280102, 0x00280103, 0x00281050, 0x00281051, 0x00281052, 0x00281053),
)


def scoutview(folder: Path) -> dict[str, float]:
    """Scan, sort and load, the middle slice first."""
    from app.dicom.index import index
    from app.dicom.load import load
    from app.dicom.scan import scan

    start = time.perf_counter()
    first: list[float] = []
    (series,) = index(scan([folder])).series()
    sorted_at = time.perf_counter()

    def on_frame(_: int) -> None:
        if not first:
            first.append(time.perf_counter())

    pixels = load(series, first=len(series.frames) // 2, on_frame=on_frame)
    end = time.perf_counter()
    assert len(pixels.loaded) == len(series.frames)
    _KEPT.append(pixels)
    return {"seconds": end - start, "first_image": first[0] - start, "scan_and_sort": sorted_at - start}


def scoutview_one_worker(folder: Path) -> dict[str, float]:
    """The same with a single codec process."""
    from app.dicom import workers

    workers.count = lambda: 1
    return scoutview(folder)


def raw(folder: Path) -> dict[str, float]:
    """Every file's bytes, kept in memory: what any reader must do at least."""
    start = time.perf_counter()
    _KEPT.append([file.read_bytes() for file in sorted(folder.iterdir())])
    return {"seconds": time.perf_counter() - start}


def raw_dropped(folder: Path) -> dict[str, float]:
    """Every file's bytes, each dropped before the next: no fresh memory is ever needed."""
    start = time.perf_counter()
    for file in sorted(folder.iterdir()):
        file.read_bytes()
    return {"seconds": time.perf_counter() - start}


def pydicom_(folder: Path) -> dict[str, float]:
    """pydicom: read, sort by position, stack."""
    import numpy as np
    import pydicom

    start = time.perf_counter()
    datasets = [pydicom.dcmread(file) for file in folder.iterdir()]
    datasets.sort(key=lambda dataset: float(dataset.ImagePositionPatient[2]))
    _KEPT.append(np.stack([dataset.pixel_array for dataset in datasets]))
    return {"seconds": time.perf_counter() - start}


def simpleitk(folder: Path) -> dict[str, float]:
    """SimpleITK's series reader."""
    import SimpleITK as sitk

    start = time.perf_counter()
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    _KEPT.append(sitk.GetArrayViewFromImage(reader.Execute()))
    return {"seconds": time.perf_counter() - start}


def simpleitk_threads(folder: Path) -> dict[str, float]:
    """SimpleITK, a reader a slice on as many threads as there are cores; it lets go of the GIL."""
    import numpy as np
    import SimpleITK as sitk

    start = time.perf_counter()
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    first = sitk.GetArrayViewFromImage(sitk.ReadImage(names[0]))[0]
    volume = np.empty((len(names), *first.shape), first.dtype)

    def read(at: int) -> None:
        volume[at] = sitk.GetArrayViewFromImage(sitk.ReadImage(names[at]))[0]

    with ThreadPoolExecutor(os.cpu_count() or THREADS) as pool:
        list(pool.map(read, range(len(names))))
    _KEPT.append(volume)
    return {"seconds": time.perf_counter() - start}


def dcm2niix(folder: Path) -> dict[str, float]:
    """dcm2niix, a program of its own that also writes the volume to a file."""
    out = tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    try:
        start = time.perf_counter()
        subprocess.run(["dcm2niix", "-z", "n", "-b", "n", "-o", out, str(folder)], check=True, capture_output=True)
        return {"seconds": time.perf_counter() - start}
    finally:
        shutil.rmtree(out)


def scan_scoutview(folder: Path) -> dict[str, float]:
    """All headers, each checked, ready to be sorted."""
    from app.dicom.scan import scan

    start = time.perf_counter()
    found = scan([folder])
    end = time.perf_counter()
    assert not found.skipped
    _KEPT.append(found)
    return {"seconds": end - start}


def scan_and_sort_scoutview(folder: Path) -> dict[str, float]:
    """The same, sorted into series."""
    from app.dicom.index import index
    from app.dicom.scan import scan

    start = time.perf_counter()
    _KEPT.append(index(scan([folder])))
    return {"seconds": time.perf_counter() - start}


def _gdcm(folder: Path, tags: tuple[int, ...]) -> dict[str, float]:
    import gdcm

    start = time.perf_counter()
    scanner = gdcm.Scanner()
    for tag in tags:
        scanner.AddTag(gdcm.Tag(tag >> 16, tag & 0xFFFF))
    scanner.Scan([str(file) for file in sorted(folder.iterdir())])
    return {"seconds": time.perf_counter() - start}


def scan_gdcm(folder: Path) -> dict[str, float]:
    """gdcm.Scanner with the tags that a list of series and sorted slices need."""
    return _gdcm(folder, LISTING_TAGS)


def scan_gdcm_least(folder: Path) -> dict[str, float]:
    """gdcm.Scanner with the six tags without which slices cannot be sorted."""
    return _gdcm(folder, SORTING_TAGS)


def scan_pydicom(folder: Path) -> dict[str, float]:
    """pydicom, up to the pixels."""
    import pydicom

    start = time.perf_counter()
    _KEPT.append([pydicom.dcmread(file, stop_before_pixels=True) for file in sorted(folder.iterdir())])
    return {"seconds": time.perf_counter() - start}


def memory(folder: Path) -> dict[str, float]:
    """Growth of the resident memory of the program and its codec processes while it loads, beside the volume's size."""
    from app.dicom.index import index
    from app.dicom.load import load
    from app.dicom.scan import scan

    (series,) = index(scan([folder])).series()
    before, most, done = _resident(), 0.0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.005):
            most = max(most, _resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        pixels = load(series, first=len(series.frames) // 2)
    finally:
        done.set()
        watcher.join()
    return {"seconds": 0.0, "growth": max(most, _resident()) - before, "volume": float(pixels.stored.nbytes)}


def _resident() -> float:
    """Bytes of this process and its children, shared pages counted once (Linux: PSS)."""
    total = 0
    for process in [Path("/proc/self"), *(Path("/proc") / child for child in _children())]:
        try:
            lines = (process / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return float(total)


def _children() -> list[str]:
    found: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += (task / "children").read_text().split()
        except OSError:
            continue
    return found


WAYS: dict[str, Callable[[Path], dict[str, float]]] = {
    "scoutview": scoutview,
    "scoutview-1": scoutview_one_worker,
    "raw": raw,
    "raw-dropped": raw_dropped,
    "pydicom": pydicom_,
    "simpleitk": simpleitk,
    "simpleitk-threads": simpleitk_threads,
    "dcm2niix": dcm2niix,
    "scan": scan_scoutview,
    "scan-and-sort": scan_and_sort_scoutview,
    "scan-gdcm": scan_gdcm,
    "scan-gdcm-least": scan_gdcm_least,
    "scan-pydicom": scan_pydicom,
    "memory": memory,
}


def main(way: str, folder: Path, small: Path) -> None:
    """Measures ``way`` on ``folder``, after a run on ``small`` that does not count."""
    WAYS[way](small)
    _KEPT.clear()
    # As the program does once its modules are loaded: no pass over them while somebody waits.
    gc.collect()
    gc.freeze()
    sys.stdout.write(json.dumps(WAYS[way](folder)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
