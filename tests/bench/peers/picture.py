"""Draws build/bench.json: `python picture.py bench.json peers.png`, in an environment that has matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

COLOURS = {"hatif": "#0f766e", "pipecat": "#b45309", "livekit": "#4338ca"}


def main() -> None:
    rows = [row for row in json.loads(Path(sys.argv[1]).read_text()) if row["v2v_ms_p50"] is not None]
    models = sorted({row["model"] for row in rows}, reverse=True)
    figure, plots = pyplot.subplots(
        1, len(models), figsize=(5.4 * len(models), 0.5 * len(rows) / len(models) + 1.6), squeeze=False
    )
    longest_s = max(row["v2v_ms_p95"] for row in rows) / 1000
    for plot, model in zip(plots[0], models, strict=True):
        shown = [row for row in rows if row["model"] == model][::-1]
        p50 = [row["v2v_ms_p50"] / 1000 for row in shown]
        late = [row["v2v_ms_p95"] / 1000 - median for row, median in zip(shown, p50, strict=True)]
        names = [f"{row['target']}, {row['profile']}" for row in shown]
        bars = plot.barh(names, p50, xerr=[[0] * len(late), late], color=[COLOURS[row["target"]] for row in shown])
        plot.bar_label(bars, labels=[f"{seconds:.2f} s" for seconds in p50], label_type="center", color="white")
        plot.set_xlim(0, longest_s * 1.05)
        plot.set_xlabel("voice-to-voice, s: p50, line to p95")
        plot.set_title(f"{model} model")
        plot.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
