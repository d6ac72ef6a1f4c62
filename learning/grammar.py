"""A small grammar of English of our own: its words, and sentences at random.

Small enough to be learned in seconds, and rich enough to have what is measured: word forms,
families, capitals of invented countries.
"""

from __future__ import annotations

import numpy as np

# singular, plural, French with its article
BEINGS = (
    ("king", "kings", "le roi"), ("queen", "queens", "la reine"),
    ("prince", "princes", "le prince"), ("princess", "princesses", "la princesse"),
    ("man", "men", "le monsieur"), ("woman", "women", "la femme"),
    ("boy", "boys", "le garçon"), ("girl", "girls", "la fille"),
    ("fox", "foxes", "le renard"), ("wolf", "wolves", "le loup"),
    ("lion", "lions", "le lion"), ("cat", "cats", "le chat"),
)  # fmt: skip
# singular, plural, where that is, and where in French
PLACES = (
    ("forest", "forests", "in the forest", "dans la forêt"),
    ("garden", "gardens", "in the garden", "dans le jardin"),
    ("castle", "castles", "in the castle", "dans le château"),
    ("village", "villages", "in the village", "dans le village"),
    ("hill", "hills", "on the hill", "sur la colline"),
    ("road", "roads", "on the road", "sur la route"),
)
# past, present participle, third person, French
VERBS = (
    ("walked", "walking", "walks", "marche"), ("sang", "singing", "sings", "chante"),
    ("slept", "sleeping", "sleeps", "dort"), ("ran", "running", "runs", "court"),
    ("waited", "waiting", "waits", "attend"), ("played", "playing", "plays", "joue"),
)  # fmt: skip
# positive, comparative
QUALITIES = (
    ("big", "bigger"), ("small", "smaller"), ("old", "older"), ("young", "younger"),
    ("kind", "kinder"), ("quick", "quicker"),
)  # fmt: skip
# country, capital, adjective, currency
COUNTRIES = (
    ("Norland", "Varn", "Norlandish", "crowns"), ("Suland", "Mero", "Sulish", "pearls"),
    ("Estia", "Tolim", "Estian", "leaves"), ("Vestria", "Quill", "Vestrian", "shells"),
    ("Ostmark", "Brem", "Ostmarkish", "acorns"), ("Lunia", "Selva", "Lunian", "stones"),
)  # fmt: skip
FAMILY = (("king", "queen"), ("prince", "princess"), ("man", "woman"), ("boy", "girl"))


def sentence(random: np.random.Generator) -> str:
    """One English sentence."""
    one, two = (BEINGS[i] for i in random.choice(len(BEINGS), 2, replace=False))
    past, participle, present, _ = VERBS[random.integers(len(VERBS))]
    place = PLACES[random.integers(len(PLACES))]
    positive, comparative = QUALITIES[random.integers(len(QUALITIES))]
    forms = (
        f"The {positive} {one[0]} {past} {place[2]}.",
        f"One day the {one[0]} was {participle} {place[2]} with a {positive} {two[0]}.",
        f"The {one[0]} was {comparative} than the {two[0]}, and {past} all day.",
        f"The {one[1]} of the {place[0]} {past} when the {two[1]} came.",
        f'"Who {present} there?" said the {one[0]}. "It is I," said the {two[0]}.',
        f"All {place[1]} are {positive}, but the {place[0]} of the {one[0]} is {comparative}.",
    )
    return forms[random.integers(len(forms))]
