"""A browser in two words for a list of sessions: "Firefox on Windows". No more is kept of it."""

# What a browser says of itself -> its word; the first that is found wins, so Edge before Chrome
# (which Edge also says it is) and Chrome before Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
UNKNOWN = "Unknown browser"


def in_words(user_agent: str) -> str:
    """'Chrome on Windows' for a User-Agent header; what it does not say is left out."""
    browser = next((word for sign, word in _BROWSERS if sign in user_agent), UNKNOWN)
    system = next((word for sign, word in _SYSTEMS if sign in user_agent), "")
    return f"{browser} on {system}" if system else browser
