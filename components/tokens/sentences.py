"""One sentence in twenty languages and ten scripts, and text that is no language.

All of it was written for this page, the translations too; none is taken from elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple


class Sentence(NamedTuple):
    """The sentence in one language."""

    language: str
    script: str
    text: str


ENGLISH, FRENCH = "English", "French"
SENTENCES = (
    Sentence(ENGLISH, "Latin", "The cat drinks milk and sleeps in the house."),
    Sentence(FRENCH, "Latin", "Le chat boit du lait et dort dans la maison."),
    Sentence("German", "Latin", "Die Katze trinkt Milch und schläft im Haus."),
    Sentence("Dutch", "Latin", "De kat drinkt melk en slaapt in het huis."),
    Sentence("Swedish", "Latin", "Katten dricker mjölk och sover i huset."),
    Sentence("Spanish", "Latin", "El gato bebe leche y duerme en la casa."),
    Sentence("Portuguese", "Latin", "O gato bebe leite e dorme na casa."),
    Sentence("Italian", "Latin", "Il gatto beve il latte e dorme in casa."),
    Sentence("Polish", "Latin", "Kot pije mleko i śpi w domu."),
    Sentence("Turkish", "Latin", "Kedi süt içiyor ve evde uyuyor."),
    Sentence("Vietnamese", "Latin", "Con mèo uống sữa và ngủ trong nhà."),
    Sentence("Russian", "Cyrillic", "Кошка пьёт молоко и спит в доме."),
    Sentence("Greek", "Greek", "Η γάτα πίνει γάλα και κοιμάται στο σπίτι."),  # noqa: RUF001
    Sentence("Hebrew", "Hebrew", "החתול שותה חלב וישן בבית."),
    Sentence("Arabic", "Arabic", "القطة تشرب الحليب وتنام في البيت."),
    Sentence("Hindi", "Devanagari", "बिल्ली दूध पीती है और घर में सोती है।"),
    Sentence("Thai", "Thai", "แมวดื่มนมและนอนหลับในบ้าน"),
    Sentence("Chinese", "Han", "猫喝牛奶，在房子里睡觉。"),  # noqa: RUF001
    Sentence("Japanese", "Kana", "猫はミルクを飲んで、家で寝ます。"),
    Sentence("Korean", "Hangul", "고양이는 우유를 마시고 집에서 잔다."),
)
"""English first, French below it; the script is that of most of the letters."""

OTHERS = {
    "Code": "def add(a, b): return a + b",
    "Numbers": "1234 and 98765",
    "Indentation": "                return",
}
"""What is no sentence and has no translation."""
