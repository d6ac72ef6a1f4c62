"""A text of ours on which cells are found: speech, lines of different length, short and long words.

It is longer than what a person types, so that a correlation over it means something, and nobody's
text decides which cell is called what.
"""

PROBE = """\
The miller had three goats, and each of them believed that it was the cleverest.
"I can open the gate," said the first goat, "and nobody has taught me how."
"That is nothing," answered the second. "I can count the sacks of flour."
The third goat said nothing at all. It only looked out of the window and watched the rain.
In the night a fox came down from the hill. The dog was asleep, and the moon was behind a cloud.
"Good evening," whispered the fox. "Is there anybody at home?"
"No," cried the first goat from behind the door, "nobody is at home!"
The fox laughed so loudly that the windows rattled. "Then who is speaking to me?"
Now the goats were frightened and crept together in the darkest corner of the stable.
"What shall we do?" asked the second goat. "I have counted the teeth in his mouth, and there are \
too many."
Then the third goat stood up, took the miller's old hat from the nail and put it on.
It walked to the window on its hind legs, coughed twice and called with a deep voice:
"Wife, bring me the lantern and my long gun. There is a thief in the garden again."
When the fox heard this, it ran away as fast as it could, over the bridge and through the \
blackberry bushes, and it did not stop until it had reached the other side of the mountain.
In the morning the miller found his hat lying in the straw.
"How strange," he said. "The wind must have been very strong last night."
"Yes," thought the third goat, "very strong and uncommonly clever."
But it did not say a word, for it was eating its breakfast, and good manners are worth more than a \
good story.
From that day on the two others asked the third goat before they did anything important.
"""
