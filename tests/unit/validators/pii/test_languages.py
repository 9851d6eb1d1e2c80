"""Which languages a text has that names cannot be found in."""

from __future__ import annotations

import pytest

from validators.pii.languages import Languages

UNREAD = {
    "ru": "Напишите клиентке Анне Петровой о задержке заказа. Она ждёт ответа с понедельника.",  # noqa: RUF001
    "el": "Γράψτε ένα ευγενικό μήνυμα στη Μαρία Παπαδοπούλου για την καθυστέρηση της παραγγελίας.",  # noqa: RUF001
    "ar": "اكتب رسالة مهذبة إلى عميلتنا فاطمة الزهراء بشأن تأخر طلبها، فهي تنتظر منذ يوم الاثنين.",
    "ja": "佐藤花子さんに、ご注文の遅れについて丁寧なメールを書いてください。"
    "月曜日からお待ちいただいています。",
    "pl": "Napisz uprzejmą wiadomość do naszej klientki Anny Kowalskiej w sprawie opóźnionej "
    "przesyłki. Czeka od poniedziałku i jest bardzo niezadowolona z obsługi naszego sklepu.",
    "tr": "Müşterimiz Ayşe Yılmaz için geciken siparişi hakkında nazik bir mesaj yazın. "  # noqa: RUF001
    "Pazartesiden beri bekliyor ve hizmetimizden hiç memnun değil.",
    "da": "Skriv en venlig besked til vores kunde Mette Sørensen om den forsinkede levering. Hun "
    "har ventet siden mandag og er meget utilfreds med vores service.",
}
ENGLISH = (
    "Please write a friendly email to our customers about the new oat milk and the summer sale. "
    "The subject should be short, and the tone warm. Mention that the shop is open every day. "
)


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages()


@pytest.mark.parametrize(("code", "text"), UNREAD.items(), ids=UNREAD)
@pytest.mark.parametrize(
    ("before", "after"), [(0, 0), (1, 0), (3, 3), (40, 0), (200, 200)], ids=str
)
def test_tells_a_language_wherever_in_a_text_it_begins(
    languages: Languages, code: str, text: str, before: int, after: int
) -> None:
    assert languages.unread([ENGLISH * before + text + " " + ENGLISH * after]) == (code,)


def test_tells_each_of_many_in_order(languages: Languages) -> None:
    assert languages.unread(UNREAD.values()) == tuple(sorted(UNREAD))
    both = f"{UNREAD['ru']} {UNREAD['pl']}"
    assert languages.unread([both, UNREAD["ja"]]) == ("ja", "pl", "ru")


def test_tells_a_text_of_a_few_words_by_its_letters(languages: Languages) -> None:
    assert languages.unread(["Анна Петрова живёт в Москве"]) != ()
    assert languages.unread(["佐藤さんにメールを書いて"]) == ("ja",)


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH * 50,
        "Die neue Kollektion ist da, und wir freuen uns auf Ihren Besuch in unserem Geschäft.",
        "Scrivi un messaggio gentile alla nostra cliente Anna Rossi per il ritardo.",
        "Escreva uma mensagem simpática para a nossa cliente Ana Ferreira sobre o atraso.",
        # Names, numbers and codes.
        "Anna Kowalska, Piotr Wiśniewski, Katarzyna Wójcik, Agnieszka Kamińska, Tomasz Zieliński, "
        "Małgorzata Szymańska, Paweł Dąbrowski, Joanna Kozłowska, Krzysztof Jankowski",
        "Thank Владимир Ильин for order 4471 and send our best to the whole team in the office.",
        "Write about the wine of Μαρία and the bread of 佐藤花子, and keep it short and friendly.",
        "SKU-7719 ŻK-88213 https://sklep.example/zamowienia wiadomosc@sklep.example {{IMIĘ}}",
        "#OatMilk #Vegan #Barista #CoffeeTime #LinkInBio #Giveaway #Sale #SummerVibes " * 5,
        "for start in range(0, len(text), size):\n    yield text[start : start + size]\n" * 20,
        "Winner: 10 µg, 5 Ω, λ = 3",
        "",
    ],
)
def test_names_numbers_and_codes_are_of_no_language(languages: Languages, text: str) -> None:
    assert languages.unread([text]) == ()
