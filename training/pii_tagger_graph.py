"""The graph of the tagger: BERT in ONNX, with the fused operators of ONNX Runtime.

Written by hand rather than exported: a traced graph keeps dozens of small operators a layer, which
take longer than the arithmetic on texts of a hundred tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_FUSED = "com.microsoft"


def build_graph(
    weights: Mapping[str, NDArray[np.float32]], *, layers: int, heads: int
) -> onnx.ModelProto:
    """Build the graph from the weights of a `BertForTokenClassification`, by their names there.

    Inputs `input_ids`, `token_type_ids` and `lengths` (the tokens of each row that count), output
    `logits`. Rows are padded at the end.
    """
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(name: str, value: NDArray[Any]) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(operator: str, inputs: list[str], output: str, domain: str = "", **options: Any) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **options))
        return output

    def weight(name: str) -> str:
        return constant(name, weights[name])

    def matrix(name: str) -> str:
        return constant(name, weights[f"{name}.weight"].T)

    def normalise(value: str, norm: str, output: str) -> str:
        inputs = [value, weight(f"{norm}.weight"), weight(f"{norm}.bias")]
        return node("LayerNormalization", inputs, output, axis=-1, epsilon=1e-12)

    table = "bert.embeddings"
    words = node("Gather", [weight(f"{table}.word_embeddings.weight"), "input_ids"], "words")
    kinds = node("Gather", [weight(f"{table}.token_type_embeddings.weight"), "token_type_ids"], "kinds")
    constant("zero", np.array([0], np.int64))
    constant("one", np.array([1], np.int64))
    constant("two", np.array([2], np.int64))
    shape = node("Shape", ["input_ids"], "shape")
    width = node("Slice", [shape, "one", "two"], "width")
    places = node(
        "Slice", [weight(f"{table}.position_embeddings.weight"), "zero", width, "zero"], "places"
    )
    summed = node("Add", [node("Add", [words, kinds], "words+kinds"), places], "embedded")
    x = normalise(summed, f"{table}.LayerNorm", "hidden")

    def add_and_normalise(new: str, old: str, dense: str, norm: str, output: str) -> str:
        # SkipLayerNormalization does the same in one operator, and takes four times as long.
        summed = node("Add", [new, weight(f"{dense}.bias")], f"{dense}.biased")
        summed = node("Add", [summed, old], f"{dense}.summed")
        return normalise(summed, norm, output)

    for layer in range(layers):
        at = f"bert.encoder.layer.{layer}"
        names = [f"{at}.attention.self.{part}" for part in ("query", "key", "value")]
        inputs = constant(f"{at}.qkv", np.concatenate([weights[f"{n}.weight"].T for n in names], 1))
        bias = constant(f"{at}.qkv.bias", np.concatenate([weights[f"{n}.bias"] for n in names]))
        seen = node("Attention", [x, inputs, bias, "lengths"], f"{at}.seen", _FUSED, num_heads=heads)
        dense = f"{at}.attention.output.dense"
        new = node("MatMul", [seen, matrix(dense)], f"{dense}.product")
        x = add_and_normalise(new, x, dense, f"{at}.attention.output.LayerNorm", f"{at}.attended")
        dense = f"{at}.intermediate.dense"
        new = node("MatMul", [x, matrix(dense)], f"{dense}.product")
        new = node("BiasGelu", [new, weight(f"{dense}.bias")], f"{dense}.active", _FUSED)
        dense = f"{at}.output.dense"
        new = node("MatMul", [new, matrix(dense)], f"{dense}.product")
        x = add_and_normalise(new, x, dense, f"{at}.output.LayerNorm", f"{at}.done")
    scores = node("MatMul", [x, matrix("classifier")], "scores")
    node("Add", [scores, weight("classifier.bias")], "logits")

    rows = ["rows", "tokens"]
    graph = helper.make_graph(
        nodes,
        "pii-tagger",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, rows),
            helper.make_tensor_value_info("token_type_ids", TensorProto.INT64, rows),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, rows[:1]),
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*rows, "labels"])],
        constants,
    )
    versions = [helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)]
    return helper.make_model(graph, opset_imports=versions, ir_version=8)
