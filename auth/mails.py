"""Every mail of sign-in, short and plain, in each of its languages."""

from dataclasses import dataclass
from typing import Final, Literal

from auth.languages import choose

Kind = Literal[
    "sign-in",
    "step-up",
    "contact",
    "method-added",
    "method-removed",
    "accounts-merged",
    "refresh-reused",
    "address-changed",
]


@dataclass(frozen=True, slots=True)
class Mail:
    """Subject and plain text."""

    subject: str
    text: str


TEXTS: Final[dict[str, dict[Kind, tuple[str, str]]]] = {
    "en": {
        "sign-in": (
            "{code} is your sign-in code",
            (
                "Your sign-in code is\n\n{shown}\n\nIt works once, for ten minutes. "
                "Nobody of us will ever ask you for it. If you did not ask for a code, ignore this mail.\n"
            ),
        ),
        "step-up": (
            "{code} confirms that it is you",
            (
                "Your confirmation code is\n\n{shown}\n\nIt works once, for ten minutes. "
                "If you are not changing anything right now, somebody else is using your account: "
                "sign out everywhere.\n"
            ),
        ),
        "contact": (
            "{code} confirms your new address",
            (
                "The code for your new e-mail address is\n\n{shown}\n\nIt works once, for ten minutes. "
                "If you did not ask for this change, ignore this mail.\n"
            ),
        ),
        "method-added": (
            "A way to sign in was added",
            (
                "{method} can now sign in to your account.\n\n"
                "If this was not you, remove it and end all other sessions: {home}\n"
            ),
        ),
        "method-removed": (
            "A way to sign in was removed",
            (
                "{method} can no longer sign in to your account.\n\n"
                "If this was not you, sign in and end all other sessions: {home}\n"
            ),
        ),
        "accounts-merged": (
            "Your two accounts are one now",
            (
                "Our staff made two of your accounts one, at your wish. Everything that signed in to either of "
                "them signs in to this one.\n\n"
                "If you did not ask for this, answer through our support; it can be undone: {home}\n"
            ),
        ),
        "refresh-reused": (
            "{client} was signed out for your safety",
            (
                "Somebody used a copy of your sign-in of {client}, so we ended it. Sign in there again.\n\n"
                "If you use {client} on one device only, look at your devices and sessions: {home}\n"
            ),
        ),
        "address-changed": (
            "Your e-mail address was changed",
            (
                "Your account's e-mail address is now {address}.\n\n"
                "If this was not you, take it back within seven days; that also ends all sessions:\n{undo}\n"
            ),
        ),
    },
    "de": {
        "sign-in": (
            "{code} ist Ihr Anmeldecode",
            (
                "Ihr Anmeldecode lautet\n\n{shown}\n\nEr gilt einmal, zehn Minuten lang. "
                "Niemand von uns wird Sie je danach fragen. Wenn Sie keinen Code wollten, löschen Sie diese Mail.\n"
            ),
        ),
        "step-up": (
            "{code} bestätigt, dass Sie es sind",
            (
                "Ihr Bestätigungscode lautet\n\n{shown}\n\nEr gilt einmal, zehn Minuten lang. "
                "Wenn Sie gerade nichts ändern, benutzt jemand anderes Ihr Konto: melden Sie sich überall ab.\n"
            ),
        ),
        "contact": (
            "{code} bestätigt Ihre neue Adresse",
            (
                "Der Code für Ihre neue E-Mail-Adresse lautet\n\n{shown}\n\nEr gilt einmal, zehn Minuten lang. "
                "Wenn Sie nichts ändern wollten, löschen Sie diese Mail.\n"
            ),
        ),
        "method-added": (
            "Neuer Weg zur Anmeldung",
            (
                "Damit kann man sich jetzt bei Ihrem Konto anmelden: {method}\n\n"
                "Wenn Sie das nicht waren, entfernen Sie es und beenden Sie alle anderen Sitzungen: {home}\n"
            ),
        ),
        "method-removed": (
            "Ein Weg zur Anmeldung wurde entfernt",
            (
                "Damit kann man sich nicht mehr bei Ihrem Konto anmelden: {method}\n\n"
                "Wenn Sie das nicht waren, melden Sie sich an und beenden Sie alle anderen Sitzungen: {home}\n"
            ),
        ),
        "accounts-merged": (
            "Ihre zwei Konten sind jetzt eines",
            (
                "Auf Ihren Wunsch haben wir zwei Ihrer Konten zusammengelegt. Was sich bei einem davon "
                "anmelden konnte, meldet sich jetzt bei diesem an.\n\n"
                "Wenn Sie das nicht wollten, wenden Sie sich an unseren Kundendienst; es lässt sich rückgängig "
                "machen: {home}\n"
            ),
        ),
        "refresh-reused": (
            "{client} wurde zu Ihrer Sicherheit abgemeldet",
            (
                "Jemand hat eine Kopie Ihrer Anmeldung bei {client} benutzt; wir haben sie beendet. "
                "Melden Sie sich dort neu an.\n\n"
                "Wenn Sie {client} nur auf einem Gerät benutzen, sehen Sie Ihre Geräte und Sitzungen durch: {home}\n"
            ),
        ),
        "address-changed": (
            "Ihre E-Mail-Adresse wurde geändert",
            (
                "Die E-Mail-Adresse Ihres Kontos ist jetzt {address}.\n\n"
                "Wenn Sie das nicht waren, nehmen Sie es binnen sieben Tagen zurück; das beendet auch alle Sitzungen:\n"
                "{undo}\n"
            ),
        ),
    },
    "es": {
        "sign-in": (
            "{code} es su código de acceso",
            (
                "Su código de acceso es\n\n{shown}\n\nSirve una vez, durante diez minutos. "
                "Nadie de nosotros se lo pedirá nunca. Si no ha pedido ningún código, ignore este mensaje.\n"
            ),
        ),
        "step-up": (
            "{code} confirma que es usted",
            (
                "Su código de confirmación es\n\n{shown}\n\nSirve una vez, durante diez minutos. "
                "Si no está cambiando nada en este momento, otra persona usa su cuenta: cierre todas las sesiones.\n"
            ),
        ),
        "contact": (
            "{code} confirma su nueva dirección",
            (
                "El código para su nueva dirección de correo es\n\n{shown}\n\nSirve una vez, durante diez minutos. "
                "Si no ha pedido este cambio, ignore este mensaje.\n"
            ),
        ),
        "method-added": (
            "Se añadió una forma de acceso",
            (
                "Ahora se puede entrar en su cuenta con: {method}\n\n"
                "Si no ha sido usted, quítela y cierre todas las demás sesiones: {home}\n"
            ),
        ),
        "method-removed": (
            "Se quitó una forma de acceso",
            (
                "Ya no se puede entrar en su cuenta con: {method}\n\n"
                "Si no ha sido usted, entre y cierre todas las demás sesiones: {home}\n"
            ),
        ),
        "accounts-merged": (
            "Sus dos cuentas son ahora una",
            (
                "Hemos unido dos de sus cuentas, como pidió. Lo que servía para entrar en una de ellas sirve "
                "ahora para entrar en esta.\n\n"
                "Si no lo ha pedido, avise a nuestro equipo de atención; se puede deshacer: {home}\n"
            ),
        ),
        "refresh-reused": (
            "Cerramos {client} por su seguridad",
            (
                "Alguien usó una copia de su acceso a {client}, así que lo cerramos. Vuelva a entrar allí.\n\n"
                "Si usa {client} en un solo dispositivo, revise sus dispositivos y sesiones: {home}\n"
            ),
        ),
        "address-changed": (
            "Se cambió su dirección de correo",
            (
                "La dirección de correo de su cuenta es ahora {address}.\n\n"
                "Si no ha sido usted, deshágalo en siete días; eso cierra también todas las sesiones:\n{undo}\n"
            ),
        ),
    },
    "ar": {
        "sign-in": (
            "{code} هو رمز تسجيل الدخول",
            (
                "رمز تسجيل الدخول هو\n\n{shown}\n\nيعمل مرة واحدة خلال عشر دقائق. "
                "لن يطلبه منك أي منا. إذا لم تطلب رمزًا فتجاهل هذه الرسالة.\n"
            ),
        ),
        "step-up": (
            "{code} يؤكد هويتك",
            (
                "رمز التأكيد هو\n\n{shown}\n\nيعمل مرة واحدة خلال عشر دقائق. "
                "إذا لم تكن تغيّر شيئًا الآن فهناك من يستخدم حسابك: سجّل الخروج من كل الأجهزة.\n"
            ),
        ),
        "contact": (
            "{code} يؤكد عنوانك الجديد",
            (
                "رمز عنوان بريدك الجديد هو\n\n{shown}\n\nيعمل مرة واحدة خلال عشر دقائق. "
                "إذا لم تطلب هذا التغيير فتجاهل هذه الرسالة.\n"
            ),
        ),
        "method-added": (
            "أُضيفت طريقة لتسجيل الدخول",
            (
                "يمكن الآن الدخول إلى حسابك بواسطة: {method}\n\n"
                "إذا لم تكن أنت من فعل ذلك فأزلها وأنهِ كل الجلسات الأخرى: {home}\n"
            ),
        ),
        "method-removed": (
            "أُزيلت طريقة لتسجيل الدخول",
            (
                "لم يعد ممكنًا الدخول إلى حسابك بواسطة: {method}\n\n"
                "إذا لم تكن أنت من فعل ذلك فسجّل الدخول وأنهِ كل الجلسات الأخرى: {home}\n"
            ),
        ),
        "accounts-merged": (
            "صار حساباك حسابًا واحدًا",
            (
                "دمجنا اثنين من حساباتك بناءً على طلبك. كل ما كان يدخل إلى أحدهما يدخل الآن إلى هذا الحساب.\n\n"
                "إذا لم تطلب ذلك فتواصل مع فريق الدعم؛ يمكن التراجع عنه: {home}\n"
            ),
        ),
        "refresh-reused": (
            "سُجّل خروجك من {client} حفاظًا على أمانك",
            (
                "استخدم شخص ما نسخة من تسجيل دخولك إلى {client} فأنهيناها. سجّل الدخول هناك من جديد.\n\n"
                "إذا كنت تستخدم {client} على جهاز واحد فقط فراجع أجهزتك وجلساتك: {home}\n"
            ),
        ),
        "address-changed": (
            "تغيّر عنوان بريدك الإلكتروني",
            (
                "عنوان البريد الإلكتروني لحسابك الآن هو {address}.\n\n"
                "إذا لم تكن أنت من فعل ذلك فتراجع عنه خلال سبعة أيام؛ وهذا ينهي كل الجلسات أيضًا:\n{undo}\n"
            ),
        ),
    },
}


def mail(kind: Kind, language: object, **values: str) -> Mail:
    """A mail in the best language we have for a tag such as "de-AT"."""
    subject, text = TEXTS[choose(language)][kind]
    return Mail(subject.format(**values), text.format(**values))


def code_mail(code: str, kind: Kind, language: object) -> Mail:
    """The mail for one code; the subject starts with the code, so that a notification shows it."""
    return mail(kind, language, code=code, shown=f"{code[:4]} {code[4:]}")
