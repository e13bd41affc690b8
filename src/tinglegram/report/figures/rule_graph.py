"""The workflow's own graph: its rules in the order data flow, coloured by stage."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

import networkx as nx
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path
from scipy.optimize import linprog

from tinglegram.errors import TinglegramError
from tinglegram.report.figures import style

_NODE = re.compile(r'^\s*(\d+)\s*\[\s*label\s*=\s*"([^"]+)"')
_EDGE = re.compile(r"^\s*(\d+)\s*->\s*(\d+)\s*;?\s*$")
_RULE = re.compile(
    r"^\s*(?:(?:rule|checkpoint)\s+(?=\w+\s*:)|use\s+rule\s+\w+\s+as\s+)(\w+)", re.MULTILINE
)
_INCLUDE = re.compile(r'^\s*include:\s*"(workflow/rules/(\w+)\.smk)"', re.MULTILINE)
_FAMILY = re.compile(r"^\s*name:\s*f[\"'](\w+?)_?\{", re.MULTILINE)
# Width of a layer and distance of neighbours in it, and the box of a rule, in millimetres.
_LAYER, _ROW, _BOX_WIDTH, _BOX_HEIGHT = 22.6, 10.2, 17.4, 8.6
_MM_PER_INCH = 25.4
# Stage of a rule that no rule file names.
OTHER = "other"
_LINE = "#9A9A9A"


def parse_dot(text: str) -> nx.DiGraph:
    """Return the graph of rule names that `snakemake --rulegraph dot` prints.

    Raises
    ------
    TinglegramError : no rule in the text.
    """
    names: dict[str, str] = {}
    graph = nx.DiGraph()
    for line in text.splitlines():
        if node := _NODE.match(line):
            names[node[1]] = node[2]
            graph.add_node(node[2])
        elif edge := _EDGE.match(line):
            graph.add_edge(names[edge[1]], names[edge[2]])
    if not graph:
        raise TinglegramError(
            "snakemake --rulegraph dot printed no rule. Run it by hand to see what it says."
        )
    return graph


def rule_files(snakefile: str) -> dict[str, str]:
    """Return stage -> rule file, in the order in which the text of a Snakefile includes them.

    That is the order data flow, and a stage is named after its file.
    """
    return {stage: file for file, stage in _INCLUDE.findall(snakefile)}


def rules_of(text: str) -> list[str]:
    """Return the names of the rules in the text of a rule file.

    `use rule a as b` names the rule b. Rules made in a loop, `name: f"simulate_clip_{video}"`, give
    their common beginning.
    """
    return _RULE.findall(text) + _FAMILY.findall(text)


def merge_rules(graph: nx.DiGraph, names: Iterable[str]) -> nx.DiGraph:
    """Return the graph without the target `all`, the rules made in one loop as a single rule.

    Parameters
    ----------
    graph : rule names as Snakemake knows them.
    names : names and common beginnings of `rules_of` for all rule files.
    """
    known = sorted(names, key=len, reverse=True)
    graph = graph.subgraph(n for n in graph if n != "all")
    family = {n: next((k for k in known if n == k or n.startswith(f"{k}_")), n) for n in graph}
    simple = nx.DiGraph()
    simple.add_nodes_from(family.values())
    simple.add_edges_from((family[a], family[b]) for a, b in graph.edges if family[a] != family[b])
    return simple


def layers(graph: nx.DiGraph, sweeps: int = 24) -> tuple[nx.DiGraph, list[list[str]]]:
    """Return the graph with long edges cut at every layer, and the ordered nodes of each layer.

    Layers make the edges as short as possible in total (Gansner et al., 1993). Edges implied by
    others are left out; the points where a long edge passes a layer are nodes named
    `from>to>layer`. The order in a layer follows the neighbours (Sugiyama et al., 1981).
    """
    reduced = nx.transitive_reduction(graph)
    column = _columns(reduced)
    last = max(column.values())
    cut = nx.DiGraph()
    cut.add_nodes_from(sorted(reduced))
    for start, end in sorted(reduced.edges):
        passed = [f"{start}>{end}>{c}" for c in range(column[start] + 1, column[end])]
        column.update({node: column[start] + 1 + i for i, node in enumerate(passed)})
        cut.add_edges_from(pairwise([start, *passed, end]))
    order = [sorted(n for n in cut if column[n] == c) for c in range(last + 1)]
    best, fewest = [list(layer) for layer in order], _crossings(cut, order)
    for sweep in range(sweeps):
        forward = sweep % 2 == 0
        for i in range(1, last + 1) if forward else range(last - 1, -1, -1):
            place = {n: k for k, n in enumerate(order[i - 1 if forward else i + 1])}
            order[i].sort(key=lambda n: _centre(cut, n, place, forward))
        crossings = _crossings(cut, order)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in order], crossings
    return cut, best


def _columns(graph: nx.DiGraph) -> dict[str, int]:
    """Return the layer of every node: all edges go right, and are as short as can be in total."""
    names, edges = sorted(graph), sorted(graph.edges)
    index = {n: i for i, n in enumerate(names)}
    if not edges:
        return dict.fromkeys(names, 0)
    ahead = np.zeros((len(edges), len(names)))
    for row, (start, end) in enumerate(edges):
        ahead[row, index[start]], ahead[row, index[end]] = 1, -1
    # The constraints are totally unimodular: the optimum is at whole numbers.
    solved = linprog(-ahead.sum(axis=0), A_ub=ahead, b_ub=-np.ones(len(edges)), bounds=(0, None))
    whole = np.rint(solved.x).astype(int)
    return {n: int(whole[i] - whole.min()) for n, i in index.items()}


def _centre(graph: nx.DiGraph, node: str, place: Mapping[str, float], forward: bool) -> float:
    near = list(graph.predecessors(node) if forward else graph.successors(node))
    return sum(place[n] for n in near) / len(near) if near else float(len(place)) / 2


def _crossings(graph: nx.DiGraph, order: list[list[str]]) -> int:
    total = 0
    for left, right in pairwise(order):
        place = {n: k for k, n in enumerate(right)}
        ends = [sorted(place[s] for s in graph.successors(n)) for n in left]
        for i, upper in enumerate(ends):
            total += sum(a > b for lower in ends[i + 1 :] for a in upper for b in lower)
    return total


def positions(graph: nx.DiGraph, order: list[list[str]]) -> dict[str, tuple[float, float]]:
    """Return x and y (mm) of every node: layers left to right, neighbours pulled level."""
    height: dict[str, float] = {}
    for layer in order:
        middle = (len(layer) - 1) / 2
        height.update({n: (k - middle) * _ROW for k, n in enumerate(layer)})
    for sweep in range(40):
        for layer in order if sweep % 2 == 0 else reversed(order):
            wanted = [_level(graph, n, height) for n in layer]
            height.update(zip(layer, _spaced(wanted), strict=True))
    return {n: (c * _LAYER, height[n]) for c, layer in enumerate(order) for n in layer}


def _level(graph: nx.DiGraph, node: str, height: Mapping[str, float]) -> float:
    near = [*graph.predecessors(node), *graph.successors(node)]
    # Long edges are to be straight: their points pull each other more than rules do.
    weight = [(4 if ">" in n else 1) * (4 if ">" in node else 1) for n in near]
    pull = sum(w * height[n] for w, n in zip(weight, near, strict=True))
    return pull / sum(weight) if near else height[node]


def _spaced(wanted: list[float]) -> list[float]:
    """Return heights in the given order, at least a row apart, as near to `wanted` as can be."""
    # Isotonic regression of the heights less their minimal offsets: pool neighbours that clash.
    blocks: list[tuple[float, int]] = []
    for k, height in enumerate(wanted):
        mean, size = height - k * _ROW, 1
        while blocks and blocks[-1][0] > mean:
            before, n = blocks.pop()
            mean, size = (before * n + mean * size) / (n + size), n + size
        blocks.append((mean, size))
    flat = [mean for mean, size in blocks for _ in range(size)]
    return [mean + k * _ROW for k, mean in enumerate(flat)]


@style.styled
def draw_rule_graph(graph: nx.DiGraph, stages: Mapping[str, str], stage_order: list[str]) -> Figure:
    """Draw the rules as boxes, left to right in the order data flow.

    Parameters
    ----------
    graph : rule names, an edge from the rule that makes a file to the rule that reads it.
    stages : rule name -> stage; `stage_order`: order of the legend.
    """
    cut, order = layers(graph)
    where = positions(cut, order)
    stage = {n: stages.get(n, OTHER) for n in graph}
    used = [s for s in [*stage_order, OTHER] if s in stage.values()]
    palette = (*style.CYCLE, "#A6761D", "#882255", "#999933", "#44AA99", style.GREY)
    colour = {s: palette[i % len(palette)] for i, s in enumerate(stage_order)}
    colour[OTHER] = "#BBBBBB"
    xs, ys = zip(*where.values(), strict=True)
    margin_x, margin_y = _BOX_WIDTH / 2 + 2, _BOX_HEIGHT / 2 + 2
    width = max(xs) - min(xs) + 2 * margin_x
    tall = max(ys) - min(ys) + 2 * margin_y
    legend_mm, columns = 5.0 * -(-len(used) // 7) + 4.0, min(len(used), 7)
    figure = Figure(figsize=(width / _MM_PER_INCH, (tall + legend_mm) / _MM_PER_INCH))
    axis = figure.add_axes((0, 0, 1, tall / (tall + legend_mm)))
    axis.set(xlim=(min(xs) - margin_x, max(xs) + margin_x))
    axis.set_ylim(max(ys) + margin_y, min(ys) - margin_y)
    axis.set_axis_off()
    for start, end in sorted(cut.edges):
        left, right = where[start][0] + _BOX_WIDTH / 2, where[end][0] - _BOX_WIDTH / 2
        half = (left + right) / 2
        points = [(left, where[start][1]), (half, where[start][1])]
        points += [(half, where[end][1]), (right, where[end][1])]
        curve = Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
        axis.add_patch(PathPatch(curve, fc="none", ec=_LINE, lw=0.7, capstyle="round"))
    for x, y in (where[n] for n in sorted(cut) if n not in graph):
        axis.plot([x - _BOX_WIDTH / 2, x + _BOX_WIDTH / 2], [y, y], color=_LINE, lw=0.7)
    for name in sorted(graph):
        x, y = where[name]
        edge = colour[stage[name]]
        box = FancyBboxPatch(
            (x - _BOX_WIDTH / 2, y - _BOX_HEIGHT / 2),
            _BOX_WIDTH,
            _BOX_HEIGHT,
            boxstyle="round,pad=0,rounding_size=1.2",
            facecolor="white",
            edgecolor=edge,
            linewidth=1.4,
            zorder=3,
        )
        axis.add_patch(box)
        axis.text(
            x, y, label(name), ha="center", va="center", fontsize=7, linespacing=0.95, zorder=4
        )
    marks = [Line2D([], [], color=colour[s], lw=3, label=s) for s in used]
    figure.legend(handles=marks, loc="upper left", ncols=columns, handlelength=1.2)
    return figure


def label(name: str, width: int = 11) -> str:
    """Return a rule's name in lines of at most `width` characters, broken at underscores."""
    lines: list[str] = []
    for word in re.findall(r"[^_]+_?|_", name):
        if lines and len(lines[-1] + word.rstrip("_")) <= width:
            lines[-1] += word
        else:
            lines.append(word)
    return "\n".join(lines)


def describe_rule_graph(graph: nx.DiGraph) -> str:
    """Return the caption of the figure."""
    return (
        f"The {graph.number_of_nodes()} rules that made this report, in the order data flow from "
        "left to right, coloured by stage. Rules made in a loop are one box; connections implied "
        "by others are left out."
    )
