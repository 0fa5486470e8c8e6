"""The image canvas: shows a stack, windows, zooms and scrolls it, measures on it and draws overlays over it.

`widget.py` is the viewport, `display.py` the view state under it; each other file holds one idea. `picture.py` composes
a frame, `mouse.py` and `keys.py` turn events into the viewport's verbs, `annotator.py` keeps what is being drawn until
it is committed. One more tool: a member of `Tool`, and a drag in `mouse.py`. One more key: a line in `keys.py`.
"""

from app.ui.viewport.tool import Tool
from app.ui.viewport.widget import Viewport

__all__ = ["Tool", "Viewport"]
