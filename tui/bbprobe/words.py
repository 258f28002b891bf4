"""Exceptions of other people's code, in words for a user."""


def in_words(error: BaseException) -> str:
    """An exception as one line: its class and message.

    A `KeyError` prints its message quoted, once for each of mmcv's registries that it came through; mmcv raises a
    bare `ImportError` over the one that says which module; and registries put a class name before an empty message.
    """
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    text = " ".join(text.split()).rstrip(" :")
    if not text and isinstance(error.__context__, Exception):
        return in_words(error.__context__)
    return "{}: {}".format(type(error).__name__, text) if text else type(error).__name__
