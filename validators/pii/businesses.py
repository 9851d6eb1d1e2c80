"""Names of businesses that hold somebody's name: "Menuiserie Delaunay", "Mehta Textiles"."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import regex

from validators.pii.keeping import IDENTIFIER_AFTER, KnownSpan
from validators.pii.tagger import NameLists

# What a business calls itself before its owner's name: mostly in the Romance languages.
_BEFORE = """
agence agencia agenzia agriturismo albergo alimentari assicurazioni atelier auberge auto autoscuola
autoscuole azienda banca banco bar barbería barbearia bazar bijouterie bistro bistrot boucherie
boulangerie brasserie cabinet cafe café caffè calzature camping carpintería carpintaria carrosserie
cartoleria casa cave caves cervejaria chalet charcuterie château cidrerie clínica clinica clinique
coiffure cofetaria confeitaria confiserie cordonnerie couture crêperie cremeria dentisti
distillerie domaine drogheria droguerie école edicola edil emballages enoteca épicerie escuela
estudio éditions farmacia farmácia ferme ferramenta ferretería finca fioraio fleuriste floristería
florista fondation fonderie fondazione forno frutería fundación galerie galleria galería garage
gastronomia gelateria gioielleria gîte gráfica groupe grupo gruppo heladería hostal hotel hôtel
hôtellerie immobiliare immobiliaria imprimerie inmobiliaria institut instituto istituto jardinerie
jardins joyería laboratoire laboratorio lanificio lavanderia legatoria librairie libreria librería
livraria locanda loja macelleria maison manoir marbrerie menuiserie meubles mercería molino moulin
moto négoce officina oficina oleificio opticien optique óptica ottica padaria palazzo palestra
panadería papelaria papelería papeterie parfumerie pastelaria pastelería pasticceria pâtisserie
peinture peluquería pensione pension pépinières pescadería pharmacie piscines pizzeria plomberie
poissonnerie posada pousada pressing quinta quincaillerie residência restaurant restaurante
résidence ristorante rosticceria salon salumificio sapataria sartoria savonnerie serrurerie
sidrería società société studio supermercado taberna taller talleres tapicería tapisserie tasca
tenuta teatro terme tipografia torrefazione tostadero tourisme trattoria vinos vinhos vivaio vivero
winery zapatería
autohaus bäckerei bäcker bierbrouwerij brauerei brouwerij buchhandlung bakkerij slagerij gasthaus
gasthof gärtnerei hof huisartsenpraktijk kaasboerderij kapsalon kanzlei konditorei landgasthof
metzgerei molkerei mühle notariaat notariskantoor optiker praktijk praxis reisebüro restaurante
schreinerei schlosserei schmiede schule slijterij tischlerei tandartspraktijk töpferei verlag
weingut wijnhuis winkel zimmerei
chez colegio collège conservatoire conservatorio consultorio cooperativa dolci éditeur ermita
fisioterapia floricultura gimnasio hamburguesería horchatería imobiliária inmobiliaria kinesiología
kurhaus lycée marisquería marroquinería masseria mesón micro-brasserie odontologia óticas parador
podere polleria pro residenz ristobar sagra scuola sorvetaria taberna tannery tenis traiteur velos
vélos vermutería vidraria villa vivai zahnarztpraxis ziegelei
apotheek basisschool boekhandel boerderij camping cheesery eetcafé fietsenwinkel gemeente hoeve
huidsalon kinderopvang kwekerij museum natuurwinkel opticien rijschool theater vishandel wasserij
"""
# What it calls itself behind that name.
_AFTER = """
academy accountants advisory agency antiques apparel appliances architects associates auctions
autos avocats bags bakehouse bakers bakery bank bar barbers bikes bindery biscuits blinds boatyard
books bookshop boutique brewery brewing brothers bros builders butchers cafe café cakes candles
capital carpentry carpets catering ceramics chemists chocolates cider cleaners cleaning
clinic clothing coaches coffee collective company confectionery construction consultancy consulting
cosmetics cottages creamery cycles dairy deli delicatessen dental dentists design designs digital
distillery dry-cleaners electrical electricals electronics energy engineering enterprises estate
estates events fabrics farm farms fashion films finance fisheries fishmongers fitness flooring
florist florists foods footwear foundation foundry framers framing fruits fuels funerals
furnishings furniture gallery garage garden gardens gin group guesthouse gym haulage heating
hearing holdings holidays homes honey hospital hotel ice-cream immobilier imports industries inn
insurance interiors ironmongers jam jams jewellers jewellery joinery kennels kitchen kitchens
knitwear labs landscapes landscaping laundry leather legal leisure lighting linens llp lodge
logistics machinery management market marketing media memorials metals millinery
motors museum music nurseries nursery oils opticians orchards organics outfitters paints partners
patisserie pharma pharmacy photography physio pianos pies pizza plastics plumbing potteries pottery
press preserves printers printing productions properties publishing recruitment recycling removals
repairs restaurant roasters roastery roofing salon saddlery school schools seafood seeds services
shoes shop silks smokehouse soaps software solicitors sons spices spirits stables stand stationers
stores studio studios supplies surgery surveyors systems tailoring tailors tea teas
technologies textiles theatre timber tools tours toys trading traiteur transport travel trust
upholstery vets veterinary vineyard vineyards watches weddings windows wines winery woodwork works
workshop yarns
aesthetics airways allotments alterations arcade artisans atelier aviation ballet bazaar
bicycles bistro blankets boats bouquets boxing bridal builders buildings campers caravans
carnival charters cheeses childcare chiropractic chocolate choir cinema college
comics cookery cookies cosmetology councils cricket daycare denim department diner
dispensary doughnuts drapers driving drones dyers eatery eyewear fabrication fayre ferries festival
fibres fireplaces fireworks floors floristry fragrances freight galleries games gelato gifts
glazing goods granola greengrocers grocers grooming groceries guitars hair hardware hats
health hire hospice housing ice insulation ironmongery juices karate keramik kiosk lamps
laundrette lettings library lifestyle locksmiths lounge luggage lunches marquees masonry meats
mechanics menswear metalwork mobility mortgages motorcycles motorhomes needlework nutrition optical
optics orchestra orthodontics osteopathy outdoors oysters packaging pantry parade parlour
patisserie pavilion payroll perfumes perfumery pets pharmaceuticals piano pictures pilates plants
podiatry podcast ponds pools pops primary prints provisions pub pubs quilts radio railway realtors
realty records refrigeration rentals riding rugs sailing saunas scaffolding scents sewing signs
skincare skis skin soap spa sports staffing stationery stays surf sweets swimming syrups takeaway
tannery tapas tattoo tavern taxis textile tiles tobacconists tonic towers treats trophies tuition
tutoring tyres uniforms upcycling vans ventures veterinarians vintage wallpapers warehouse
wealth weavers wellness whisky wholesalers wool yachts yoga zoo
apotheke architekten augenoptik backwaren bau bestattungen buchhandlung dachdecker druck edv
fahrräder feinkost fietsen fleischwaren gartenbau gärten gebäudereinigung getränke haustechnik
hoveniers heizung holzbau immobilien installatie kaffee keramik küchen landmaschinen lederwaren
logistik makelaars makelaardij malerbetrieb maschinenbau meubels mode möbel milch moden optik
reisen reizen sanitär schoenen schuhe söhne sohn solar spedition tabak transporte uhren verhuur
versicherungen weine wijnen zonen
confection fils frères hermanos hijos figli fratelli filhos irmãos joyeros abogados advogados
avvocati notaires traslochi vini viaggi viajes viagens voyages turismo trasporti arredamenti
costruzioni dolci gioielli moda muebles móveis salumi tessuti
"""
# Families are called the same, so an owner is to stand before it: "Rosa's Flowers".
_AFTER_OWNER = """
band bees care charity chambers church crafts dance flowers forge glass hall house law marine mills
park steel water wood
"""
_LEGAL_FORM = (
    r"(?:Ltd|Limited|LLC|LLP|Inc|PLC|plc|Corp|GmbH|AG|KG|OHG|UG|e\.K|SARL|SAS|SA|S\.A|SL|S\.L|SLU|"
    r"Srl|S\.r\.l|SpA|S\.p\.A|SNC|BV|B\.V|NV|N\.V|VOF|Lda|Ltda|Oy|AB|ApS|Co|& Co|& Sons|et Fils|"
    r"e Figli|y Hijos|en Zonen|und Söhne|& Söhne|& Sohn)\b"
)
_WORD = r"\p{Lu}[\p{L}\p{M}'-]*"
_LINK = (
    r"(?:de la |de los |de |del |della |dei |di |da |do |dos |des |du |d'|van der |van |von |zum |"
    r"zur |& |and |et |e |y |und |en )"
)


def _any(words: str) -> str:
    # Written with a capital, as names are.
    capitalised = {f"{word[0].upper()}{word[1:]}" for word in words.split()}
    return "|".join(sorted(capitalised, key=len, reverse=True))


# German and Dutch write the trade and its good as one word: "Gartenholz Brandt".
_COMPOUND = (
    r"\p{Lu}\p{Ll}+(?:apotheke|bäckerei|bad|bau|betrieb|brauerei|buchhandlung|center|druckerei|"
    r"fabrik|galerie|garten|gärtnerei|geschäft|handel|haus|hof|holz|hotel|installation|kanzlei|"
    r"keller|klinik|konditorei|laden|manufaktur|markt|metzgerei|möbel|mühle|pflege|praxis|"
    r"reinigung|rösterei|salon|schlosserei|schreinerei|schule|service|stube|studio|stüble|"
    r"technik|theater|verlag|verleih|weberei|werk|werke|werkstatt|zentrum|bakkerij|bedrijf|"
    r"boerderij|brouwerij|groep|huis|kwekerij|makerij|praktijk|school|slagerij|winkel|zaak)"
)
# "Restaurant Manager Anna Keller" works for one.
_ROLE = (
    r"(?:Manager|Owner|Founder|Chef|Director|Head|Guest|Customer|Client|Staff|Team|Leiter|Leiterin|"
    r"Chefin|Inhaber|Inhaberin|Kunde|Kundin|Gast|Directeur|Directrice|Gérant|Gérante|Client|"
    r"Cliente|Gerente|Dueño|Dueña|Director|Directora|Titolare|Direttore|Direttrice|Eigenaar|"
    r"Eigenaresse|Klant|Dono|Dona|Diretor|Diretora)\b"
)
_FIRST = regex.compile(
    rf"(?<![\p{{L}}\d])(?:{_any(_BEFORE)}|{_COMPOUND})(?! {_ROLE})(?: {_LINK}?{_WORD}){{1,3}}"
)
_LAST = regex.compile(
    rf"(?:(?<= (?:& )?)(?:{_any(_AFTER)}|{_LEGAL_FORM})|(?<='s )(?:{_any(_AFTER_OWNER)}))"
    # "Anna Keller Hotel Adlon" is a guest and her hotel.
    r"(?![\p{L}\d]| \p{Lu}\p{Ll})"
)
_BEFORE_LAST = regex.compile(rf"(?<![\p{{L}}\d'-])(?:{_WORD} (?:{_LINK})?){{1,3}}$")
_LONGEST_NAME = 80
# What stands before somebody's name, and so makes it one: "Guest Anna Keller Travel".
_NOT_OF_NAME = regex.compile(
    rf"(?:{_ROLE}|(?:Mr|Mrs|Ms|Dr|Frau|Herr|For|From|To|Re|By|Dear|Hi|Hello|Thank|Thanks|Order)\b)"
)


class Businesses:
    """Find names of businesses by the trade in them."""

    def __init__(self, names_of_people: NameLists) -> None:
        self._names_of_people = names_of_people

    def spans(self, text: str) -> Iterator[KnownSpan]:
        """Yield the names in a normalised text; they may overlap."""
        for match in _FIRST.finditer(text):
            if not IDENTIFIER_AFTER.match(text, match.end(), match.end() + 40):
                yield KnownSpan(*match.span(), True)
        for match in _LAST.finditer(text):
            before = _BEFORE_LAST.search(text, max(0, match.start() - _LONGEST_NAME), match.start())
            if before and not _NOT_OF_NAME.match(before[0]):
                yield KnownSpan(before.start(), match.end(), not self._is_full_name(before[0]))

    def _is_full_name(self, owner: str) -> bool:
        """Whether an owner may as well be a customer: "Anna Keller Travel insurance"."""
        kinds = [self._names_of_people.kind(word) for word in owner.split()]
        return any(
            given & NameLists.GIVEN and family & NameLists.FAMILY
            for given, family in itertools.pairwise(kinds)
        )
