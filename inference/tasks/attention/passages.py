"""Short texts of ours, on which it is measured how far back models look.

Something in each of them depends on words that stand far back, and all are of one length or so.
"""

PASSAGES = (
    "Ben had a red kite. He took it to the hill behind the school, where the wind was strong. "
    "A girl named Mia came and asked if she could hold the string. Ben said yes. They ran down "
    "the hill together and laughed, and when it was time to go home, Ben gave Mia the kite.",
    "Once upon a time there was an old clock that did not want to tick. The clock lived in a "
    "small shop next to the baker. One day a boy came in with his mother. He looked at the clock "
    "and said that it was beautiful. That night the old clock began to tick again.",
    "Lily lost her blue shoe in the garden. She looked under the bench and behind the tree, but "
    "it was not there. Then her dog came with something in his mouth. It was the blue shoe. Lily "
    "was happy and gave the dog a big hug. After that she never left her shoes in the garden.",
    "The fox wanted to cross the river, but he could not swim. He asked the duck for help. The "
    "duck thought about it for a while. She told the fox to sit on a log, and then she pushed "
    "the log to the other side. The fox thanked the duck and promised never to chase her again.",
    "Grandma baked an apple cake for the party. Sam wanted to eat a piece before the guests came, "
    "but Grandma said no. So Sam waited by the window and counted the cars. At last the guests "
    "came, and everybody got a piece of cake. Sam got the biggest one because he had waited.",
    "It was raining, and Tom and Anna had to stay inside. They built a house out of chairs and "
    "blankets. Tom was the king, and Anna was the dragon. The dragon was very hungry and wanted "
    "soup. The king cooked a pot of soup, and then the king and the dragon ate it together.",
)
