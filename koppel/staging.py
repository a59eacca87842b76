"""Snapshots and plans between tasks: Parquet and JSON files below one root, local or on an object store."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


class Staging:
    """The folder of one run. ``root`` is any fsspec address; ``s3://connection@bucket/...`` uses an Airflow connection."""

    def __init__(self, root: str, run_id: str) -> None:
        self.folder = _open(root) / "runs" / run_id

    def write(self, name: str, table: pa.Table) -> str:
        """Write a table; a reader sees it whole or not at all."""
        return self._replace(f"{name}.parquet", lambda file: pq.write_table(table, file, compression="zstd"))

    def read(self, name: str) -> pa.Table:
        """The table that ``write`` wrote."""
        with (self.folder / f"{name}.parquet").open("rb") as file:
            return pq.ParquetFile(
                file, pre_buffer=True
            ).read()  # half the time of pq.read_table, which makes a dataset first

    def batches(self, name: str, rows: int) -> Iterator[list[dict[str, Any]]]:
        """The table's rows as plain values, ``rows`` at a time, so that memory stays bounded."""
        with (self.folder / f"{name}.parquet").open("rb") as file:
            for batch in pq.ParquetFile(file).iter_batches(batch_size=rows):
                yield batch.to_pylist()

    def write_json(self, name: str, value: Any) -> str:
        """Write plain values."""
        text = json.dumps(value, ensure_ascii=False, indent=1, default=str)
        return self._replace(f"{name}.json", lambda file: file.write(text.encode()))

    def read_json(self, name: str) -> Any:
        """The values that ``write_json`` wrote."""
        return json.loads((self.folder / f"{name}.json").read_text("utf-8"))

    def write_text(self, name: str, text: str) -> str:
        """Write a text for people; ``name`` carries its ending."""
        return self._replace(name, lambda file: file.write(text.encode()))

    def has(self, name: str) -> bool:
        """Whether a file with this name (and ending) was written."""
        return bool((self.folder / name).exists())

    def names(self, pattern: str) -> list[str]:
        """The tables whose name fits a pattern such as ``raw/product-*``, sorted, without their ending."""
        folder, _, pattern = pattern.rpartition("/")
        below = self.folder / folder
        found = below.glob(f"{pattern}.parquet") if below.exists() else ()
        return sorted(f"{folder}/{path.stem}" for path in found)

    def clear(self, pattern: str) -> None:
        """Take away the tables whose name fits, which an earlier try of the same step left."""
        for name in self.names(pattern):
            (self.folder / f"{name}.parquet").unlink()

    def _replace(self, name: str, write: Any) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.parent / f".{path.name}.unfinished"
        with unfinished.open("wb") as file:
            write(file)
        unfinished.rename(path)
        return str(path)


def folders(root: str) -> list[str]:
    """The ids of the runs that have a folder."""
    below = _open(root) / "runs"
    return [path.name for path in below.iterdir()] if below.exists() else []


def remove(root: str, run_id: str) -> None:
    """Take a run's folder away."""
    folder = _open(root) / "runs" / run_id
    folder.fs.rm(folder.path, recursive=True)


def _open(root: str) -> Any:
    """A path like pathlib's. A plain address needs no Airflow; one that names a connection is opened the way Airflow does."""
    if "@" in root:
        from airflow.sdk import ObjectStoragePath

        return ObjectStoragePath(root)
    from upath import UPath

    folder = UPath(root)
    # On this machine the plain path does the same in half the time, with nothing between it and the file.
    return UPath(folder.path) if folder.protocol == "file" else folder
