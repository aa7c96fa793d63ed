"""The footer of a marketing e-mail that does not name its sender or the way out (CAM-92, DEL-72)."""

from typing import Final

from markupsafe import escape

from services.common.languages import DEFAULT_LANGUAGE, base_language

# Unsubscribe, manage preferences.
WORDS: Final = {
    "en": ("Unsubscribe", "Manage preferences"),
    "hi": ("सदस्यता समाप्त करें", "प्राथमिकताएँ प्रबंधित करें"),
    "es": ("Darse de baja", "Gestionar preferencias"),
    "fr": ("Se désabonner", "Gérer les préférences"),
    "de": ("Abmelden", "Einstellungen verwalten"),
    "pt": ("Cancelar inscrição", "Gerenciar preferências"),
    "zh": ("退订", "管理偏好设置"),
    "ja": ("配信停止", "配信設定の変更"),
}
STYLE: Final = (
    "margin:24px auto 0;padding:16px;text-align:center;font:12px/1.5 Arial,sans-serif;color:#595959"
)


def words(language: str) -> tuple[str, str]:
    """The two labels in the language of the message."""
    return WORDS.get(base_language(language), WORDS[DEFAULT_LANGUAGE])


def html_footer(language: str, address: str | None, unsubscribe: str | None, preferences: str | None) -> str:
    """A footer of what is lacking; the links are given as attribute values."""
    unsubscribe_word, preferences_word = words(language)
    rows = [str(escape(line)) for line in (address or "").splitlines() if line.strip()]
    links = []
    if unsubscribe:
        links.append(f'<a href="{unsubscribe}" style="color:#595959">{unsubscribe_word}</a>')
    if preferences:
        links.append(f'<a href="{preferences}" style="color:#595959">{preferences_word}</a>')
    rows += [" &middot; ".join(links)] if links else []
    return f'<div class="footer" style="{STYLE}">{"<br>".join(rows)}</div>' if rows else ""


def text_footer(language: str, address: str | None, unsubscribe: str | None, preferences: str | None) -> str:
    """The same for the text part."""
    unsubscribe_word, preferences_word = words(language)
    rows = [line.strip() for line in (address or "").splitlines() if line.strip()]
    if unsubscribe:
        rows.append(f"{unsubscribe_word}: {unsubscribe}")
    if preferences:
        rows.append(f"{preferences_word}: {preferences}")
    return "\n\n" + "\n".join(rows) + "\n" if rows else ""
