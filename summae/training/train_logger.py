"""Where a run tells how it goes: a progress bar, a text log, TensorBoard. Writes on the main process only."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tqdm import tqdm


class TrainLogger:
    """Of one stage; ``directory`` gets ``log.jsonl``, ``samples.txt`` and, with ``tensorboard``, event files."""

    def __init__(self, directory: Path, stage: str, *, active: bool = True, tensorboard: bool = True):
        self.active, self.stage = active, stage
        self.bar: tqdm | None = None
        self.writer = None
        self.directory = directory
        if not active:
            return
        directory.mkdir(parents=True, exist_ok=True)
        if tensorboard:
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError:
                self.note("TensorBoard is not installed (`pip install tensorboard`): figures go to log.jsonl only")
            else:
                self.writer = SummaryWriter(str(directory / "tensorboard"))

    def note(self, text: str) -> None:
        if self.active:
            tqdm.write(f"[{self.stage}] {text}", file=sys.stderr)

    def begin(self, steps: int, done: int) -> None:
        if self.active:
            self.bar = tqdm(total=steps, initial=done, desc=self.stage, unit="step", mininterval=2.0, file=sys.stderr)

    def figures(self, step: int, figures: dict[str, float], seconds: float) -> None:
        if not self.active:
            return
        rounded = {name: float(f"{value:.5g}") for name, value in figures.items()}
        with (self.directory / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps({"step": step, "seconds": round(seconds, 1), **rounded}) + "\n")
        if self.writer is not None:
            for name, value in figures.items():
                self.writer.add_scalar(f"{self.stage}/{name}", value, step)
        if self.bar is not None:
            self.bar.update(step - self.bar.n)
            self.bar.set_postfix({name: f"{value:.3g}" for name, value in rounded.items()}, refresh=False)

    def samples(self, step: int, rows: list[dict[str, str]]) -> None:
        if not self.active or not rows:
            return
        lines = [f"== {self.stage}, step {step}"]
        for row in rows:
            lines.extend(f"  {name:>8}: {text}" for name, text in row.items())
            lines.append("")
        with (self.directory / "samples.txt").open("a", encoding="utf-8") as log:
            log.write("\n".join(lines) + "\n")
        self.note("\n".join(lines))

    def end(self) -> None:
        if self.bar is not None:
            self.bar.close()
        if self.writer is not None:
            self.writer.close()
