"""A reference number that was mistyped is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.application.errors import BadReference
from workflows.signed_forms.references import new_reference, parse_reference


@given(st.integers(0, 11), st.data())
def test_one_wrong_character_of_a_reference_is_always_noticed(place: int, data: st.DataObject) -> None:
    good = new_reference().replace("-", "")
    other = data.draw(st.sampled_from([letter for letter in "34679ACDEFGHJKMNPQRTWXY" if letter != good[place]]))
    with pytest.raises(BadReference):
        parse_reference(good[:place] + other + good[place + 1 :])


@given(st.integers(0, 10))
def test_two_exchanged_neighbours_in_a_reference_are_noticed(place: int) -> None:
    good = new_reference().replace("-", "")
    swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    if swapped != good:
        with pytest.raises(BadReference):
            parse_reference(swapped)
