"""Codes that bind an account, as people type them."""

import pytest

from nlu.dialogue.listen import bind_code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("绑定 482913", "482913"),
        ("482 913", "482913"),
        ("绑定4829130571", "4829130571"),
        ("绑定 482 913 0571", "4829130571"),
        ("我的电话13800138000", None),
        ("单号100001号", "100001"),
        ("48291", None),
    ],
)
def test_a_familys_code_has_six_digits_and_a_workers_ten(typed: str, code: str | None) -> None:
    assert bind_code(typed) == code
