"""Numbers by which a company knows an order or a customer: a cue, and then a value."""

from __future__ import annotations

from validators.pii.entities import EntityType
from validators.pii.shapes import AFTER_CUE, LONG_NUMBER, Shape, exact_shape, shape

# Letters with digits, four digits, or groups of digits; no year, no amount, no clock time.
_ONE_WORD = (
    r"(?=\S*\p{L}[\w/.-]*\d|\d[\w/-]*\p{L}|\d{4,}|\d+[-/]\d)(?=[\w/-]*\d)"
    r"(?!(?:19|20)\d\d(?:\b(?![/-]\w))|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d+-\p{L}{4,}|"
    r"\d+(?:st|nd|rd|th|x|px|g|kg|ml|cl|l|cm|mm|m|min|h|pm|am|pcs|k|er|e|º|ª|%)\b)"
    r"[\p{L}\d](?:[\p{L}\d_]|[-/.](?=[\p{L}\d])){2,39}"
)
# The groups of a parcel number: "JD0146 0009 8812 4471", "6A 18842 77310 5", "DPD 1550 2211 09".
_GROUPS = (
    r"(?:\p{Lu}{1,4}(?:-\p{L})? )?(?=\w{1,8} \d)\p{Lu}{0,4}\d{1,8}\p{Lu}?"
    r"(?: \d{2,10}\b){1,6}(?: \d\b)?|"
    r"\p{Lu}{1,4}(?:-\p{L})? (?=[\d./-]*\d{3})\d[\d./-]{2,20}\d"
)
_VALUE = rf"(?P<value>(?-i:{_GROUPS})|{_ONE_WORD})(?![\w]|[.,]\d|\s?[€$£%])"

_ORDERS = (
    r"orders?|bookings?|tickets?|invoices?|cases?|quotes?|claims?|parcels?|package|tracking|"
    r"reservations?|confirmation|shipments?|rentals?|returns?|rma|refund|receipt|consignment|po|"
    r"purchase order|stay|voucher id|transaction|dossier|delivery note|waybill|"
    # German, French, Spanish, Italian, Dutch, Portuguese.
    r"bestell(?:ung|nummer|nr|-nr)?|rechnung(?:snummer|snr|s-nr)?|auftrag(?:snummer|snr)?|"
    r"buchung(?:snummer|scode|snr)?|vorgang(?:snummer|snr)?|paket|sendung(?:snummer)?|angebot|"
    r"reservierung|aktenzeichen|ticketnummer|lieferschein|fall(?:nummer)?|gutschrift|"
    r"commande|cmd|facture|colis|r[ée]servation|devis|s[ée]jour|num[ée]ro de suivi|suivi|r[ée]f|"
    r"remboursement|"
    r"pedido|factura|env[ií]o|presupuesto|encargo|bulto|reserva|paquete|seguimiento|"
    r"expediente|albar[áa]n|ordine|fattura|preventivo|prenotazione|spedizione|pratica|pacco|"
    r"bestelling|bestelnummer|ordernummer|factuur(?:nummer)?|offerte|boeking|pakket|zending|"
    r"reservering|zaaknummer|encomenda|fatura|or[çc]amento|remessa|protocolo|nota fiscal"
)
_CUSTOMERS = (
    r"customers?|members?|membership|accounts?|acct|acc|users?|username|login|donor|client|loyalty|"
    r"(?:loyalty|club|member(?:ship)?|gift|\p{Lu}?\p{L}{3,12}) card|subscriber|patient|employee|"
    r"student|policy|contract|online(?= id)|vendor|supplier|partner|"
    r"kunden?|kunden-?(?:nummer|nr)|mitglied(?:s?-?(?:nummer|nr))?|nutzer|benutzer(?:name)?|konto|"
    r"vertrag(?:snummer)?|partnernummer|versicherten-?(?:nummer|nr)|abonnent|spender(?:in)?|"
    r"cliente|compte|adh[ée]rent(?:e)?|abonn[ée]e?|fid[ée]lit[ée]|carte(?: de)? fid[ée]lit[ée]|"
    r"membre|donateur|identifiant|contrat|socio|socia|abonad[oa]|cuenta|tarjeta|usuario|"
    r"miembro|afiliad[oa]|contrato|tessera|utente|conto|abbonat[oa]|contratto|"
    r"klant|klant(?:en)?-?(?:nummer|nr)|lid|lid(?:maatschaps)?-?(?:nummer|nr)|relatie(?:nummer)?|"
    r"gebruiker|abonnee|donateurs?|conta|s[óo]ci[oa]|cart[ãa]o|utilizador|usu[áa]ri[oa]|"
    r"benfeitora?|assinante|associad[oa]|membro"
)

_ORDER_SIGN = (
    r"order|booking|ticket|invoice|case|quote|claim|parcel|package|tracking|reserv|confirmation|"
    r"shipment|rental|return|rma|refund|receipt|consignment|po|stay|voucher|transaction|dossier|"
    r"delivery|waybill|bestel|rechnung|auftrag|buchung|vorgang|paket|sendung|angebot|"
    r"aktenzeichen|lieferschein|fall|gutschrift|commande|cmd|facture|colis|réserv|devis|jour|"
    r"suivi|r[ée]f|remboursement|pedido|factura|env[ií]o|presupuesto|encargo|bulto|paquete|"
    r"seguimiento|expediente|albar|ordine|fattura|preventivo|prenotazione|spedizione|pratica|"
    r"pacco|factuur|offerte|boeking|pakket|zending|zaak|encomenda|fatura|or[çc]amento|remessa|"
    r"protocolo|nota"
)

SHAPES: tuple[Shape, ...] = (
    shape(
        EntityType.ORDER_ID,
        rf"\b(?:{_ORDERS})(?:_?(?:id|ref|no|number))?{AFTER_CUE}{_VALUE}",
        0.88,
        _ORDER_SIGN,
    ),
    shape(
        EntityType.ORDER_ID,
        rf"\b(?:{_ORDERS})\b[^\n#]{{0,12}}#(?P<value>[\w-]{{0,8}}\d{{2,}}[\w-]*)",
        0.88,
        "#",
    ),
    shape(EntityType.ORDER_ID, r"(?<![\w&])#(?P<value>\d{5,12})\b", 0.6, "#"),
    exact_shape(
        EntityType.ORDER_ID,
        r"\b(?:ORD|ORDER|INV|TKT|RMA|BKG|CASE|SO|PO|RES|REF|TICKET)[-/]\w*\d[\w/-]*\b",
        0.85,
        r"(?:ord|order|inv|tkt|rma|bkg|case|so|po|res|ref|ticket)[-/]\S*\d",
    ),
    # By the carrier's own spelling: UPS, and the S10 numbers of the post offices.
    exact_shape(
        EntityType.ORDER_ID,
        r"\b(?:1Z[0-9A-Z]{16}|[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2})\b",
        0.75,
        LONG_NUMBER,
    ),
    shape(
        EntityType.CUSTOMER_ID,
        rf"\b(?:{_CUSTOMERS})(?:_?(?:id|ref|no|number))?{AFTER_CUE}{_VALUE}",
        0.87,
        r"\d",
    ),
    exact_shape(
        EntityType.CUSTOMER_ID,
        r"\b(?:CUST|CUS|cus|cust|MEM|ACC|acc|ACCT|acct|USR|usr|user|KD|KDNR|CLT)[-_/]\w*\d[\w-]*\b",
        0.85,
        r"(?:cust?|mem|acct?|usr|user|kd|kdnr|clt)[-_/]\S*\d",
    ),
    # {"id":"L-8801", ...}: the rows of somebody's table.
    shape(
        EntityType.CUSTOMER_ID,
        r"[{,\[\s]\\?[\"'](?:id|uid|u|user_?id|guid)\\?[\"']\s?:\s?\\?[\"']"
        r"(?P<value>[\p{L}]{0,12}[-_]?\d{2,12}[\w-]{0,40})\\?[\"']",
        0.6,
        r"[\"']\s?:\s?\\?[\"']",
    ),
    # The person at a network of their own, after its name.
    shape(
        EntityType.CUSTOMER_ID,
        r"\b(?:username|user name|handle|insta(?:gram)?|ig|tiktok|twitter|telegram|snap(?:chat)?|"
        r"discord|benutzername|pseudo|usuario|nome utente|gebruikersnaam|utilizador|"
        r"(?:her|his|their) (?:x|account))(?: (?:handle|name|is|account))?[\s:=\"'(]{1,4}"
        r"(?P<value>@[\w.]{2,30}\w)",
        0.8,
        "@",
    ),
    shape(
        EntityType.CUSTOMER_ID,
        r"\b(?:device[_ -]?id|idfa|gaid|aaid|advertising id|imei|serial(?: (?:no|number))?|"
        r"cookie(?:[_ -]?id)?|session[_ -]?id|visitor[_ -]?id|_ga|fbp|gclid|client[_ -]?id|"
        r"mac(?:[_ -]?address)?|geräte-?id|ger[äa]tekennung)\b\.?(?: is)?[\s:=\"'#(]{1,4}"
        r"(?P<value>(?=[\w:.-]*\d)[\w:.-]{8,80}\w)",
        0.8,
        r"id|imei|serial|cookie|_ga|fbp|mac|ger[äa]t",
    ),
    shape(
        EntityType.CUSTOMER_ID,
        r"(?<![\w:.-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![\w:.-])",
        0.7,
        r"[0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2}[:-]",
    ),
)
