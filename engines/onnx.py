"""An ONNX model opened for the CPU, with as many threads as it is told and not one more."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any


def onnx_session(weights: Path, *, threads: int = 1, spinning: bool = True) -> Any:
    """An onnxruntime session that runs one operator after the other. Raises onnxruntime's errors as they are.

    `spinning`: its threads go on turning for a while after a run, ready for the next and on cores that others need.
    """
    onnxruntime: Any = importlib.import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    if not spinning:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
