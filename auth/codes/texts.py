"""The mails that carry codes, short and plain, in the programme's languages."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Mail:
    """Subject and plain text."""

    subject: str
    text: str


_TEXTS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "en": {
        "sign-in": (
            "{code} is your sign-in code",
            (
                "Your sign-in code is\n\n{code}\n\nIt works once, for ten minutes. "
                "Nobody of us will ever ask you for it. If you did not ask for a code, ignore this mail.\n"
            ),
        ),
        "step-up": (
            "{code} confirms that it is you",
            (
                "Your confirmation code is\n\n{code}\n\nIt works once, for ten minutes. "
                "If you are not changing anything right now, somebody else is using your account: "
                "sign out everywhere.\n"
            ),
        ),
        "contact": (
            "{code} confirms your new address",
            (
                "The code for your new e-mail address is\n\n{code}\n\nIt works once, for ten minutes. "
                "If you did not ask for this change, ignore this mail.\n"
            ),
        ),
        "link": (
            "{code} connects your accounts",
            (
                "The code that connects your accounts is\n\n{code}\n\nIt works once, for ten minutes. "
                "If you did not ask for this, ignore this mail.\n"
            ),
        ),
    },
    "de": {
        "sign-in": (
            "{code} ist Ihr Anmeldecode",
            (
                "Ihr Anmeldecode lautet\n\n{code}\n\nEr gilt einmal, zehn Minuten lang. "
                "Niemand von uns wird Sie je danach fragen. Wenn Sie keinen Code wollten, löschen Sie diese Mail.\n"
            ),
        ),
        "step-up": (
            "{code} bestätigt, dass Sie es sind",
            (
                "Ihr Bestätigungscode lautet\n\n{code}\n\nEr gilt einmal, zehn Minuten lang. "
                "Wenn Sie gerade nichts ändern, benutzt jemand anderes Ihr Konto: melden Sie sich überall ab.\n"
            ),
        ),
        "contact": (
            "{code} bestätigt Ihre neue Adresse",
            (
                "Der Code für Ihre neue E-Mail-Adresse lautet\n\n{code}\n\nEr gilt einmal, zehn Minuten lang. "
                "Wenn Sie nichts ändern wollten, löschen Sie diese Mail.\n"
            ),
        ),
        "link": (
            "{code} verbindet Ihre Konten",
            (
                "Der Code, der Ihre Konten verbindet, lautet\n\n{code}\n\nEr gilt einmal, zehn Minuten lang. "
                "Wenn Sie das nicht wollten, löschen Sie diese Mail.\n"
            ),
        ),
    },
    "ar": {
        "sign-in": (
            "{code} هو رمز تسجيل الدخول",
            (
                "رمز تسجيل الدخول هو\n\n{code}\n\nيعمل مرة واحدة خلال عشر دقائق. "
                "لن يطلبه منك أي منا. إذا لم تطلب رمزًا فتجاهل هذه الرسالة.\n"
            ),
        ),
        "step-up": (
            "{code} يؤكد هويتك",
            (
                "رمز التأكيد هو\n\n{code}\n\nيعمل مرة واحدة خلال عشر دقائق. "
                "إذا لم تكن تغيّر شيئًا الآن فهناك من يستخدم حسابك: سجّل الخروج من كل الأجهزة.\n"
            ),
        ),
        "contact": (
            "{code} يؤكد عنوانك الجديد",
            (
                "رمز عنوان بريدك الجديد هو\n\n{code}\n\nيعمل مرة واحدة خلال عشر دقائق. "
                "إذا لم تطلب هذا التغيير فتجاهل هذه الرسالة.\n"
            ),
        ),
        "link": (
            "{code} يربط حساباتك",
            (
                "الرمز الذي يربط حساباتك هو\n\n{code}\n\nيعمل مرة واحدة خلال عشر دقائق. "
                "إذا لم تطلب ذلك فتجاهل هذه الرسالة.\n"
            ),
        ),
    },
}


def language_of(wanted: str) -> str:
    """The best language we have for a tag such as "de-AT"; English when none fits."""
    primary = wanted.split("-", maxsplit=1)[0].lower()
    return primary if primary in _TEXTS else "en"


def code_mail(code: str, purpose: str, language: str) -> Mail:
    """The mail for one code; the subject starts with the code, so that a notification shows it."""
    subject, text = _TEXTS[language_of(language)][purpose]
    shown = f"{code[:4]} {code[4:]}"
    return Mail(subject.format(code=code), text.format(code=shown))
