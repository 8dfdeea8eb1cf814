"""The few words on printed cards and wallet passes, in the programme's languages."""

from typing import Final, TypedDict


class Words(TypedDict):
    """Every word a card needs."""

    points: str
    points_changed: str
    """`%@` stands for the new figure (Apple's placeholder)."""
    tier: str
    tier_changed: str
    member: str
    number: str
    use: str
    how: str
    """What to do with the card."""
    lost: str
    terms: str
    terms_text: str
    print_hint: str
    test: str
    """Said on passes signed with throw-away certificates."""


ENGLISH: Final[Words] = {
    "points": "Points",
    "points_changed": "You now have %@ points.",
    "tier": "Tier",
    "tier_changed": "Your tier is now %@.",
    "member": "Member",
    "number": "Card number",
    "use": "How to use it",
    "how": "Show this code at the till. If it does not scan, say the number.",
    "lost": "Lost it? Sign in and ask for a new card; the old one stops working.",
    "terms": "Terms",
    "terms_text": "The card earns points for its member. To use a reward, open the card in the app.",
    "print_hint": "Print at 100 % and cut along the line.",
    "test": "Test pass, signed with a throw-away certificate",
}
_GERMAN: Final[Words] = {
    "points": "Punkte",
    "points_changed": "Sie haben jetzt %@ Punkte.",
    "tier": "Status",
    "tier_changed": "Ihr Status ist jetzt %@.",
    "member": "Mitglied",
    "number": "Kartennummer",
    "use": "So wird sie benutzt",
    "how": "Zeigen Sie diesen Code an der Kasse. Wird er nicht gelesen, nennen Sie die Nummer.",
    "lost": "Verloren? Melden Sie sich an und verlangen Sie eine neue Karte; die alte gilt dann nicht mehr.",
    "terms": "Bedingungen",
    "terms_text": "Die Karte sammelt Punkte für ihr Mitglied. Für eine Prämie öffnen Sie die Karte in der App.",
    "print_hint": "Mit 100 % drucken und an der Linie ausschneiden.",
    "test": "Probekarte, mit einem Wegwerfzertifikat unterschrieben",
}
_SPANISH: Final[Words] = {
    "points": "Puntos",
    "points_changed": "Ahora tiene %@ puntos.",
    "tier": "Nivel",
    "tier_changed": "Su nivel es ahora %@.",
    "member": "Socio",
    "number": "Número de tarjeta",
    "use": "Cómo usarla",
    "how": "Muestre este código en la caja. Si no se lee, diga el número.",
    "lost": "¿La perdió? Inicie sesión y pida una tarjeta nueva; la anterior deja de funcionar.",
    "terms": "Condiciones",
    "terms_text": "La tarjeta suma puntos a su titular. Para usar una recompensa, abra la tarjeta en la aplicación.",
    "print_hint": "Imprima al 100 % y corte por la línea.",
    "test": "Pase de prueba, firmado con un certificado desechable",
}
_ARABIC: Final[Words] = {
    "points": "النقاط",
    "points_changed": "لديك الآن %@ نقطة.",
    "tier": "المستوى",
    "tier_changed": "مستواك الآن %@.",
    "member": "العضو",
    "number": "رقم البطاقة",
    "use": "طريقة الاستخدام",
    "how": "اعرض هذا الرمز عند الصندوق. إن لم يُقرأ، فاذكر الرقم.",
    "lost": "هل فقدتها؟ سجّل الدخول واطلب بطاقة جديدة؛ وتتوقف القديمة عن العمل.",
    "terms": "الشروط",
    "terms_text": "تجمع البطاقة النقاط لصاحبها. لاستخدام مكافأة، افتح البطاقة في التطبيق.",
    "print_hint": "اطبع بحجم 100 % ثم قص على الخط.",
    "test": "بطاقة تجريبية موقعة بشهادة مؤقتة",
}
LANGUAGES: Final[dict[str, Words]] = {"en": ENGLISH, "de": _GERMAN, "es": _SPANISH, "ar": _ARABIC}
RIGHT_TO_LEFT: Final = frozenset({"ar"})


def words_in(language: str) -> tuple[str, Words]:
    """The words of a BCP 47 language and its short tag; English when it is not spoken here."""
    short = language.split("-", 1)[0].lower()
    return (short, LANGUAGES[short]) if short in LANGUAGES else ("en", ENGLISH)
