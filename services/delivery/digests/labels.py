"""What the groups of a digest are called, by category and language."""

from typing import Final

from services.delivery.messages.domain import Category

_LANGUAGES: Final = ("en", "de", "fr", "es", "pt", "hi", "zh", "ja")

_WORDS: Final[dict[Category, tuple[str, ...]]] = {
    Category.PAYMENT: ("Payments", "Zahlungen", "Paiements", "Pagos", "Pagamentos", "भुगतान", "付款", "お支払い"),
    Category.REFUND: ("Refunds", "Erstattungen", "Remboursements", "Reembolsos", "Reembolsos", "धनवापसी", "退款", "返金"),
    Category.ORDER: ("Orders", "Bestellungen", "Commandes", "Pedidos", "Encomendas", "ऑर्डर", "订单", "ご注文"),
    Category.TAX_DOCUMENT: (
        "Tax documents", "Steuerunterlagen", "Documents fiscaux", "Documentos fiscales", "Documentos fiscais",
        "कर दस्तावेज़", "税务文件", "税務書類",
    ),
    Category.PAYOUT: ("Payouts", "Auszahlungen", "Versements", "Abonos", "Pagamentos recebidos", "भुगतान प्राप्तियाँ", "打款", "入金"),
    Category.EVENT_UPDATE: (
        "News of your events", "Neues zu Ihren Veranstaltungen", "Nouvelles de vos événements",
        "Novedades de sus eventos", "Novidades dos seus eventos", "आपके कार्यक्रमों की ख़बरें", "活动更新", "イベントのお知らせ",
    ),
    Category.TICKET: ("Tickets", "Tickets", "Billets", "Entradas", "Bilhetes", "टिकट", "门票", "チケット"),
    Category.EVENT_REMINDER: (
        "Reminders", "Erinnerungen", "Rappels", "Recordatorios", "Lembretes", "अनुस्मारक", "提醒", "リマインダー",
    ),
    Category.APPOINTMENT: ("Appointments", "Termine", "Rendez-vous", "Citas", "Marcações", "अपॉइंटमेंट", "预约", "ご予約"),
    Category.MEMBERSHIP_NOTICE: (
        "Your membership", "Ihre Mitgliedschaft", "Votre adhésion", "Su membresía", "A sua adesão", "आपकी सदस्यता", "会员", "会員情報",
    ),
    Category.PACKAGE_NOTICE: ("Your packages", "Ihre Pakete", "Vos forfaits", "Sus paquetes", "Os seus pacotes", "आपके पैकेज", "套餐", "パッケージ"),
    Category.LOYALTY_NOTICE: ("Your points", "Ihre Punkte", "Vos points", "Sus puntos", "Os seus pontos", "आपके अंक", "积分", "ポイント"),
    Category.OFFER: ("Offers", "Angebote", "Offres", "Ofertas", "Ofertas", "ऑफ़र", "优惠", "特典"),
    Category.NEWSLETTER: ("Newsletters", "Newsletter", "Lettres d’information", "Boletines", "Boletins", "समाचार पत्र", "资讯", "ニュースレター"),
    Category.ANNOUNCEMENT: ("Announcements", "Ankündigungen", "Annonces", "Anuncios", "Anúncios", "घोषणाएँ", "公告", "お知らせ"),
    Category.VISIT_FOLLOWUP: (
        "After your visit", "Nach Ihrem Besuch", "Après votre visite", "Tras su visita", "Após a sua visita",
        "आपकी यात्रा के बाद", "到访之后", "ご来店後のお知らせ",
    ),
    Category.REBOOKING: ("Book again", "Wieder buchen", "Réserver à nouveau", "Reservar de nuevo", "Reservar de novo", "फिर से बुक करें", "再次预订", "再予約"),
    Category.MEMBERSHIP_OFFER: (
        "Memberships", "Mitgliedschaften", "Adhésions", "Membresías", "Adesões", "सदस्यताएँ", "会员优惠", "会員特典",
    ),
    Category.PACKAGE_OFFER: ("Packages", "Pakete", "Forfaits", "Paquetes", "Pacotes", "पैकेज", "套餐优惠", "お得なパッケージ"),
    Category.WIN_BACK: ("We miss you", "Wir vermissen Sie", "Vous nous manquez", "Le echamos de menos", "Temos saudades suas", "हमें आपकी याद आती है", "想念您", "またのお越しを"),
    Category.BIRTHDAY: ("Birthday", "Geburtstag", "Anniversaire", "Cumpleaños", "Aniversário", "जन्मदिन", "生日", "お誕生日"),
    Category.ANNIVERSARY: ("Anniversary", "Jubiläum", "Date anniversaire", "Aniversario", "Data especial", "वर्षगाँठ", "周年", "記念日"),
    Category.FEEDBACK: ("Your opinion", "Ihre Meinung", "Votre avis", "Su opinión", "A sua opinião", "आपकी राय", "您的意见", "ご意見"),
    Category.LOYALTY: ("Loyalty", "Treueprogramm", "Fidélité", "Fidelidad", "Fidelidade", "निष्ठा कार्यक्रम", "忠诚计划", "ロイヤルティ"),
    Category.REFERRAL: ("Recommendations", "Empfehlungen", "Parrainage", "Recomendaciones", "Recomendações", "सिफ़ारिशें", "推荐", "ご紹介"),
    Category.CART: ("Your cart", "Ihr Warenkorb", "Votre panier", "Su carrito", "O seu carrinho", "आपकी कार्ट", "购物车", "カート"),
}  # fmt: skip


def label(category: Category, language: str) -> str:
    """Returns what a category is called in a language, in English where nobody translated it."""
    words = _WORDS.get(category)
    if words is None:
        return category.name.replace("_", " ").capitalize()
    base = language.replace("_", "-").split("-")[0].lower()
    return words[_LANGUAGES.index(base) if base in _LANGUAGES else 0]
