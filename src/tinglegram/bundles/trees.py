"""Boosted trees in XGBoost's own JSON format, checked by Python before XGBoost sees them.

XGBoost reads models with native code and trusts what indices say. So every index is held against
the number of nodes and of features here, and only plain trees for one number are let through.
(https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html)
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tinglegram.bundles.tensors import not_as_it_must_be, read_object

# Objective of a model of class 1, and of one of the reported value.
OBJECTIVES = {"probability": "binary:logistic", "value": "reg:squarederror"}
_LEARNER = {
    *("attributes", "feature_names", "feature_types", "gradient_booster"),
    *("learner_model_param", "objective"),
}
_MODEL = {"cats", "gbtree_model_param", "iteration_indptr", "tree_info", "trees"}
_INTEGERS = ("left_children", "right_children", "split_indices", "split_type", "default_left")
_NUMBERS = ("base_weights", "loss_changes", "split_conditions", "sum_hessian")
_CATEGORIES = ("categories", "categories_nodes", "categories_segments", "categories_sizes")
_TREE = {*_INTEGERS, *_NUMBERS, *_CATEGORIES, "id", "parents", "tree_param"}
# XGBoost's parent of a root.
_NO_PARENT = 2147483647


def check_trees(content: bytes, source: str, *, n_features: int, predicts: str) -> None:
    """Raise unless these are boosted trees of this number of features.

    Parameters
    ----------
    content : XGBoost's JSON.
    source : name of the file, for messages.
    n_features : columns of a frame.
    predicts : probability or value.

    Raises
    ------
    InputProblem : not such a model, or an index that leads out of it.
    """
    learner = _part(read_object(content, source), "learner", source)
    if {*learner} != _LEARNER:
        raise not_as_it_must_be(
            source, "the parts of an XGBoost model", ", ".join(learner)[:120], "learner"
        )
    booster = _part(learner, "gradient_booster", source)
    if booster.get("name") != "gbtree" or {*booster} != {"name", "model"}:
        raise not_as_it_must_be(source, "gbtree", str(booster.get("name"))[:40], "gradient_booster")
    wanted, objective = OBJECTIVES[predicts], _part(learner, "objective", source)
    if objective.get("name") != wanted:
        raise not_as_it_must_be(source, wanted, str(objective.get("name"))[:40], "objective")
    _check_parameters(_part(learner, "learner_model_param", source), source, n_features)
    model = _part(booster, "model", source)
    if {*model} != _MODEL:
        raise not_as_it_must_be(source, "the parts of gbtree", ", ".join(model)[:120], "model")
    _check_forest(model, source, n_features)


def _part(found: Mapping[str, Any], name: str, source: str) -> dict[str, Any]:
    part = found.get(name)
    if not isinstance(part, dict):
        raise not_as_it_must_be(source, f"an XGBoost model with a {name}", "none")
    return part


def _check_parameters(about: Mapping[str, Any], source: str, n_features: int) -> None:
    """Check the numbers of features, classes and targets, and the score that trees start from."""
    wanted = {"num_feature": str(n_features), "num_class": "0", "num_target": "1"}
    for name, value in wanted.items():
        if about.get(name) != value:
            raise not_as_it_must_be(source, f"{name} {value}", str(about.get(name))[:40])
    text = str(about.get("base_score")).removeprefix("[").removesuffix("]")
    try:
        finite = math.isfinite(float(text))
    except ValueError:
        finite = False
    if not finite:
        raise not_as_it_must_be(source, "one number to start from", text[:40], "base_score")


def _check_forest(model: Mapping[str, Any], source: str, n_features: int) -> None:
    trees, parameters = model["trees"], _part(model, "gbtree_model_param", source)
    n_trees = len(trees) if isinstance(trees, list) else 0
    one_each = {
        "trees": n_trees > 0,
        "num_trees": parameters.get("num_trees") == str(n_trees),
        "num_parallel_tree": parameters.get("num_parallel_tree") == "1",
        "tree_info": model["tree_info"] == [0] * n_trees,
        "iteration_indptr": model["iteration_indptr"] == list(range(n_trees + 1)),
        "cats": isinstance(model["cats"], dict) and not any(model["cats"].values()),
    }
    for name, holds in one_each.items():
        if not holds:
            raise not_as_it_must_be(
                source, "one tree in each round, without categories", "others", name
            )
    for number, tree in enumerate(trees):
        _check_tree(tree, f"{source}, tree {number}", number, n_features)


def _check_tree(tree: Any, source: str, number: int, n_features: int) -> None:
    """Check one tree: as many entries as nodes, and indices that stay among nodes and features."""
    if not isinstance(tree, dict) or {*tree} != _TREE or tree["id"] != number:
        raise not_as_it_must_be(source, "a tree of numbers", "something else")
    about = _part(tree, "tree_param", source)
    n_nodes = len(tree["left_children"]) if isinstance(tree["left_children"], list) else 0
    wanted = {
        "num_nodes": str(n_nodes),
        "num_feature": str(n_features),
        "num_deleted": "0",
        "size_leaf_vector": "1",
    }
    if not n_nodes or any(about.get(name) != value for name, value in wanted.items()):
        raise not_as_it_must_be(
            source, f"{n_nodes} nodes of {n_features} features", str(about)[:120]
        )
    for name in (*_INTEGERS, *_NUMBERS, "parents"):
        kinds = (int,) if name not in _NUMBERS else (int, float)
        if not _are_numbers(tree[name], n_nodes, kinds):
            raise not_as_it_must_be(source, f"{n_nodes} numbers", "others", name)
    if any(tree[name] != [] for name in _CATEGORIES) or any(tree["split_type"]):
        raise not_as_it_must_be(source, "splits of numbers", "splits of categories")
    _check_indices(tree, source, n_nodes, n_features)


def _are_numbers(values: Any, length: int, kinds: tuple[type, ...]) -> bool:
    return (
        isinstance(values, list)
        and len(values) == length
        and all(type(value) in kinds and math.isfinite(value) for value in values)
    )


def _check_indices(
    tree: Mapping[str, Sequence[int]], source: str, n_nodes: int, n_features: int
) -> None:
    """Check that children are nodes that come later and have this parent: no way leads back.

    A leaf has no child; any other node has two.
    """
    for node in range(n_nodes):
        left, right = tree["left_children"][node], tree["right_children"][node]
        if (left, right) == (-1, -1):
            continue
        inside = node < left < n_nodes and node < right < n_nodes and left != right
        if not inside or tree["parents"][left] != node or tree["parents"][right] != node:
            raise not_as_it_must_be(source, "children that are nodes below it", f"{left}, {right}")
        if not 0 <= tree["split_indices"][node] < n_features:
            raise not_as_it_must_be(
                source, f"a feature below {n_features}", str(tree["split_indices"][node])
            )
    if tree["parents"][0] != _NO_PARENT or any(
        value not in (0, 1) for value in tree["default_left"]
    ):
        raise not_as_it_must_be(source, "a root, and 0 or 1 for missing values", "others")
