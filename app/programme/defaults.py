"""Harvest, the invented grocer of the demonstration, and what a new installation starts with."""

from app.programme.models import Programme

HARVEST: Programme = {
    "_id": "prg_4861727665737400000000a1",
    "name": "Harvest",
    "currency": "USD",
    "zone": "America/New_York",
    "languages": ["en", "de", "es", "ar"],
    "region": "US",
    "brand_hue": 150.0,
    "points_one": "point",
    "points_other": "points",
    "tiers": [
        {
            "id": "bronze",
            "name": "Bronze",
            "rank": 0,
            "threshold": 0,
            "multiplier": "1",
            "benefits": ["1 point for every dollar", "Member prices"],
        },
        {
            "id": "silver",
            "name": "Silver",
            "rank": 1,
            "threshold": 500,
            "multiplier": "1.1",
            "benefits": ["10% more points", "A birthday treat from the bakery"],
        },
        {
            "id": "gold",
            "name": "Gold",
            "rank": 2,
            "threshold": 1500,
            "multiplier": "1.25",
            "benefits": ["25% more points", "Free coffee with every visit", "First look at seasonal boxes"],
        },
        {
            "id": "platinum",
            "name": "Platinum",
            "rank": 3,
            "threshold": 4000,
            "multiplier": "1.5",
            "benefits": ["50% more points", "Free home delivery", "A seat at the harvest table each autumn"],
        },
    ],
    "tier_period": "rolling_12_months",
    "earning": {"pending_days": 0, "expiry": {"model": "rolling", "months": 12, "round": "month"}},
    "return_policy": {"deficit": "unlimited"},
    "pay_with_points": {"points_per_unit": 100, "minimum": 100, "maximum_share": 50},
    "reservation_minutes": 1440,
    "adjust_limit": {"agent": 500, "agent_lead": 5_000, "admin": 50_000},
}
