"""Runs models of the Hugging Face hub for Modelyard, in a process of its own.

Reads {"type": "request", "id", "request"} and {"type": "cancel", "id"} from standard input, a JSON value a line, and writes "event",
"end" and "error" lines to standard output. Requests are served in turn. It ends when its standard input does.
"""

import json
import os
import queue
import signal
import sys
import threading
import traceback

from worker_encode import embed, logits
from worker_generate import generate
from worker_load import load, unload
from worker_models import Failure, is_out_of_memory

# Libraries print where they like: what they say goes to standard error, and the protocol has standard output for itself.
answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
sys.stdout = sys.stderr

# What to ask pip for, where it is not what Python imports.
PIP_NAMES = {"sentence_transformers": "sentence-transformers", "google": "protobuf", "PIL": "pillow"}

OUT_OF_MEMORY = (
    "insufficient-memory",
    "The memory was not enough.",
    "Unload other models, use a smaller one, or send less at once.",
)

requests = queue.Queue()
# By the id of each request that has not ended, what a cancel sets.
cancels = {}


def write(line):
    try:
        text = json.dumps(line, allow_nan=False)
    except ValueError:
        raise Failure(
            "invalid-response",
            "The model computed numbers that are none.",
            'Its weights may be too coarse: try another form of them ("dtype").',
        ) from None
    answers.write(text.encode() + b"\n")
    answers.flush()


def read():
    code = 1
    try:
        for line in sys.stdin.buffer:
            message = json.loads(line)
            if message["type"] == "request":
                cancels[message["id"]] = threading.Event()
                requests.put(message)
            else:
                # Its request may end in this moment.
                cancels.get(message["id"], threading.Event()).set()
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        # In the middle of whatever it computes: nobody is there to read it.
        os._exit(code)


def serve(message):
    number, request = message["id"], message["request"]
    cancel = cancels[number]

    def emit(event):
        if not cancel.is_set():
            write({"type": "event", "id": number, "event": event})

    try:
        if not cancel.is_set():
            OPERATIONS[request["do"]](request, emit, cancel)
        write({"type": "end", "id": number})
    except Failure as failure:
        write({"type": "error", "id": number, "error": failure.line})
    except ModuleNotFoundError as error:
        write_error(number, "backend-unavailable", *missing(error.name or ""))
    except ImportError as error:
        # Libraries that need another say so here, in words of their own, before any text is looked at.
        write_error(number, "backend-unavailable", f"Python can't import what it needs: {error}")
    except Exception as error:  # whatever a library throws must not end the others' requests
        traceback.print_exc()
        if is_out_of_memory(error):
            return write_error(number, *OUT_OF_MEMORY)
        # Its words may quote the request.
        write_error(number, "backend-error", f"The model failed in Python ({type(error).__name__}).")
    finally:
        del cancels[number]


def write_error(number, code, message, remedy=None):
    error = {"code": code, "message": message}
    if remedy is not None:
        error["remedy"] = remedy
    write({"type": "error", "id": number, "error": error})


def missing(module):
    package = PIP_NAMES.get(module.split(".")[0], module.split(".")[0])
    return (
        f"The Python package {package} is not installed for {sys.executable}.",
        f"Install it with `{sys.executable} -m pip install {package}`.",
    )


OPERATIONS = {
    "load": load,
    "unload": unload,
    "embed": embed,
    "logits": logits,
    "generate": generate,
}

if __name__ == "__main__":
    # An interrupt at the terminal is for the parent, which then closes our standard input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=read, daemon=True).start()
    while True:
        serve(requests.get())
