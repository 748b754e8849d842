"""As much of torch as worker.py uses, without computing anything."""

import contextlib

float32, float16 = "float32", "float16"
threads = 0
seed = None


class Tensor:
    def __init__(self, rows):
        self.rows, self.device = rows, "cpu"
        self.shape = (len(rows), len(rows[0])) if rows and isinstance(rows[0], list) else (len(rows),)

    def to(self, device):
        return self

    def float(self):
        return self

    def tolist(self):
        return self.rows

    def reshape(self, *shape):
        return Tensor([each for row in self.rows for each in (row if isinstance(row, list) else [row])])


class cuda:
    @staticmethod
    def is_available():
        return False


class backends:
    mps = cuda


def get_num_threads():
    return threads


def set_num_threads(count):
    global threads
    threads = count


def manual_seed(value):
    global seed
    seed = value


def inference_mode():
    return contextlib.nullcontext()


def tensor(rows):
    return Tensor(rows)


def ones_like(other):
    return other


def full(shape, value, device=None):
    return value
