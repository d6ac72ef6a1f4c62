"""What the words of whole relations answer: pairs written by us, and what is made of them."""
