"""`stampbook passes`: checks what wallet passes need before members do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import typer
from rich.console import Console

from app.core.clock import Clock, SystemClock
from app.core.settings import Settings
from wallet.apple.identity import UnusableCertificate, load_identity, throwaway_identity
from wallet.apple.package import build_package
from wallet.facts import PassFacts
from wallet.google.account import UnusableAccount, load_account
from wallet.google.objects import save_link

passes = typer.Typer(no_args_is_help=True, help="The card in Apple Wallet and Google Wallet.")
_SOON_DAYS: Final = 30
_SAMPLE: Final = PassFacts(
    "mbr_000000000000000000000000", "prg_0", "Stampbook", 150.0, "Sample", "2900000000000007", 0, "Bronze", "en"
)
_SAMPLE_CODE: Final = "LY" + "0" * 36
_LONGEST_LINK: Final = 1800


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: good or not, and what to do about it."""

    good: bool
    text: str


@passes.callback()
def _group() -> None:
    """The card in Apple Wallet and Google Wallet."""


@passes.command()
def doctor() -> None:
    """Check certificates, keys and dates, and make a sample of each pass; status 1 when something is wrong."""
    settings, clock, console = Settings(), SystemClock(), Console(soft_wrap=True)
    findings = [*apple_findings(settings, clock), *google_findings(settings, clock)]
    for finding in findings:
        mark, style = ("ok  ", "green") if finding.good else ("FAIL", "bold red")
        console.print(f"{mark} {finding.text}", style=style, markup=False, highlight=False)
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


def apple_findings(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """What is right and wrong with Apple passes."""
    certificate, intermediate = settings.apple_certificate, settings.apple_intermediate
    if certificate is None:
        if settings.is_production:
            yield Finding(True, "Apple: off (STAMPBOOK_APPLE_CERTIFICATE is unset)")
            return
        identity = throwaway_identity(clock)
        yield Finding(True, "Apple: throw-away certificates, for development; the pass says so and no phone trusts it")
    elif intermediate is None:
        yield Finding(False, "Apple: set STAMPBOOK_APPLE_INTERMEDIATE to the PEM of Apple's WWDR certificate")
        return
    else:
        try:
            identity = load_identity(certificate, intermediate)
        except UnusableCertificate as error:
            yield Finding(False, f"Apple: {error}")
            return
        yield Finding(True, f"Apple: signs {identity.pass_type} for team {identity.team}")
    for name, part in (("certificate", identity.certificate), ("intermediate", identity.intermediate)):
        left = (part.not_valid_after_utc - clock.now()).days
        yield Finding(
            left >= _SOON_DAYS, f"Apple: the {name} ends in {left} days ({part.not_valid_after_utc:%d %b %Y})"
        )
    https = settings.issuer.startswith("https://")
    text = f"Apple: phones will ask {settings.issuer} for changes"
    yield Finding(https or not settings.is_production, text if https else text + ", which only development phones do")
    package = build_package(
        _SAMPLE, _SAMPLE_CODE, serial="0" * 24, token="0" * 32, service_url=settings.issuer, identity=identity
    )
    settings.data.mkdir(parents=True, exist_ok=True)
    sample = settings.data / "sample.pkpass"
    sample.write_bytes(package)
    yield Finding(True, f"Apple: a sample of {len(package):,} bytes is at {sample}; open it on a phone or a Mac")


def google_findings(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """What is right and wrong with Google passes."""
    path, issuer = settings.google_service_account, settings.google_issuer
    if path is None and issuer is None:
        yield Finding(True, "Google: off (STAMPBOOK_GOOGLE_SERVICE_ACCOUNT and STAMPBOOK_GOOGLE_ISSUER are unset)")
        return
    if path is None or issuer is None:
        missing = "STAMPBOOK_GOOGLE_SERVICE_ACCOUNT" if path is None else "STAMPBOOK_GOOGLE_ISSUER"
        yield Finding(False, f"Google: set {missing} too")
        return
    try:
        account = load_account(path)
    except UnusableAccount as error:
        yield Finding(False, f"Google: {error}")
        return
    yield Finding(True, f"Google: {account.email} issues for {issuer}")
    link = save_link(account, f"{issuer}.sample", f"{issuer}.sample", settings.issuer, int(clock.now().timestamp()))
    yield Finding(len(link) <= _LONGEST_LINK, f"Google: a save link has {len(link)} characters, of 1,800 at most")
    public = settings.issuer.startswith("https://")
    logo = f"Google: it fetches the logo from {settings.issuer}/card/logo.png"
    yield Finding(public, logo if public else logo + ", which must be a public https address")
