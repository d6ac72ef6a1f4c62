"""An address as a QR code."""

from __future__ import annotations

import segno

BORDER = 4  # modules of white around it, as ISO/IEC 18004 demands


def qr(text: str) -> dict[str, object]:
    """Its width in modules, the border included, and its dark rows as the path of an SVG.

    Raises ValueError where the text is too long for any code.
    """
    code = segno.make(text, micro=False, error="m")
    rows: list[str] = []
    for y, row in enumerate(code.matrix):
        start = None
        for x, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                rows.append(f"M{start + BORDER} {y + BORDER}.5h{x - start}")
                start = None
    return {"size": len(code.matrix) + 2 * BORDER, "path": "".join(rows)}
