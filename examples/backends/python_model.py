"""The Python side of python-subprocess.ts: a model that says a prompt back, a word at a time. Put yours in answer()."""
import json
import sys
import threading
import time

cancelled = set()  # the ids of requests that nobody waits for any more
writing = threading.Lock()


def write(**line):
    with writing:
        print(json.dumps(line), flush=True)


def answer(id, request):
    try:
        for word in request["prompt"].split():
            if id in cancelled:
                break
            time.sleep(0.01)  # a model would think here
            write(type="event", id=id, event={"text": word + " "})
        write(type="end", id=id)
    except Exception as error:
        write(type="error", id=id, error={"message": str(error)})
    cancelled.discard(id)


for line in sys.stdin.buffer:  # it ends when its standard input does
    message = json.loads(line)
    if message["type"] == "cancel":
        cancelled.add(message["id"])
    else:
        threading.Thread(target=answer, args=(message["id"], message["request"]), daemon=True).start()
