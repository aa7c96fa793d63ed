"""The page of an export that people read: one file, no scripts, nothing loaded from elsewhere."""

import json
from datetime import datetime
from html import escape
from typing import Final
from uuid import UUID

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1a1a1a}"
    "h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid #ccc}"
    "dl{display:grid;grid-template-columns:minmax(9rem,16rem) 1fr;gap:.1rem 1rem;border-left:3px solid #ddd;"
    "padding-left:1rem;margin:.8rem 0}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}dt{color:#aaa}}"
    "@media print{dl{break-inside:avoid}}"
)

# Title, and the sentence below it; the names of fields are those of the JSON files beside the page.
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "en": ("Your data", "Everything that is stored about you. The same records, for machines, are in the folders beside."),
    "de": ("Ihre Daten", "Alles, was über Sie gespeichert ist. Dieselben Angaben liegen maschinenlesbar in den Ordnern daneben."),
    "es": ("Sus datos", "Todo lo que se guarda sobre usted. Los mismos registros, para máquinas, están en las carpetas adjuntas."),
    "fr": ("Vos données", "Tout ce qui est enregistré à votre sujet. Les mêmes données, pour les machines, sont dans les dossiers joints."),
    "hi": ("आपका डेटा", "आपके बारे में संग्रहीत सब कुछ। यही अभिलेख मशीनों के लिए साथ के फ़ोल्डरों में हैं।"),
    "ja": ("あなたのデータ", "あなたについて保存されているすべての情報です。同じ記録は機械可読の形で付属のフォルダーにあります。"),
    "pt": ("Seus dados", "Tudo o que está guardado sobre você. Os mesmos registros, para máquinas, estão nas pastas ao lado."),
    "zh": ("您的数据", "我们保存的所有与您有关的信息。相同的记录以机器可读的形式存放在随附的文件夹中。"),
}  # fmt: skip


def head(language: str, contact_id: UUID, at: datetime) -> str:
    """Returns the beginning of the page; a language that has no words of its own reads English."""
    known = language.partition("-")[0].lower()
    known = known if known in _WORDS else "en"
    title, sentence = _WORDS[known]
    return (
        f'<!doctype html><html lang="{known}"><head><meta charset="utf-8"><meta name="viewport"'
        ' content="width=device-width"><meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        f" style-src 'unsafe-inline'\"><title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>"
        f"<p><small>{contact_id} · {at:%Y-%m-%d %H:%M} UTC</small></p>\n"
    )


def begin_collection(service: str, name: str) -> str:
    """Returns the heading of a collection."""
    return f"<section><h2>{escape(name.replace('_', ' '))} <small>({escape(service)})</small></h2>\n"


def row(record: str) -> str:
    """Returns one record as a list of its fields; empty ones are left out."""
    fields = "".join(
        f"<dt>{escape(name.replace('_', ' '))}</dt><dd>{escape(_shown(value))}</dd>"
        for name, value in json.loads(record).items()
        if value not in (None, "", [], {})
    )
    return f"<dl>{fields}</dl>\n"


def end_collection() -> str:
    """Returns the end of a collection."""
    return "</section>\n"


def foot() -> str:
    """Returns the end of the page."""
    return "</body></html>\n"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
