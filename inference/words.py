"""What the service hands out of word vectors."""

from models.words.lookup import Word as Word
from models.words.lookup import plain as plain
from models.words.maps import NEIGHBOURS as NEIGHBOURS
from models.words.maps import Map as Map
from models.words.maps import Maps as Maps
from models.words.vectors import NEAREST as NEAREST
from models.words.vectors import WordVectors as WordVectors
