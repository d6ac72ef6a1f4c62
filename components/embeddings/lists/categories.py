"""Words that belong together, written down by hand, to be marked on a map."""

from __future__ import annotations

CATEGORIES: dict[str, tuple[str, ...]] = {
    title: tuple(words.split())
    for title, words in {
        "numbers": "one two three four five six seven eight nine ten eleven twelve thirteen "
        "fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty "
        "seventy eighty ninety hundred thousand million",
        "colours": "red orange yellow green blue purple violet pink brown black white grey gray "
        "golden silver crimson scarlet",
        "animals": "dog cat horse cow pig sheep goat bird duck goose hen chicken fish frog mouse "
        "rat rabbit fox wolf bear lion tiger elephant monkey snake bee butterfly spider eagle owl "
        "donkey deer turtle dragon puppy kitten lamb squirrel",
        "family": "mother father mom dad mum mama papa sister brother daughter son wife husband "
        "aunt uncle grandmother grandfather grandma grandpa cousin nephew niece parents child "
        "children baby",
        "body": "head hair face eye eyes ear ears nose mouth lip lips tooth teeth tongue neck "
        "shoulder shoulders arm arms elbow hand hands finger fingers chest heart back stomach leg "
        "legs knee knees foot feet toe toes skin bone bones blood",
        "time": "second minute minutes hour hours day days week weeks month months year years "
        "monday tuesday wednesday thursday friday saturday sunday january february march april "
        "june july august september october november december spring summer autumn winter morning "
        "noon afternoon evening night midnight today tomorrow yesterday",
        "food": "bread butter cheese milk egg eggs meat soup rice cake cookies cookie apple apples "
        "banana pear cherry grapes fruit potato potatoes carrot tomato beans sugar salt "
        "honey tea coffee water wine beer juice chocolate pie breakfast lunch dinner supper",
        "places": "england france germany italy spain russia china india japan america africa "
        "europe asia australia canada mexico brazil greece rome paris london berlin scotland "
        "ireland",
    }.items()
}
"""By their titles; a word stands in one list."""


def category_of() -> dict[str, int]:
    """The place of its list in `CATEGORIES`, for every word."""
    return {word: i for i, words in enumerate(CATEGORIES.values()) for word in words}
