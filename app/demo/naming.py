"""Readable product names from the source's shop-floor shorthand."""

import re
from functools import cache

_SHORTHAND = {
    "ADDTVS": "additives",
    "APPETZRS": "appetizers",
    "ASST": "assorted",
    "BEERALEMALT": "beer, ale & malt",
    "BKD": "baked",
    "BKFST": "breakfast",
    "BRD": "bread",
    "BRKFST": "breakfast",
    "BTL": "bottle",
    "CARB": "carbonated",
    "CATFD": "cat food",
    "CHIX": "chicken",
    "CHICK": "chicken",
    "CHOC": "chocolate",
    "CHOCOCLATE": "chocolate",
    "CLEANG": "cleaning",
    "CND": "canned",
    "CNTRL": "control",
    "CONC": "concentrate",
    "CONDMTS": "condiments",
    "CONV": "convenience",
    "CRAN": "cranberry",
    "CRBNTD": "carbonated",
    "CRMD": "creamed",
    "CRYSTL": "crystal",
    "DNR": "dinner",
    "DNRS": "dinners",
    "DOGFD": "dog food",
    "DRNK": "drink",
    "DRNKING": "drinking",
    "DRNKNG": "drinking",
    "DRNKS": "drinks",
    "DRSNG": "dressing",
    "DSH": "dish",
    "EXCP": "except",
    "FD": "food",
    "FEM": "feminine",
    "FLVR": "flavor",
    "FLVRD": "flavored",
    "FRD": "fried",
    "FRZ": "frozen",
    "FRZN": "frozen",
    "FS": "French style",
    "GDS": "goods",
    "GR": "ground",
    "GRND": "ground",
    "HANDKE": "handkerchiefs",
    "HYGN": "hygiene",
    "ICRM": "ice cream",
    "IQF": "frozen",
    "IWS": "wrapped",
    "JCE": "juice",
    "LIQ": "liquid",
    "MACH": "machine",
    "MLT": "multi",
    "MNERAL": "mineral",
    "MNRL": "mineral",
    "MRSHMLW": "marshmallow",
    "MW": "microwave",
    "MX": "mix",
    "MXS": "mixes",
    "MIXS": "mixes",
    "NOVELITIES": "novelties",
    "PC": "pieces",
    "PCKGD": "packaged",
    "PK": "pack",
    "PKG": "packaged",
    "PKT": "packet",
    "PLSTC": "plastic",
    "PNT": "peanut",
    "PNCH": "punch",
    "PRD": "product",
    "PREM": "premium",
    "PREP": "prepared",
    "PREPORTND": "portioned",
    "PRPCK": "prepacked",
    "PWDR": "powder",
    "REFRGRATD": "refrigerated",
    "REFRIG": "refrigerated",
    "REG": "regular",
    "RTE": "ready to eat",
    "RTS": "ready to serve",
    "RW": "random weight",
    "SALD": "salad",
    "SAUS": "sausage",
    "SFT": "soft",
    "SGL": "single",
    "SMKD": "smoked",
    "SNDWCH": "sandwich",
    "SNGL": "single",
    "SPECILATY": "specialty",
    "SPLY": "supply",
    "SPRD": "spread",
    "SRV": "serve",
    "SS": "single serve",
    "STK": "stick",
    "SUPPPLIES": "supplies",
    "SV": "serve",
    "SW": "sweet",
    "SYRP": "syrup",
    "TISS": "tissue",
    "TORT": "tortilla",
    "VEG": "vegetables",
    "VEND": "vending",
    "WATE": "water",
    "WHL": "whole",
    "WHLSM": "wholesome",
    "WT": "weight",
    "X": "extra",
}
_WHOLE_NAMES = {
    "FLUID MILK WHITE ONLY": "Fluid Milk, White Only",
    "SOFT DRINKS 12/18&15PK CAN CAR": "Soft Drinks, 12 to 18 Cans",
    "SOFT DRINKS 20PK&24PK CAN CARB": "Soft Drinks, 20 or 24 Cans",
    "SFT DRNK 2 LITER BTL CARB INCL": "Soft Drink, 2 Liter Bottle",
    "SFT DRNK SNGL SRV BTL CARB (EX": "Soft Drink, Single Bottle",
    "SFT DRNK MLT-PK BTL CARB (EXCP": "Soft Drink Bottles, Multipack",
    "YOGURT NOT MULTI-PACKS": "Yogurt, Single",
    "YOGURT MULTI-PACKS": "Yogurt, Multipack",
    "CANDY BARS (SINGLES)(INCLUDING": "Candy Bar",
    "CANDY BARS (MULTI PACK)": "Candy Bars, Multipack",
    "GASOLINE-REG UNLEADED": "Gasoline, Regular Unleaded",
    "BEERALEMALT LIQUORS": "Beer & Ale",
    "SS ECONOMY ENTREES/DINNERS ALL": "Frozen Dinner, Single, Value",
    "FRZN SS PREMIUM ENTREES/DNRS/N": "Frozen Dinner, Single, Premium",
    "FRZN SS PREMIUM ENTREES/DNRS/T": "Frozen Dinner, Single, Traditional",
    "FRZN MULTI SERVE ENTREES ALL": "Frozen Dinner, Family",
    "DAIRY CASE 100% PURE JUICE - O": "Orange Juice, Chilled",
    "DAIRY CASE JUICE DRNK UNDER 10": "Juice Drink, Chilled",
    "MAINSTREAM WHITE BREAD": "White Bread",
    "MAINSTREAM WHEAT/MULTIGRAIN BR": "Wheat & Multigrain Bread",
    "RTS SOUP: CHUNKY/HOMESTYLE ET": "Soup, Chunky & Homestyle",
    "IWS SINGLE CHEESE": "Cheese Slices, Wrapped",
    "NATURAL CHEESE EXACT WT CHUNKS": "Cheese, Natural, Piece",
    "NATURAL CHEESE EXACT WT SLICES": "Cheese, Natural, Slices",
    "NON-CRBNTD DRNKING/MNERAL WATE": "Water, Still",
    "SGL SV/VEND MACH SNACKS CHIP/P": "Snack Chips, Single Serve",
    "CHEESE CRACKERS (CHEEZ-ITS/GOL": "Cheese Crackers",
    "CANNED CAT FOOD (9 LIVES/FRISK": "Cat Food, Canned",
    "BUTTER SPRAY CRACKER (RITZ/CLU": "Butter Crackers",
    "SOUP CRACKERS (SALTINE/OYSTER)": "Soup Crackers, Saltine & Oyster",
    "MEXICAN SAUCESSALSAPICANTEE": "Salsa & Picante Sauce",
    "SEMI-SOLID SALAD DRESSING MAY": "Mayonnaise & Salad Dressing",
    "FACIAL TISSUE & PAPER HANDKE": "Facial Tissues",
    "SW GDS:DONUTS": "Donuts",
}
_VAGUE = {
    *(
        "ADULT",
        "BLENDS",
        "CHOICE",
        "DECOR",
        "ECONOMY",
        "ENHANCED",
        "GARDEN",
        "IMPORTED",
        "LEAN",
        "MAINSTREAM",
        "MISCELLANEOUS",
    ),
    *(
        "NATURAL",
        "ORGANIC",
        "PREMIUM",
        "PROMOTIONAL",
        "PRIMAL",
        "PRIME",
        "REGULAR",
        "SELECT",
        "SMOKED",
        "SPECIALTY",
        "STANDARD",
    ),
    *("TRADITIONAL", "VALUE"),
}
_UNITS = {
    "OZ": "oz",
    "LB": "lb",
    "CT": "ct",
    "ML": "ml",
    "L": "l",
    "IN": "in",
    "PK": "pack",
    "QT": "qt",
    "GA": "gal",
    "GAL": "gal",
    "PT": "pt",
    "PC": "pieces",
    "DZ": "dozen",
    "GM": "g",
    "FT": "ft",
    "SQ": "sq",
    "FL": "fl",
    "BTL": "bottle",
    "CTN": "carton",
    "LOAD": "loads",
    "LD": "loads",
    "LDS": "loads",
    "MED": "medium",
}
_MEASURES = {"qt", "gal", "pt", "lb", "dozen"}
_CODE_BEFORE = re.compile(r"^[A-Z ]{1,6}\s+(?=\d)")
_CASE = re.compile(r"(1[1-9]|[2-9]\d)(\.\d+)?( - \d+|-\d+)? (lb|ct)")
_SMALL = {"and", "or", "of", "with", "for", "the", "in", "to"}
_DROPPED = re.compile(r"\((BULK ?& ?BAG|BULK/PKG|ALL)\)")
_DROPPED_TAIL = re.compile(r"\([^)]*$|[:/&,\s-]+$")
_TOKEN = re.compile(r"[A-Z0-9%.']+|[^A-Z0-9%.']+")


def product_name(type_: str | None, category: str | None, department: str, size: str | None) -> str:
    """A name for the till and the receipt, with the size behind a dot: "Fluid Milk, White Only · 1 gal"."""
    name = _article_name(type_, category) or _spelled(department)
    written = size_name(size)
    if department == "PRODUCE" and written and _CASE.fullmatch(written):
        # The size of the case that the shop gets, not of what is sold.
        written = None
    return f"{name} · {written}" if written else name


@cache
def size_name(size: str | None) -> str | None:
    """A size in small letters: "12.5 OZ" becomes "12.5 oz"; "1 GA" becomes "1 gal". None when nothing can be read."""
    if size is None:
        return None
    words = re.findall(r"[A-Z]+|[0-9./-]+", _CODE_BEFORE.sub("", re.sub(r"\([^)]*\)?", "", size.upper())))
    written = " ".join(_UNITS.get(word, word.lower()) for word in words)
    if written in _MEASURES:
        return f"1 {written}"
    return written if any(character.isalnum() for character in written) else None


@cache
def _article_name(type_: str | None, category: str | None) -> str | None:
    if type_ is None:
        return _spelled(category) if category else None
    if type_ in _WHOLE_NAMES:
        return _WHOLE_NAMES[type_]
    if category and set(re.findall(r"[A-Z]+", type_)) <= _VAGUE:
        return f"{_spelled(category)}, {_spelled(type_)}"
    return _spelled(type_)


def _spelled(shorthand: str) -> str:
    """Whole words in title case; what was cut off at the end of a bracket is dropped."""
    bare = _DROPPED_TAIL.sub("", _DROPPED_TAIL.sub("", _DROPPED.sub("", shorthand).strip()))
    tokens = (_token(token) for token in _TOKEN.findall(bare))
    text = re.sub(r"\s+", " ", "".join(tokens)).strip(" ,-&/:")
    return text[:1].upper() + text[1:]


def _token(token: str) -> str:
    if not token[0].isalnum():
        return token.replace(":", ", ").replace("/", " & ").replace("&", " & ").replace(" - ", ", ").replace("-", " ")
    word = _SHORTHAND.get(token.strip("."), token).lower()
    return word if word in _SMALL else " ".join(part.capitalize() for part in word.split(" "))
