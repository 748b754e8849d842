"""llama.cpp's server until standard input ends, so that it dies with its parent. Prints `ready <address>`.

Usage: llama-server.py OPTIONS    JSON with model, alias, port, slots, context_tokens, threads, embeddings, reranking.
"""

import json
import os
import sys
import threading

import xllamacpp


def end_with_parent():
    os.read(0, 1)  # not sys.stdin: its lock would break an exit that comes first
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()

options = json.loads(sys.argv[1])
parameters = xllamacpp.CommonParams()
parameters.model.path = options["model"]
parameters.model_alias = {options["alias"]}
parameters.port = options["port"]
parameters.n_parallel = options["slots"]
parameters.n_ctx = options["slots"] * options["context_tokens"]
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = options["threads"]
parameters.embedding = options["embeddings"] or options["reranking"]
if options["reranking"]:
    parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_RANK
parameters.endpoint_props = parameters.endpoint_metrics = True
server = xllamacpp.Server(parameters)
print("ready", server.listening_address, flush=True)
threading.Event().wait()
