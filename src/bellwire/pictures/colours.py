"""Colours that are told apart on light and on dark ground."""

from __future__ import annotations

from colorsys import hls_to_rgb

# name: (in the light, in the dark)
THEME = {
    "paper": ("#ffffff", "#14191f"),
    "panel": ("#f1f4f7", "#1e252d"),
    "grid": ("#d5dce3", "#333d48"),
    "muted": ("#5d6b7a", "#9aa8b6"),
    "ink": ("#1b2530", "#e6ecf2"),
    "pair": ("#b3237a", "#ff7ac6"),
    "old": ("#c94f00", "#ffa04d"),
    "gate": ("#2c6fb7", "#6cb0f5"),
    "turn": ("#8db4dc", "#3f6a96"),
    "measure": ("#2b8a57", "#57c98c"),
    "flow": ("#7a5cc0", "#b39bf0"),
}
_FIRST = ("#4e8fd0", "#e3882d", "#3fa56b", "#c9586f", "#8d73c9", "#b09a2e", "#35a3a8", "#a9714b")
_GOLDEN = 0.618033988749895  # turns of the hue from one module to the next


def module_colour(number: int) -> str:
    """The colour of the module of that number, the same in all pictures."""
    if number < len(_FIRST):
        return _FIRST[number]
    hue, level = (number * _GOLDEN) % 1, (0.48, 0.58, 0.42)[number % 3]
    red, green, blue = (round(255 * part) for part in hls_to_rgb(hue, level, 0.45))
    return f"#{red:02x}{green:02x}{blue:02x}"


def text_on(colour: str) -> str:
    """Black or white, whichever is read better on #rrggbb (WCAG 2 relative luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#10161c" if (light + 0.05) ** 2 > 1.05 * 0.0578 else "#ffffff"
