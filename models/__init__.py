"""The networks, and the runtimes that run them."""

import os

# ONNX Runtime's own switch, read once, when its library is loaded: else it looks up its maker's
# server and keeps an identifier of the computer in the user's cache before any call of its
# interface could stop it. Set here, so that it is set in every process before that import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
