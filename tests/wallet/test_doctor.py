"""`passes doctor` finds what would keep passes from working."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from app.core.clock import MovableClock, SystemClock
from app.core.settings import Settings
from wallet.apple.identity import Identity, throwaway_identity
from wallet.cli import Finding, apple_findings, google_findings, passes


@pytest.fixture(scope="module")
def identity() -> Identity:
    return throwaway_identity(SystemClock())


@pytest.fixture
def apple(settings: Settings, identity: Identity, tmp_path: Path) -> Settings:
    certificate, intermediate = tmp_path / "leaf.pem", tmp_path / "issuer.pem"
    certificate.write_bytes(identity.pem())
    intermediate.write_bytes(identity.intermediate.public_bytes(Encoding.PEM))
    return settings.model_copy(update={"apple_certificate": certificate, "apple_intermediate": intermediate})


def failures(findings: list[Finding]) -> list[str]:
    return [finding.text for finding in findings if not finding.good]


def test_good_certificates(apple: Settings) -> None:
    found = list(apple_findings(apple, SystemClock()))
    assert failures(found) == []
    assert any("pass.test.stampbook.card" in finding.text for finding in found)


def test_certificates_that_end_soon(apple: Settings) -> None:
    late = MovableClock(datetime.now(UTC) + timedelta(days=340))
    assert len(failures(list(apple_findings(apple, late)))) == 2


def test_what_is_missing_or_wrong(apple: Settings, settings: Settings, tmp_path: Path) -> None:
    clock = SystemClock()
    half = apple.model_copy(update={"apple_intermediate": None})
    assert "STAMPBOOK_APPLE_INTERMEDIATE" in failures(list(apple_findings(half, clock)))[0]
    wrong = apple.model_copy(update={"apple_intermediate": tmp_path / "missing.pem"})
    assert "cannot read" in failures(list(apple_findings(wrong, clock)))[0]
    plain = apple.model_copy(update={"profile": "production"})
    assert "http://" in failures(list(apple_findings(plain, clock)))[0]
    off = settings.model_copy(update={"profile": "production"})
    assert failures(list(apple_findings(off, clock))) == []
    issuer_only = settings.model_copy(update={"google_issuer": "1"})
    assert "SERVICE_ACCOUNT" in failures(list(google_findings(issuer_only, clock)))[0]


def test_google(settings: Settings, identity: Identity, tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    configured = settings.model_copy(
        update={"google_issuer": "1", "google_service_account": path, "public_url": "https://card.test"}
    )
    assert "cannot read" in failures(list(google_findings(configured, SystemClock())))[0]
    pem = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    said = {"client_email": "a@b.test", "private_key": pem, "private_key_id": "k", "token_uri": "https://token.test"}
    path.write_text(json.dumps(said))
    assert failures(list(google_findings(configured, SystemClock()))) == []


def test_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STAMPBOOK_PROFILE", raising=False)
    monkeypatch.setenv("STAMPBOOK_DATA", str(tmp_path))
    result = CliRunner().invoke(passes, ["doctor"])
    assert result.exit_code == 0
    assert "throw-away" in result.stdout
    monkeypatch.setenv("STAMPBOOK_APPLE_CERTIFICATE", str(tmp_path / "missing.pem"))
    result = CliRunner().invoke(passes, ["doctor"])
    assert result.exit_code == 1
    assert "FAIL" in result.stdout
