"""The conversion of the recogniser's graphs, on a graph small enough to check by hand."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from voice.providers import local_speech
from voice.providers.base import ProviderError
from voice.providers.local import cache, conversion

WEIGHTS = np.arange(64, dtype=np.float32).reshape(8, 8) / 64
ROW = np.linspace(-1, 1, 8, dtype=np.float32)[None]


def _flatbuffer(folder: Path) -> Path:
    """A graph with weights, attributes and a branch of either kind, in ONNX Runtime's format."""

    def branch(name: str, kind: str) -> object:
        node = helper.make_node(kind, ["product"], [name])
        output = helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 8])
        return helper.make_graph([node], name, [], [output])

    nodes = [
        helper.make_node("MatMul", ["row", "weights"], ["product"]),
        helper.make_node(
            "If",
            ["flag"],
            ["either"],
            then_branch=branch("same", "Identity"),
            else_branch=branch("minus", "Neg"),
        ),
        helper.make_node("LeakyRelu", ["either"], ["out"], alpha=0.5),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [
            helper.make_tensor_value_info("row", TensorProto.FLOAT, [1, 8]),
            helper.make_tensor_value_info("flag", TensorProto.BOOL, [1]),
        ],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 8])],
        [numpy_helper.from_array(WEIGHTS, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.save_model_format", "ORT")
    options.optimized_model_filepath = str(folder / "small.ort")
    onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return folder / "small.ort"


def _run(model: bytes | str, flag: bool) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    made: np.ndarray = session.run(None, {"row": ROW, "flag": np.array([flag])})[0]
    return made


def _by_hand(flag: bool) -> np.ndarray:
    product = ROW @ WEIGHTS
    either = product if flag else -product
    return np.where(either < 0, either * 0.5, either)


@pytest.mark.parametrize("flag", [True, False])
def test_a_graph_read_back_computes_the_same(tmp_path: Path, flag: bool) -> None:
    model = conversion.read_flatbuffer(_flatbuffer(tmp_path))
    assert np.allclose(_run(model.SerializeToString(), flag), _by_hand(flag), atol=1e-5)


@pytest.mark.parametrize("flag", [True, False])
def test_a_converted_graph_computes_nearly_the_same(tmp_path: Path, flag: bool) -> None:
    told: list[str] = []
    made = conversion.convert(_flatbuffer(tmp_path), tmp_path, told.append)
    assert np.allclose(_run(str(made), flag), _by_hand(flag), atol=0.05)
    assert told == list(conversion.STEPS)


def test_a_file_that_is_converted_appears_whole_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _flatbuffer(tmp_path)
    monkeypatch.setenv("MODEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "GRAPHS", {"encoder": source.name, "decoder": source.name})
    monkeypatch.setattr(cache, "package_folder", lambda: tmp_path)
    told: list[str] = []
    cache.prepare(told.append)
    assert told[0] == "reading the encoder"
    assert cache.is_ready()
    assert sorted(path.name for path in cache.folder().iterdir()) == [
        "decoder.onnx",
        "encoder.onnx",
        "lock",
    ]
    told.clear()
    cache.prepare(told.append)
    assert told == []


def test_a_platform_without_the_model_is_told_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_CACHE", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ProviderError, match="set DEEPGRAM_API_KEY") as failure:
        cache.prepare()
    assert not failure.value.retryable


def test_the_command_says_where_the_models_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODEL_CACHE", str(tmp_path))
    assert local_speech.main(["where"]) == 0
    assert capsys.readouterr().out.replace("\n", "") == str(cache.folder())


def test_the_command_fails_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("MODEL_CACHE", str(blocked))
    assert local_speech.main(["prepare"]) == 1
    said = capsys.readouterr().err
    assert "cannot write the speech models" in said
    assert "Traceback" not in said
