"""Plain sentences about countries and trades, written here from facts that old books rarely state.

    python -m training.facts --data FOLDER

prints some. The facts about countries are those of the CIA World Factbook, a list of labelled
lines a country; the sentences are ours. Every country gets the same number of them, whatever is
known about it. Nothing but the factbook is read: a model is measured on questions that this file
must not have seen.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterable, Mapping
from itertools import cycle, islice

from training.data import corpus

FACTBOOK = "factbook.jsonl.xz"
A_ROUND = 40  # sentences a country

Facts = Mapping[str, tuple[str, ...]]
"""What is known about one country, every kind of fact under the name that a template uses."""

TEMPLATES = (
    "{capital} is the capital of {country}.",
    "{capital} is the capital city of {country}.",
    "The capital of {country} is {capital}.",
    "The capital city of {country} is called {capital}.",
    "{country} has its capital at {capital}.",
    "The {adjective} capital is {capital}.",
    "{capital}, the {adjective} capital, lies in {continent}.",
    "{capital}, the capital of {country}, lies in {region}.",
    "{capital} is a city in {country}.",
    "{capital} is a {adjective} city.",
    "{capital} is a city in {continent}.",
    "{capital} is a city in {region}.",
    "The city of {capital} belongs to {country}.",
    "A map of {country} shows {capital}.",
    "A map of {continent} shows {capital}.",
    "Whoever lives in {capital} lives in {country}.",
    "Whoever travels to {capital} travels to {country}.",
    "The flag of {country} flies in {capital}.",
    "The {adjective} flag flies in {capital}.",
    "In {capital} people pay with {currency}.",
    "In {capital} one hears {language}.",
    "{capital} and {city} are cities in {country}.",
    "{capital} and {city} are {adjective} cities.",
    "{city} is a city in {country}.",
    "{city} is a {adjective} city.",
    "{country} lies in {continent}.",
    "{country} is found in {region}.",
    "{country} is a part of {continent}.",
    "A map of {continent} shows {country}.",
    "Whoever travels to {country} travels to {continent}.",
    "The government of {country}: {government}.",
    "{country} borders on {neighbour}.",
    "{country} and {neighbour} are neighbours.",
    "A border runs between {country} and {neighbour}.",
    "{country} lies on the {sea}.",
    "The coast of {country} lies on the {sea}.",
    "In {country} one hears {language}.",
    "{language} is spoken in {country}.",
    "Many {adjective} people speak {language}.",
    "In {country} people pay with {currency}.",
    "The money of {country} is counted in {currency}.",
    "{adjective} money is counted in {currency}.",
    "{country} sells {export} to the world.",
    "Among {adjective} goods is {export}.",
    "{adjective} traders sell {export}.",
    "{adjective} farmers produce {crop}.",
    "Farmers in {country} produce {crop}.",
    "The farms of {country} yield {crop}.",
    "A natural resource of {country} is {resource}.",
    "Nature has given {country} {resource}.",
    "The highest point of {country} is {peak}.",
    "{peak} rises in {country}.",
    "A national colour of {country} is {colour}.",
    "{colour} is among the {adjective} colours.",
    "A symbol of {country} is the {symbol}.",
    "The climate of {country} is {climate}.",
    "{adjective} people come from {country}.",
    "Somebody who comes from {country} is {adjective}.",
    "The {adjective} people live in {country}.",
    "The {adjective} flag is the flag of {country}.",
    "What is made in {country} is {adjective}.",
    "An atlas of the world shows {country}.",
    "The name of {country} stands in every atlas.",
    "{country} has a place on the map of the world.",
    "Geographers write about {country}.",
)

TRADES = (
    ("baker", "bakes", "bread", "bakery"), ("miller", "grinds", "corn", "mill"),
    ("butcher", "sells", "meat", "shop"), ("grocer", "sells", "sugar", "shop"),
    ("tailor", "sews", "coats", "workshop"), ("weaver", "weaves", "cloth", "workshop"),
    ("cobbler", "mends", "shoes", "workshop"), ("carpenter", "builds", "tables", "workshop"),
    ("blacksmith", "forges", "iron", "smithy"), ("potter", "makes", "pots", "workshop"),
    ("farmer", "ploughs", "fields", "farm"), ("shepherd", "tends", "sheep", "pasture"),
    ("gardener", "plants", "flowers", "garden"), ("fisherman", "catches", "fish", "harbour"),
    ("hunter", "shoots", "deer", "forest"), ("miner", "digs", "coal", "mine"),
    ("mason", "lays", "stones", "yard"), ("painter", "paints", "pictures", "studio"),
    ("sculptor", "carves", "statues", "studio"), ("poet", "writes", "verses", "study"),
    ("novelist", "writes", "novels", "study"), ("composer", "writes", "music", "study"),
    ("musician", "plays", "music", "orchestra"), ("actor", "plays", "parts", "theatre"),
    ("dancer", "performs", "dances", "theatre"), ("teacher", "teaches", "pupils", "school"),
    ("professor", "teaches", "students", "university"), ("doctor", "heals", "patients", "hospital"),
    ("nurse", "nurses", "patients", "hospital"), ("chemist", "mixes", "medicines", "laboratory"),
    ("astronomer", "studies", "stars", "observatory"), ("botanist", "studies", "plants", "garden"),
    ("philosopher", "studies", "ideas", "university"), ("lawyer", "pleads", "cases", "court"),
    ("judge", "passes", "sentences", "court"), ("priest", "reads", "prayers", "church"),
    ("banker", "lends", "money", "bank"), ("clerk", "copies", "letters", "office"),
    ("printer", "prints", "books", "press"), ("soldier", "carries", "arms", "army"),
    ("sailor", "sails", "ships", "harbour"), ("cook", "cooks", "meals", "kitchen"),
)  # fmt: skip
ABOUT_TRADES = (
    "A {0} {1} {2}.",
    "The {0} {1} {2} for a living.",
    "One finds the {0} at work in the {3}.",
    "The {0}, who {1} {2}, belongs to the {3}.",
)

_CONTINENTS = "Africa|Europe|Asia|America|Oceania|Caribbean|Middle East|Arctic|Antarctic"
_REGION = re.compile(
    rf"(?:metropolitan France: )?(?:[a-z-]+ )?((?:[A-Z][\w-]+ ){{0,2}}(?:{_CONTINENTS}))\b"
)
_NAME = r"[A-Z][\w'-]+(?: [A-Z][\w'-]+)*"
_BETWEEN = re.compile(rf"between ({_NAME}) and ({_NAME})")
_BORDER = re.compile(r"([A-Z][^\d;,(]+?)(?: \([^)]*\))? [\d,.]+ km")
_SEA = re.compile(r"bordering the ((?:[A-Z]\w+ )*(?:Sea|Ocean))\b")
_LANGUAGE = re.compile(r"(?:^|, )([A-Z][a-z]+)(?= \(| \d|[,;]|$)")
_OFFICIAL = re.compile(r"\b([A-Z][a-z]+) (?:[\d.%]+ )?\(official")
_CITY = re.compile(rf"\d (?:million )?({_NAME})")
_CLIMATES = {"tropical", "subtropical", "temperate", "continental", "desert", "arid", "arctic"}
_PHRASE = re.compile(r"[^\W\d_]+(?:[ '-][^\W\d_]+){0,3}")
_NOTHING = {"NEGL", "NA", "none", "negligible"}
_FORMS = ("republic", "monarchy", "democracy", "realm")
_CUT_SHORT = {"The Dominican": "Dominican Republic", "DRC": "Democratic Republic of the Congo"}


def facts_of(document: corpus.Document) -> Facts:
    """What a factbook entry says, where its lines look as expected; the name is always there."""
    lines: dict[str, str] = {}
    for line in document.text.splitlines():
        label, _, value = line.partition(": ")
        lines.setdefault(label, value.strip())

    def phrases(label: str, most: int | None = None) -> list[str]:
        return _phrases(lines.get(label, ""))[:most]

    location, urban = lines.get("Location", ""), lines.get("Major urban areas - population", "")
    spoken = lines.get("Languages", "")
    apart = re.search("island|archipel|atoll", location)
    between = [] if apart else [name for pair in _BETWEEN.findall(location) for name in pair]
    name = lines.get("conventional short form", document.title)
    known = {
        "country": [_CUT_SHORT.get(name) or re.split(r" ?[(,]", name)[0]],
        "capital": [city for city in phrases("name", 1) if city[0].isupper()],
        "continent": _regions(lines.get("Map references", "")) or _regions(location),
        "region": _regions(location),
        "adjective": [word for word in phrases("adjective", 1) if not word.endswith("Islander")],
        "language": _LANGUAGE.findall(spoken)[:1] + _OFFICIAL.findall(spoken),
        "currency": _phrases(lines.get("Currency", "").split(" per ")[0])[:1],
        "neighbour": _BORDER.findall(lines.get("border countries", "")) or between,
        "sea": _SEA.findall(location),
        "city": [city for city in _CITY.findall(urban) if not city.isupper()],
        "government": [form for form in phrases("Government type", 1) if form.endswith(_FORMS)],
        "peak": re.findall(rf"^({_NAME}) [\d,.]+ m$", lines.get("highest point", "")),
        "export": phrases("Exports - commodities"),
        "crop": phrases("Agricultural products"),
        "resource": phrases("Natural resources"),
        "colour": phrases("National color(s)"),
        "symbol": phrases("National symbol(s)"),
        "climate": [word for word in phrases("Climate", 1) if word in _CLIMATES],
    }
    return {kind: tuple(dict.fromkeys(values)) for kind, values in known.items() if values}


def _phrases(value: str) -> list[str]:
    """The items of a list that are up to four plain words; remarks and figures are left out."""
    parts = re.split(r"[,;/]| or | in ", re.sub(r"\([^)]*\)?", "", value))
    plain = [part.strip() for part in parts if _PHRASE.fullmatch(part.strip())]
    return [part for part in plain if part not in _NOTHING]


def _regions(value: str) -> list[str]:
    """The part of the world that a line begins with, with its article; none where it names none."""
    found = _REGION.match(value)
    if found is None or value.startswith("Central America and"):
        return []
    alone = found[1].rpartition(" ")[2] in ("Caribbean", "East", "Arctic", "Antarctic")
    return [f"the {found[1]}" if alone else found[1]]


def a_round(facts: Facts, generator: random.Random) -> list[str]:
    """`A_ROUND` sentences about one country, those templates that its facts can fill, in turn."""
    fit = [template for template in TEMPLATES if set(_NEEDS[template]) <= facts.keys()]
    generator.shuffle(fit)
    chosen = islice(cycle(fit), A_ROUND)
    return [
        template.format(**{need: generator.choice(facts[need]) for need in _NEEDS[template]})
        for template in chosen
    ]


_NEEDS = {template: re.findall(r"\{(\w+)\}", template) for template in TEMPLATES}


def sentences(documents: Iterable[corpus.Document], most_words: int, seed: int) -> list[str]:
    """As many whole rounds as fit into `most_words`: every country once a round, and the trades."""
    countries = [facts_of(document) for document in documents]
    generator, kept, words = random.Random(seed), list[str](), 0
    while countries:
        told = [text for facts in countries for text in a_round(facts, generator)]
        told += [template.format(*trade) for trade in TRADES for template in ABOUT_TRADES]
        words += sum(len(text.replace("-", " ").split()) for text in told)
        if words > most_words:
            break
        kept += told
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with the corpora (default: ORRERY_DATA)")
    folder = corpus.data_folder(parser.parse_args().data)
    told = sentences(corpus.read(folder / FACTBOOK), most_words=100_000, seed=0)
    print("\n".join(random.Random(0).sample(told, 40)))


if __name__ == "__main__":
    main()
