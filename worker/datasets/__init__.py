"""Data sets: files of questions with reference answers, read and checked on a worker's machine."""

from worker.datasets.loading import BUILT_IN, DataSet, load, named, read
from worker.datasets.rows import DataSetError

__all__ = ["BUILT_IN", "DataSet", "DataSetError", "load", "named", "read"]
