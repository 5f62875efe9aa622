"""Serves one model with llama.cpp's own HTTP server, as the package xllamacpp carries it.

Arguments: model path, context in tokens, threads. Prints the address once it listens; ends when stdin closes.
"""

import sys

from xllamacpp import CommonParams, Server

params = CommonParams()
params.model.path = sys.argv[1]
params.n_ctx = int(sys.argv[2])
params.cpuparams.n_threads = int(sys.argv[3])
params.cpuparams_batch.n_threads = int(sys.argv[3])
params.n_parallel = 1
params.warmup = True
server = Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
