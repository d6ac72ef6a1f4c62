"""What a model is: tensors in, tensors out.

No device choice, threads, user interface or files, except in `checkpoint.py`.
"""
