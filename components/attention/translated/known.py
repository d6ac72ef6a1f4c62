"""Sentences of ours with their links, to score heads on.

Sure is what a dictionary says; possible are auxiliaries, articles and prepositions that one of the
two languages has alone.
"""

from analysis.attention.links import Known

SENTENCES = tuple(
    Known.of(*one)
    for one in (
        (
            "She bought a black cat and a white dog.",
            "Elle a acheté un chat noir et un chien blanc.",
            "0 1? 1 2 4 3 5 6 8 7 9",
        ),
        (
            "The red car is in front of the old house.",
            "La voiture rouge est devant la vieille maison.",
            "0 2 1 3 4?,5,6? 7 8 9 10",
        ),
        ("I do not like cold water.", "Je n'aime pas l'eau froide.", "0 2? 1?,3 2 - 5 4 6"),
        (
            "My brother has never seen the sea.",
            "Mon frère n'a jamais vu la mer.",
            "0 1 3? 2 3 4 5 6 7",
        ),
        (
            "The children were playing in the big garden.",
            "Les enfants jouaient dans le grand jardin.",
            "0 1 2?,3 4 5 6 7 8",
        ),
        ("He gave me a green apple.", "Il m'a donné une pomme verte.", "0 2 1? 1 3 5 4 6"),
        (
            "I will see you tomorrow morning.",
            "Je te verrai demain matin.",
            "0 3 1?,2 4 5 6",
        ),
        (
            "The doctor gave him good advice.",
            "Le médecin lui a donné de bons conseils.",
            "0 1 3 2? 2 5? 4 5 6",
        ),
        ("Where is the small key?", "Où est la petite clé ?", "0 1 2 3 4 5"),
        (
            "We are waiting for our English teacher.",
            "Nous attendons notre professeur d'anglais.",
            "0 1?,2,3? 4 6 5? 5 7",
        ),
        (
            "The white horse is running faster than the black dog.",
            "Le cheval blanc court plus vite que le chien noir.",
            "0 2 1 3?,4 5 5 6 7 9 8 10",
        ),
        (
            "You should not drink so much coffee.",
            "Tu ne devrais pas boire autant de café.",
            "0 2? 1 2 3 4,5 5? 6 7",
        ),
        (
            "This old book is very interesting.",
            "Ce vieux livre est très intéressant.",
            "0 1 2 3 4 5 6",
        ),
        (
            "They sold their blue boat last year.",
            "Ils ont vendu leur bateau bleu l'année dernière.",
            "0 1? 1 2 4 3 6? 6 5 7",
        ),
        (
            "I need a warm coat and new shoes.",
            "J'ai besoin d'un manteau chaud et de chaussures neuves.",
            "0 1? 1 1? 2 4 3 5 7? 7 6 8",
        ),
        (
            "Her sister works in a big hospital.",
            "Sa sœur travaille dans un grand hôpital.",
            "0 1 2 3 4 5 6 7",
        ),
        (
            "The man who called me speaks French.",
            "L'homme qui m'a appelé parle français.",
            "0 1 2 4 3? 3 5 6 7",
        ),
        (
            "It is raining, but we are going out.",
            "Il pleut, mais nous sortons.",
            "0 1?,2 3 4 5 6?,7,8 9",
        ),
    )
)
