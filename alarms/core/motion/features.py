"""A window of frames around an impact to features: what happened before, at and after it, whatever the orientation.

Two kinds of features. *Measures* are what a person would look at: spread, peaks and direction of gravity in nine
stretches of time. *Kernels* are random convolutions whose responses are pooled, after Dempster, Petitjean and Webb,
"ROCKET: exceptionally fast and accurate time series classification using random convolutional kernels", Data Mining
and Knowledge Discovery 34 (2020), doi 10.1007/s10618-020-00701-z.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alarms.core.motion.frames import LEAST, MEAN, PEAK

BEFORE, AFTER = 60, 40
"""Frames before and after the impact's own: three seconds and two."""

LENGTH = BEFORE + 1 + AFTER
CHANNELS = 8
TAPS = 7

REFERENCE = slice(0, 40)
"""Where gravity was before: 3 s to 1 s ahead of the impact."""

_REST = slice(LENGTH - 20, LENGTH)
_STRETCHES = ((0, 20), (20, 40), (40, 50), (50, 58), (58, 63), (63, 70), (70, 80), (80, 90), (90, 101))
_SPANS = ((0, 58), (63, 101), (75, 101))
_FALLING = slice(50, 60)
_SMOOTH = 9
_TINY = np.float32(0.005)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Channels:
    """Windows without orientation: all arrays have shape (k, LENGTH), float32, in g or cosines.

    ``strength``, ``peak``, ``least``: |mean|, strongest and weakest |a| of each frame. ``to_before`` and ``to_after``:
    cosine between smoothed gravity and what it was before and after. ``jerk``: how far the mean moved since the last
    frame. ``along`` and ``across``: the parts of the mean along gravity as it was before, and across it.
    """

    mean: Floats
    strength: Floats
    peak: Floats
    least: Floats
    to_before: Floats
    to_after: Floats
    jerk: Floats
    along: Floats
    across: Floats
    before: Floats
    after: Floats

    def stacked_of(self, rows: NDArray[np.intp]) -> Floats:
        """What kernels run over, of some windows, shape (len(rows), CHANNELS, LENGTH)."""
        return np.stack(
            [
                np.minimum(self.strength[rows], 4),
                np.minimum(self.peak[rows], 8),
                np.minimum(self.least[rows], 4),
                self.to_before[rows],
                self.to_after[rows],
                np.minimum(self.jerk[rows], 6),
                np.clip(self.along[rows], -4, 4),
                np.minimum(self.across[rows], 4),
            ],
            axis=1,
        )


@dataclass(frozen=True, slots=True)
class Kernels:
    """Random convolutions.

    Attributes
    ----------
    weights : float32, shape (m, CHANNELS, TAPS)
        Zero for channels that a kernel does not read.
    dilation : int64, shape (m,)
        Frames between taps; beyond the edges of a window its first and last frame repeat.
    stretch : int64, shape (m, 2)
        From which frame to before which one responses are pooled.
    bias : float32, shape (m,)
        What a response is compared with.
    center, spread : float32, shape (CHANNELS,)
        By which channels are made comparable.
    """

    weights: Floats
    dilation: NDArray[np.int64]
    stretch: NDArray[np.int64]
    bias: Floats
    center: Floats
    spread: Floats

    def __len__(self) -> int:
        return len(self.dilation)

    def features(self, stacked: Floats) -> Floats:
        """Per kernel the share of responses over its bias, then per kernel the largest one, shape (k, 2 m)."""
        share, largest = (np.empty((len(stacked), len(self)), np.float32) for _ in range(2))
        for alike, found in self._responses(stacked):
            over = found - self.bias[alike]
            share[:, alike] = (over > 0).mean(axis=1)
            largest[:, alike] = over.max(axis=1)
        return np.concatenate([share, largest], axis=1)

    def responses(self, stacked: Floats) -> list[Floats]:
        """Each kernel's responses over its stretch, shape (k, frames)."""
        found: dict[int, Floats] = {}
        for alike, response in self._responses(stacked):
            found |= {int(kernel): response[..., place] for place, kernel in enumerate(alike)}
        return [found[kernel] for kernel in range(len(self))]

    def _responses(self, stacked: Floats) -> Iterator[tuple[NDArray[np.intp], Floats]]:
        """Kernels of one dilation and stretch at a time, and their responses, shape (k, frames, kernels)."""
        channels: Floats = (stacked - self.center[:, None]) / self.spread[:, None]
        for dilation in np.unique(self.dilation):
            taps = np.clip(np.arange(LENGTH)[:, None] + dilation * (np.arange(TAPS) - TAPS // 2), 0, LENGTH - 1)
            unfolded = channels[:, :, taps].transpose(0, 2, 1, 3).reshape(len(stacked), LENGTH, CHANNELS * TAPS)
            for first, last in np.unique(self.stretch[self.dilation == dilation], axis=0):
                alike = np.flatnonzero((self.dilation == dilation) & (self.stretch == (first, last)).all(axis=1))
                found: Floats = unfolded[:, first:last] @ self.weights[alike].reshape(len(alike), -1).T
                yield alike, found


def channels_of(windows: Floats) -> Channels:
    """Windows of frames in g, shape (k, LENGTH, COLUMNS), without their orientation."""
    mean = windows[..., MEAN]
    strength = np.sqrt(np.einsum("ijk,ijk->ij", mean, mean))
    before, after = mean[:, REFERENCE].mean(axis=1), mean[:, _REST].mean(axis=1)
    to_before, to_after = _unit(before), _unit(after)
    smooth = _smoothed(mean)
    length = np.maximum(np.sqrt(np.einsum("ijk,ijk->ij", smooth, smooth)), 0.05)
    along = np.einsum("ijk,ik->ij", mean, to_before)
    step = np.diff(mean, axis=1, prepend=mean[:, :1])
    return Channels(
        mean=mean,
        strength=strength,
        peak=windows[..., PEAK],
        least=windows[..., LEAST],
        to_before=np.einsum("ijk,ik->ij", smooth, to_before) / length,
        to_after=np.einsum("ijk,ik->ij", smooth, to_after) / length,
        jerk=np.sqrt(np.einsum("ijk,ijk->ij", step, step)),
        along=along,
        across=np.sqrt(np.maximum(strength**2 - along**2, 0)),
        before=before,
        after=after,
    )


def measures(given: Channels) -> Floats:
    """What a person would look at, shape (k, number of measures)."""
    peak, least, jerk, strength = given.peak, given.least, given.jerk, given.strength
    impact = peak[:, BEFORE]
    found = [_log(impact), _log(strength[:, BEFORE]), jerk[:, BEFORE]]
    for first, last in _STRETCHES:
        part = slice(first, last)
        found += [
            _log(strength[:, part].std(axis=1)),
            _log(peak[:, part].max(axis=1)),
            least[:, part].min(axis=1),
            _log(jerk[:, part].mean(axis=1)),
            given.to_before[:, part].mean(axis=1),
            given.to_after[:, part].mean(axis=1),
            strength[:, part].mean(axis=1),
            _log(np.sqrt(given.mean[:, part].var(axis=1).sum(axis=1))),
        ]
    for first, last in _SPANS:
        part = slice(first, last)
        found += [
            _log(peak[:, part].max(axis=1)),
            _log(jerk[:, part].mean(axis=1)),
            _log(strength[:, part].std(axis=1)),
            (peak[:, part] > 1.5).mean(axis=1),
            (least[:, part] < 0.6).mean(axis=1),
            _log(jerk[:, part].max(axis=1)),
        ]
    found += [
        np.einsum("ij,ij->i", _unit(given.before), _unit(given.after)),
        np.linalg.norm(given.before, axis=1),
        np.linalg.norm(given.after, axis=1),
        given.to_before.min(axis=1),
        given.to_after.min(axis=1),
        least[:, _FALLING].min(axis=1),
        least[:, _FALLING].mean(axis=1),
        (least[:, 45:60] < 0.6).sum(axis=1),
        strength[:, _FALLING].min(axis=1),
    ]
    for part in (slice(30, 58), slice(63, LENGTH)):
        for share in (0.7, 0.5):
            found.append((peak[:, part] > share * impact[:, None]).sum(axis=1))
    return np.column_stack(found).astype(np.float32)


def _log(values: Floats) -> Floats:
    found: Floats = np.log(values + _TINY)
    return found


def _unit(vectors: Floats) -> Floats:
    found: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 0.05)
    return found


def _smoothed(mean: Floats) -> Floats:
    """The running mean over nine frames; edges repeat."""
    half = _SMOOTH // 2
    sums = np.cumsum(np.pad(mean, ((0, 0), (half + 1, half), (0, 0)), mode="edge"), axis=1, dtype=np.float64)
    found: Floats = ((sums[:, _SMOOTH:] - sums[:, :-_SMOOTH]) / _SMOOTH).astype(np.float32)
    return found
