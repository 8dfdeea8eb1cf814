from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.settings import Settings, UnsafeSettings


def test_production_refuses_to_start_and_says_which_and_why() -> None:
    with pytest.raises(UnsafeSettings) as refused:
        Settings(profile="production").check()
    said = str(refused.value)
    for name in ("STAMPBOOK_SECRET", "STAMPBOOK_PUBLIC_URL", "STAMPBOOK_MONGODB_URI", "STAMPBOOK_SMTP_URL"):
        assert name in said


def test_development_makes_a_secret_once_that_only_its_owner_can_read(tmp_path: Path) -> None:
    first = Settings(data=tmp_path).with_secret()
    again = Settings(data=tmp_path).with_secret()
    assert first.secret.get_secret_value() == again.secret.get_secret_value()
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_keys_differ_by_purpose_and_hold_still() -> None:
    settings = Settings(secret=SecretStr("s" * 32))
    assert settings.derive_key("a") == settings.derive_key("a")
    assert settings.derive_key("a") != settings.derive_key("b")
    assert len(settings.derive_key("a")) == 32
