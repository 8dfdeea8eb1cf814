"""Invented people: names from a seeded generator, addresses at example.com, telephone numbers kept for fiction.

Nothing here is about anybody: the data knows households by a number only.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.text import plain

_AREA_CODES = (
    *(201, 202, 203, 207, 212, 215, 216, 267, 301, 302, 304, 315, 321, 339, 347, 401, 404, 410, 412, 413),
    *(434, 440, 443, 484, 502, 508, 513, 518, 540, 570, 585, 603, 607, 609, 614, 617, 631, 646, 703, 704),
)
_NUMBERS_EACH = 100
"""555-0100 to 555-0199 of every area are reserved for fiction (North American Numbering Plan)."""


@dataclass(frozen=True, slots=True)
class _Culture:
    """Names that go together; `spelled` are the Latin spellings for addresses where the script is another."""

    language: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    spelled_given: tuple[str, ...] = ()
    spelled_family: tuple[str, ...] = ()


def _culture(language: str, given: str, family: str, spelled: tuple[str, str] = ("", "")) -> _Culture:
    return _Culture(
        language, tuple(given.split()), tuple(family.split()), tuple(spelled[0].split()), tuple(spelled[1].split())
    )


_CULTURES = (
    _culture(
        "en",
        "Ada Amelia Arthur Beatrice Caleb Clara Daniel Eleanor Ethan Flora Grace Henry Iris Jack June Leo Lucy Martha "
        "Miles Nora Oscar Ruby Samuel Tessa Walter Wren",
        "Alden Barlow Bennett Carver Dalton Ellery Fairbanks Garland Hollis Ingram Jessop Larkin Marlowe Norwood "
        "Oakes Prescott Quimby Radley Sheldon Thorne Underhill Vance Whitlock Kendall Yarrow",
    ),
    _culture(
        "es",
        "Alba Alejandro Camila Diego Elena Inés Javier Lucía Marisol Mateo Nicolás Paloma Rafael Sofía Tomás Ximena",
        "Aguilar Benítez Cárdenas Domínguez Espinoza Fuentes Galván Ibáñez Jiménez Luján Montoya Núñez Ortega Peña "
        "Quiroga Salazar Valdés Zamora",
    ),
    _culture(
        "ar",
        "أمل أحمد خالد ريم سلمى سمير طارق عمر فاطمة ليلى مريم نور هدى يوسف",
        "البيطار الحداد الخطيب الراوي الشامي العلي القاسم المصري النجار الهاشمي حمدان صالح عودة ناصر",
        (
            "amal ahmad khaled reem salma samir tareq omar fatima layla maryam nour huda yousef",
            "bitar haddad khatib rawi shami ali qasem masri najjar hashimi hamdan saleh odeh nasser",
        ),
    ),
    _culture(
        "en",
        "אביגיל דוד יעל יונתן לאה מיכל נועם רחל שירה תמר",
        "אברמוב ברק גולן דרור כרמל לביא מזרחי נחום פרידמן שמש",
        (
            "avigail david yael yonatan leah michal noam rachel shira tamar",
            "abramov barak golan dror carmel lavi mizrahi nahum friedman shemesh",
        ),
    ),
    _culture(
        "en",
        "伟 婷 子涵 志强 思雨 明 晓梅 欣怡 浩然 静",
        "林 陈 黄 周 吴 徐 孙 胡 朱 高",
        (
            "wei ting zihan zhiqiang siyu ming xiaomei xinyi haoran jing",
            "lin chen huang zhou wu xu sun hu zhu gao",
        ),
    ),
    _culture(
        "en",
        "Aarav Aditi Anjali Arjun Deepa Ishaan Kavya Meera Nikhil Priya Rohan Sanjay Tara Vikram",
        "Acharya Banerjee Chaudhary Deshpande Gopal Iyer Joshi Kapoor Malhotra Nair Patel Rao Sharma Verma",
    ),
    _culture(
        "en",
        "Agnieszka Bartosz Dorota Grażyna Jarosław Kasia Łukasz Małgorzata Paweł Stanisław Wojciech Zofia",
        "Dąbrowski Gołębiewski Jabłoński Kaźmierczak Łukasiewicz Nowak Pawłowski Śliwa Szczepański Wójcik Zając Żurek",
    ),
    _culture(
        "en",
        "Abena Adaeze Amadi Chidi Efua Folake Ikenna Kofi Kwame Ngozi Obi Sade Temi Zola",
        "Achebe Adeyemi Asante Boateng Danso Eze Mensah Nwosu Okafor Okoye Onyango Owusu Sowande Tutu",
    ),
    _culture(
        "en",
        "Anh Bao Duc Hanh Hoa Khoa Lan Linh Minh Phuong Quang Thuy Trang Tuan",
        "Bùi Đặng Đỗ Dương Hồ Hoàng Huỳnh Lê Ngô Nguyễn Phạm Phan Trần Vũ",
    ),
    _culture(
        "en",
        "Aiko Daichi Emi Haruto Hina Kaito Mei Naoki Ren Sakura Sora Takumi Yui Yuna",
        "Abe Fujita Hayashi Ishikawa Kobayashi Maeda Nakamura Okada Saito Sakai Tanaka Ueda Watanabe Yamada",
    ),
    _culture(
        "en",
        "Chiara Davide Elisa Fabio Giulia Lorenzo Marta Nicola Paolo Rosa Sandro Vera",
        "Amato Bellini Caruso De_Santis Esposito Ferrara Greco Lombardi Marchetti Ricci Santoro Vitale",
    ),
    _culture(
        "en",
        "Aoife Brendan Ciara Declan Eoin Fionnuala Maeve Niamh Oisín Róisín Seán Siobhán",
        "Brannigan Cullinane Daly Fallon Gallagher Keane Lynch McBride O’Brien O’Shea Quinn Sweeney",
    ),
)
_WEIGHTS = (26, 18, 7, 4, 7, 9, 5, 8, 5, 4, 4, 3)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    given_name: str
    family_name: str
    email: str
    phone: str
    language: str
    birthday: date | None


def people(households: Sequence[int], seed: str = "harvest") -> dict[int, Person]:
    """One person for every household, always the same for the same numbers; no e-mail or telephone number twice.

    Holds for up to 4,000 households, as there are no more telephone numbers to give.
    """
    return {household: _person(household, place, seed) for place, household in enumerate(sorted(households))}


def _person(household: int, place: int, seed: str) -> Person:
    # A digest and not Random(str): the same on every Python version for ever.
    digest = hashlib.sha256(f"{seed}:{household}".encode()).digest()
    chance = random.Random(int.from_bytes(digest, "big"))  # noqa: S311 -- invented people, not secrets
    culture = chance.choices(_CULTURES, _WEIGHTS)[0]
    given, family = chance.randrange(len(culture.given)), chance.randrange(len(culture.family))
    given_name, family_name = culture.given[given], culture.family[family].replace("_", " ")
    spelled = (
        culture.spelled_given[given] if culture.spelled_given else given_name,
        culture.spelled_family[family] if culture.spelled_family else family_name,
    )
    area, last = divmod(place, _NUMBERS_EACH)
    told_birthday = chance.random() < 0.6
    birthday = date(1945, 1, 1) + timedelta(days=chance.randrange(60 * 365))
    return Person(
        given_name=given_name,
        family_name=family_name,
        email=f"{_address(spelled[0])}.{_address(spelled[1])}.{household}@example.com",
        phone=f"+1{_AREA_CODES[area]}55501{last:02d}",
        language=culture.language,
        birthday=birthday if told_birthday else None,
    )


def _address(name: str) -> str:
    return "".join(letter for letter in plain(name) if letter.isascii() and letter.isalpha())
