"""Exceptions of other people's code: what they mean, and how a user is told."""


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


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device or the host ran out of memory; torch before 1.13 raises a plain RuntimeError for it."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and any(words in str(error) for words in ("out of memory", "can't allocate memory", "STATUS_ALLOC_FAILED"))
    )
