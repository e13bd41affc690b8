"""What a bundle says of itself beyond what the study knows."""

from typing import Annotated

from tinglegram.settings import NOT_EMPTY, section


@section("bundle")
class BundleTerms:
    """Under which terms the trained models are given to others."""

    licence: Annotated[
        str | None, NOT_EMPTY, "Licence of the trained models, such as CC-BY-4.0; null: none given."
    ] = None
    citation: Annotated[
        str | None, NOT_EMPTY, "How the models are to be cited; null: not said."
    ] = None
