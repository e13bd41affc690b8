"""What tells the trials of one participant apart where a clip was shown more than once."""

from collections.abc import Iterable


def showing_names(shown: Iterable[tuple[str, int]]) -> list[str]:
    """Return a name for each trial of a participant that no other of the same trials has.

    Arrays of a participant stand under these names. A clip that was shown once is called by its
    code, as is its first showing; a later one also has its place in the session: `vid1@5`.

    Parameters
    ----------
    shown : clip code and order of each trial, a clip's first showing before its later ones.
    """
    seen: set[str] = set()
    found = []
    for video, order in shown:
        # No code holds this sign (clips: letters, digits and _).
        found.append(f"{video}@{order}" if video in seen else video)
        seen.add(video)
    return found
