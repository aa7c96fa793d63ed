"""Charts as SVG inside the page: pygal draws the shapes, the console's own sheet paints them.

Styles, scripts and descriptions that pygal puts into a drawing are taken out: the page's policy allows none of them, and
the table under each chart says the same in words.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

import pygal
from markupsafe import Markup
from pygal.style import Style

# Importing pygal leaves a finder for plugins with maps behind, of a kind that each later import would warn about.
sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)]

_SVG: Final = "http://www.w3.org/2000/svg"
_LEFT_OUT: Final = ("style", "script", "desc", "title", "defs")
_SIZES: Final = Style(
    font_family="inherit",
    label_font_size=12,
    major_label_font_size=12,
    legend_font_size=12,
    value_font_size=12,
    value_label_font_size=12,
)
_WIDTH: Final = 440
"""Narrow, so that its words are still words on a telephone."""
_OVERLAYS: Final = ("tooltip", "plot tooltip-overlay")
Series = Mapping[str, Sequence[float | None]]


def bars(label: str, names: Sequence[str], series: Series, *, kind: str = "") -> Markup:
    """Returns upright bars, one group per name; the label says what they show to those who do not see them.

    A `kind` is a class of the drawing by which the sheet paints it in other colours.
    """
    chart = pygal.Bar(**_options(height=230, legend=len(series) > 1))
    chart.x_labels = list(names)
    if len(names) > 8:
        # Every label has its bar, but not every one has the room to be read.
        chart.x_labels_major = list(names)[:: -(-len(names) // 6)]
        chart.show_minor_x_labels = False
    for name, values in series.items():
        chart.add(name, list(values))
    return _drawn(chart, label, kind)


def steps(label: str, counts: Iterable[tuple[str, int]]) -> Markup:
    """Returns lying bars from the first to the last, each with its count."""
    rows = list(counts)
    options = _options(height=30 + 30 * len(rows), legend=False)
    chart = pygal.HorizontalBar(**options, print_values=True, print_values_position="top")
    chart.range = (0, max((count for _, count in rows), default=0) * 1.12 or 1)
    chart.x_labels = [name for name, _ in reversed(rows)]
    chart.show_y_guides = False
    chart.y_labels = [0]
    chart.value_formatter = lambda value: f"{value:,.0f}"
    chart.add(label, [count for _, count in reversed(rows)])
    return _drawn(chart, label, cut=20)


def intervals(label: str, rows: Iterable[tuple[str, float, float, float]]) -> Markup:
    """Returns a bar per row with the line from its least to its greatest likely value."""
    arms = list(rows)
    chart = pygal.Bar(**_options(height=210, legend=False))
    chart.value_formatter = lambda value: f"{value:.0f} %"
    chart.range = (0, max((high for *_, high in arms), default=0) * 1.15 or 1)
    chart.x_labels = [name for name, *_ in arms]
    chart.add(label, [{"value": value, "ci": {"low": low, "high": high}} for _, value, low, high in arms])
    return _drawn(chart, label)


def _options(*, height: int, legend: bool) -> dict[str, Any]:
    return {
        "width": _WIDTH,
        "height": height,
        "style": _SIZES,
        "js": (),
        "show_legend": legend,
        "truncate_label": -1,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": 2,
        "legend_box_size": 10,
        "margin": 6,
        "spacing": 8,
        "explicit_size": False,
        "disable_xml_declaration": True,
        "no_data_text": "Nothing yet",
        "max_scale": 5,
        "rounded_bars": 2,
        "value_formatter": lambda value: f"{value:,.10g}",
    }


def _drawn(chart: Any, label: str, kind: str = "", *, cut: int = 0) -> Markup:
    """Returns a drawing; `cut` takes off what is empty at its foot, where an axis is not shown."""
    root = chart.render_tree()
    *corner, height = root.get("viewBox").split()
    root.set("viewBox", " ".join((*corner, str(int(height) - cut))))
    _clean(root)
    root.attrib.pop("id", None)
    root.set("class", f"chart {kind}".strip())
    root.set("role", "img")
    root.set("aria-label", label)
    root.set("focusable", "false")
    ET.register_namespace("", _SVG)
    # What pygal was given as text is text to the serialiser too: it is escaped there.
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704


def _clean(element: Any) -> None:
    for child in list(element):
        name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""
        if not name or name in _LEFT_OUT or child.get("class") in _OVERLAYS:
            element.remove(child)
        else:
            _clean(child)
    for attribute in [
        key for key in element.attrib if key == "style" or key.startswith("on") or "href" in key
    ]:
        del element.attrib[attribute]
