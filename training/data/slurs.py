"""Slurs that no model may learn and no vocabulary offer, kept as hashes: none stands here in clear.

The corpora are old books. Paragraphs with slurs were taken out of them; what slipped through, and
outdated names for groups of people that read as slurs today, is dropped as a text is read, and
from every vocabulary.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

# The first 16 hexadecimal digits of the SHA-256 of each word in lower case.
_HASHES = """
0058beda64c0e33e 044eb98b18769b88 0515b9e67e0e8306 08728a39b5c66d20 08a841e996781e9e
093b7636b24aca21 0a1305acad02bdba 0be9b885f4a35a18 0ce875d620076b53 0dcc4d3364433181
11cf8376a1575fdc 11ee63a73ffec0f0 120f6e5b4ea32f65 1290d04b901d01be 12e6274e4309293e
15551266fa4ff7c4 158869a97379229b 16ea09fc78ca83ca 171ee4d3a3e3d2d4 17bde8b4064612e2
1802d081455e60cd 1b78bd2b6a98492a 1c4bfd100aa92982 1cf7936a889dadc3 1e02eec4f1095143
22fc75e65a0e9d34 24bc039201fe4d8d 268651b3ece98010 27a62b68179c96f5 27eb0c4ad7072067
2d84fef55bc7815d 2f62eb857b87c418 3175bf0638675a5b 333f7618092958c7 33740da8a87dc7de
341d56384afc0f47 358e01df75c781bd 35ef747b9c42eda3 37616f44667257f0 382ee2789db0a3e9
3af112eacdb74eec 3b1e0d7c5dd45583 3c132a5956f383c6 3c8400b402baa7f1 3cb6a563b3b20a70
3cc0a581d3bbe605 3eed6d8f9ba46205 3ff9947148032e99 402f7ebd98864afe 43508b5c03b8b8ce
448b303c89bef071 457f002f9240a36a 45cd3e1bb472d8e2 46505206c396cda4 469c0fdb6020d4bf
4761f877ca092548 49764bce30ef5e2f 4a88ad677d26e586 4bfae123d170d6d6 4c58f5d5fe92c3ed
513f372f73893611 517ae3f73216da64 544fc8545c8d08c5 565ed74643e0189a 566f532d486c9477
56d9e1f65737bb56 5a9d9dcefb56e593 5b3ae48be122f7ed 60a2bd4c34b9656f 6122fdf4ae1474fb
619bc82e0d200e4a 6437ea7144483cfa 6628813cefce93a9 6939937b0ac62334 6b571f65fa6fa2c3
6cfcdedf5407199c 6d1833779e389477 701033ae26411908 7122c9a14ba2d20e 74fad891ce4db997
77ccd22350728f06 7c686cf2ae588bdf 7dc7079a7ceee46e 7e176c4f23155ac6 7e2638e2d7cfdc05
82159dd02870c13e 83bd72f7a1be797a 83dd8e733b1e2c6e 85580f904474c32c 864316e761195ffc
88c03c20620401e2 8ea8c84240050ac8 8f5083e3e5c7dc89 90ad6c55c97a1592 937d56e49744d206
94c6d2e10a76c313 98b52c4b6b7d1f48 9915ba2d822280f2 9ae315a94e428a7e 9d454fb8d72af11b
9d57436661e1dce7 9ee4d2748732a9bb a40ccba874d28799 a4d7510f2ea20b23 a7847e36277d2ee0
a7bf072c97a0779f a9ffceafa135ee06 ad412adb493df95a ad64e56f214e89dd ad6cacf3af98d07b
af59cad87eec7b61 b3cec2f6ece2cef2 b68ee2572565795d b9ef608311626a10 bb209d506bb8b178
bb87adf8aa783887 bbf8bb7863176009 bc87631998abf17b be00f1af522eaa99 bff7a4bf43f64851
c1b4ed05397df5ee c1cabb6f6e431f9c c22f315f1b330bfd c2c3b68b48832afd c3de533e9b7fe63b
c6e9021d94a4f673 c709d1a287817777 c70e3e7c47f06aee c905e73dd427119b ca8aca2ceb3c2d1f
cc02032349c833ac ce20df7259154252 d0e3cb91d24958c5 d1b2dec28ad00382 d75a838dc758ba17
d873147a3546cd8f d88e3100dbfd6798 da88439262778df6 daec0c235d3135fc db3dfd08e2b607c0
e742d17ff490c87e e7b98c6aa5b944e0 e9e8b6c5afa7794f eda887476f1dffc9 ee5a869b5ace6905
eea2991640d1a5ca eef3bd091670c344 f0a67995cb3494e7 f0b59bcaa8569e30 f5923c873e22b8fb
f59e28f8bb6499dd f64c6fad9c3c8b57 f6805441bcef8bb5 f9d0d9b18ae9033a fb515899fe151408
"""
_KNOWN = frozenset(_HASHES.split())
_WORD = re.compile(r"[^\W\d_]+")


def is_slur(word: str) -> bool:
    """Whether a single word, in any case, is on the list."""
    return _digest(word.lower()) in _KNOWN


def has_slur(text: str) -> bool:
    """Whether any word of a text is on the list."""
    return any(map(is_slur, _WORD.findall(text)))


@lru_cache(maxsize=1 << 18)  # a corpus repeats its words; hashing each time would take minutes
def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()[:16]
