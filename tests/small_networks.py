"""Networks so small that what they give is known, as files."""

from onnx import TensorProto, helper


def onnx_means(side: int = 8) -> bytes:
    """Return an ONNX network that gives the mean red, green and blue of square pictures."""
    node = helper.make_node("ReduceMean", ["given"], ["means"], axes=[2, 3], keepdims=0)
    given = helper.make_tensor_value_info("given", TensorProto.FLOAT, [1, 3, side, side])
    means = helper.make_tensor_value_info("means", TensorProto.FLOAT, [1, 3])
    graph = helper.make_graph([node], "means", [given], [means])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content


def onnx_level(samples: int) -> bytes:
    """Return an ONNX network that gives the mean and the largest magnitude of so many samples."""
    nodes = [
        helper.make_node("Abs", ["given"], ["magnitude"]),
        helper.make_node("ReduceMean", ["magnitude"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("ReduceMax", ["magnitude"], ["most"], axes=[1], keepdims=1),
        helper.make_node("Concat", ["mean", "most"], ["both"], axis=1),
    ]
    given = helper.make_tensor_value_info("given", TensorProto.FLOAT, [1, samples])
    both = helper.make_tensor_value_info("both", TensorProto.FLOAT, [1, 2])
    graph = helper.make_graph(nodes, "level", [given], [both])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content


def onnx_with_weights_elsewhere(side: int = 8) -> bytes:
    """Return an ONNX network of square pictures whose weights are in another file."""
    weights = TensorProto(name="weights", data_type=TensorProto.FLOAT, dims=[3 * side * side, 3])
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="weights.bin")
    nodes = [
        helper.make_node("Flatten", ["given"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["made"]),
    ]
    given = helper.make_tensor_value_info("given", TensorProto.FLOAT, [1, 3, side, side])
    made = helper.make_tensor_value_info("made", TensorProto.FLOAT, [1, 3])
    graph = helper.make_graph(nodes, "elsewhere", [given], [made], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content
