"""What the word vectors are made of beside gensim: counts, GloVe, and maps."""
