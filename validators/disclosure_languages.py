"""The words of seven languages in which a text says that AI wrote it (DOMAIN.md 2.5).

Data alone: how the words are put together is in `validators.disclosure_wordings`. Everything is
in lower case and without accents; entries are separated by commas and may hold spaces.
"""

from __future__ import annotations

from dataclasses import dataclass


def _words(listed: str) -> frozenset[str]:
    return frozenset(word.strip() for word in listed.split(","))


@dataclass(frozen=True)
class Language:
    """One language, by the part that each word plays in a disclosure.

    - `agents` can write by themselves ("AI"); `machines` only next to a text ("bot wrote the
      caption");
    - `label` is an expression for one word that is agent and making in one ("AI-written");
    - `made` are the forms that tell what happened; `make` those that need a text they point at;
    - `by` links a making to its agent; `this` points at a text, `own` does if a text follows;
    - `texts` are what is written, one of them or several; `one_text` are those of which a text
      that is one can say so without pointing ("caption by AI, photo by Jo");
    - `small` may stand between; `prepositions` hang a text on the noun before it;
    - `remarks` open a remark about review or sources, whose words are free;
    - `denials` make a clause say the opposite, or leave it open;
    - `introduction` is an expression by which a chatbot says what it is;
    - `frequent` are words that tell the language apart;
    - `shared` are frequent ones that English shares with another language, be it by chance or in
      names and loans ("la carte", "Le Mans", "non-stick"), and `letters` are letters that English
      has in loans alone.

    A word with an apostrophe at its end is written together with the next one ("l'eau").
    """

    code: str
    agents: frozenset[str]
    machines: frozenset[str]
    label: str
    made: frozenset[str]
    make: frozenset[str]
    by: frozenset[str]
    texts: frozenset[str]
    one_text: frozenset[str]
    this: frozenset[str]
    own: frozenset[str]
    small: frozenset[str]
    prepositions: frozenset[str]
    remarks: frozenset[str]
    denials: frozenset[str]
    introduction: str
    frequent: frozenset[str]
    shared: frozenset[str]
    letters: str


# Names that are nobody's first name: a "Claude" may well have written a menu by hand.
_PRODUCTS = "chatgpt, chat gpt, gpt, gpt-4, gpt-4o, gpt-5, copilot, gemini, llm, perplexity"
_TEXTS = "post, posts, blog, newsletter, e-mail, email, mail, sms, tweet, caption, whatsapp, script"

ENGLISH = Language(
    code="en",
    agents=_words(
        "ai, genai, artificial intelligence, artifical inteligence, machine intelligence, "
        "language model, language models, large language model, large language models, llms, "
        "generative model, neural network, text generator, ai model, ai models, ai text model, "
        "ai assistant, ai writing assistant, ai writing tool, ai system, ai text system, ai tool, "
        f"ai tools, ai chatbot, ai language tool, {_PRODUCTS}"
    ),
    machines=_words("machine, robot, bot, chatbot, computer, computer program, software"),
    label=(
        r"(?:ai|artificial-intelligence|gpt|chatgpt|llm|machine|robot)-?"
        r"(?:generated|written|drafted|assisted|created|authored|produced|composed|made)"
        r"|human-(?:reviewed|edited|checked) ai"
    ),
    made=_words(
        "written, created, made, drafted, produced, generated, co-written, edited, translated, "
        "summarised, summarized, authored, composed, prepared, worded, scripted, typed, phrased, "
        "penned, wrote, came up with, cooked up, put together, thought up, assembled, compiled, "
        "came, comes, originates, work, product, output, helped, assisted, auto-written"
    ),
    make=_words(
        "write, writes, draft, drafts, create, creates, produce, compose, writing, edit, finish"
    ),
    by=_words("with, by, using, through, via, w, help, assistance, support, aid, from, of, out of"),
    texts=_words(
        "text, texts, copy, content, contents, article, articles, newsletters, emails, e-mails, "
        "mails, message, messages, msg, description, descriptions, page, pages, website, story, "
        "answer, reply, thread, ad, ads, advert, summary, publication, update, guide, listing, "
        "skeet, note, notice, release, letter, letters, words, wording, sentences, lines, "
        "captions, paragraphs, prose, blurb, invitation, intro, column, announcement, thank-you, "
        f"first draft, author, copywriter, {_TEXTS}"
    ),
    one_text=_words(
        "text, copy, post, caption, tweet, skeet, blurb, article, newsletter, e-mail, email, mail, "
        "message, description, listing, thread, note, words"
    ),
    this=_words(
        "this, these, the following, you are reading, you're reading, you read, you see, "
        "you're about to hear, you're about to read"
    ),
    own=_words("our, my"),
    small=_words(
        "was, is, were, are, been, be, being, has, have, had, and, but, then, or, us, we, i, it, "
        "that, which, a, an, the, to, in, on, of, for, at, partly, parts, part, portions, some, "
        "all, every, entirely, fully, automatically, also, too, here, below, above, ahead, one, "
        "first, version, original, disclosure, disclaimer, label, heads up, yes, please, contains, "
        "include, includes, including, used, use, let, asked, generative, team, humans, human, "
        "human-reviewed, human-approved, human-edited, human-checked, press, product, whole, "
        "transparency, editor, editors, staff, person, people, care, because, "
        "after, before, so, now, today, just, help, helps, from, with, by, called, "
        "no person, no human, not a person, not a human"
    ),
    prepositions=_words("in, on, of, for, at, from, to, with"),
    remarks=_words(
        "reviewed, checked, double-checked, approved, verified, vetted, signed off, proofread, "
        "fact-checked, supervised, overseen, "
        "human-edited, corrected, finished, polished, edited by, edited and, read by, from our, "
        "from my, from the, on the basis of, based on"
    ),
    denials=_words(
        "not, no, never, isn, wasn, aren, weren, don, doesn, didn, without, zero, non, neither, "
        "nor, none, nothing, 0, hardly, won, wouldn, cannot, if, whether"
    ),
    introduction=(
        r"\b(?:i'?m|i am) (?:(?:\w+ )?[\w-]+, )?(?:(?:an?|the|your|our|only|just) )*"
        r"(?:(?!not|no)\w+ )?"
        r"(?:ai|automated|chatbot|bot|language model|software|computer program|robot|ai-powered|"
        r"virtual assistant powered by ai)\b"
        r"|\bi run on (?:ai|artificial intelligence)\b"
        r"|\b(?:this is|you'?ve reached|answered by) (?:(?:an?|our|the) )?(?:automated|ai)\b"
        r"|\b(?:you'?re|you are|you were) (?:chatting|talking|speaking) (?:with|to) "
        r"(?:(?:an?|our|the) )?(?:ai|automated|virtual|bot|chatbot|computer|robot|machine)\b"
        r"|(?:^|[.!?:|\n] ?|#\w+ )automated (?:ai )?(?:assistant|helper)\b"
        r"|\b(?:robot|chatbot|bot|ai) (?:assistant )?(?:here|speaking)\b"
        r"|\bai assistant of\b|\bai replies\b"
    ),
    frequent=_words(
        "the, and, of, to, our, your, with, for, this, you, are, from, it, new, get, now, that, "
        "have, has, be, who, what, how, my, by, not, up, out, just, at, it's, free, every, when, "
        "where, which, they, their, there, these, those, than, into, more, need, needed, would, "
        "could, should, can, been, were, if, about, before, after, only, its, them, then, us, "
        "because, any, some, until, off, but, all, here, one, day, today, make, want, back, "
        "still, two, fresh, daily, week, morning"
    ),
    shared=_words("is, was, we, a, an, as, in, on, or, so, no, do, will, over, i, he, me, am"),
    letters="",
)

GERMAN = Language(
    code="de",
    agents=_words(
        "ki, kunstliche intelligenz, kunstlicher intelligenz, kunstlichen intelligenz, "
        "generative ki, generativer ki, sprachmodell, sprachmodells, ki-sprachmodell, ki-modell, "
        f"ki-assistent, ki-assistenten, ki-tool, ki-system, textgenerator, {_PRODUCTS}"
    ),
    machines=_words("maschine, maschinell, roboter, bot, chatbot, computer, software"),
    label=r"ki-?(?:generiert\w*|erstellt\w*|geschrieben\w*|verfasst\w*|unterstutzt\w*|gestutzt\w*)",
    made=_words(
        "erstellt, verfasst, generiert, geschrieben, erzeugt, formuliert, getextet, getippt, "
        "entworfen, eingesetzt, genutzt, verwendet, stammt, stammen, entstanden, schreiben lassen"
    ),
    make=_words("schreibt, textet, schreiben, verfassen"),
    by=_words(
        "mit, mithilfe, mit hilfe, mit unterstutzung, unter einsatz, von, vom, durch, aus, "
        "mit einsatz"
    ),
    texts=_words(
        "text, texte, beitrag, artikel, inhalt, inhalte, inhalten, beschreibung, seite, website, "
        "nachricht, werbetext, produkttext, artikeltext, zeilen, satze, wortlaut, ratgeber, brief, "
        f"mitteilung, pressemitteilung, anzeige, anzeigentext, meldung, {_TEXTS}"
    ),
    one_text=_words(
        "text, beitrag, artikel, artikeltext, produkttext, beschreibung, nachricht, post, caption, "
        "tweet, sms, mail, newsletter"
    ),
    this=_words("dieser, diese, dieses, diesen, diesem, hier"),
    own=_words("unsere, unser, unseren, unserem, unserer, meine, mein"),
    small=_words(
        "wurde, wurden, ist, sind, hat, haben, wir, ich, und, dann, auch, ein, eine, einer, einen, "
        "einem, der, die, das, den, dem, des, fur, auf, in, im, von, zum, teil, teilweise, "
        "enthalt, hinweis, kennzeichnung, redaktion, team, uns, autor, autorin, text, ja, selbst, "
        "redaktioneller, redaktionell, transparenz, unserer, unserem, vollstandig, automatisch, "
        "werden, alle, jede, jeder, heute"
    ),
    prepositions=_words("in, im, auf, von, fur, zu, mit, zum"),
    remarks=_words(
        "gepruft, redaktionell gepruft, durchgesehen, nachgepruft, "
        "gegengelesen, uberarbeitet, uberpruft, "
        "freigegeben, bearbeitet, korrigiert, kontrolliert, aus unserem, aus unseren, nach unseren"
    ),
    denials=_words("nicht, kein, keine, keinen, keiner, keinem, ohne, nie, niemals, null, ob"),
    introduction=(
        r"\bich bin (?:(?:\w+ )?[\w-]+, )?(?:nur |ein |eine |der |die |das )*"
        r"(?:ki|bot|chatbot|computerprogramm|programm|virtueller|automatischer|sprachmodell)\b"
        r"|\b(?:sie chatten|du chattest|sie sprechen|du sprichst|sie schreiben|du schreibst) "
        r"(?:hier )?mit (?:einer|einem|unserer|unserem|der|dem) "
        r"(?:ki|bot|chatbot|automatischen|virtuellen|computerprogramm)\b"
    ),
    frequent=_words(
        "der, das, und, ist, mit, fur, wir, ihr, ihre, ihren, ihrem, sie, ein, eine, einen, "
        "einem, einer, nicht, auf, dem, zu, zur, zum, vom, uns, unser, unsere, unseren, unserem, "
        "unserer, ich, bei, beim, jetzt, auch, wie, noch, dass, sind, wird, werden, hat, haben, "
        "oder, aber, nur, nach, uber, bis, dein, deine, deinen, euch, mehr, schon, wenn, kein, "
        "keine, ohne, durch, immer, heute, aus, mich, mir, dir, kann"
    ),
    shared=_words("die, den, am, im, in, an, so, es, von, war, was, will, alle, um, als, hier"),
    letters="äöüß",
)

FRENCH = Language(
    code="fr",
    agents=_words(
        "ia, intelligence artificielle, inteligence artificielle, modele de langage, "
        f"systeme d'ia, systeme d'ia generative, ia generative, generateur de texte, {_PRODUCTS}"
    ),
    machines=_words("machine, robot, bot, chatbot, ordinateur, logiciel"),
    label=r"ia-(?:genere|assiste)\w*",
    made=_words(
        "genere, generee, generes, generees, cree, creee, crees, creees, redige, redigee, rediges, "
        "redigees, ecrit, ecrite, ecrits, ecrites, assiste, assistee, produit, produite, realise, "
        "realisee, compose, composee, concu, concue, tape, pondu, pondue, issu, issue, sorti, "
        "utilise, traduit"
    ),
    make=_words("ecrit, redige, ecrire, rediger, aide"),
    by=_words("par, avec, grace a, a l'aide de, a l'aide, avec l'aide de, d, de, aide"),
    texts=_words(
        "texte, textes, contenu, contenus, article, billet, page, site, message, description, "
        "legende, fiche, publication, courriel, courriels, lettre, lettre d'information, "
        f"communique, annonce, mots, lignes, phrases, paragraphes, redaction, {_TEXTS}"
    ),
    one_text=_words(
        "texte, legende, message, article, billet, description, fiche, post, tweet, sms, mail"
    ),
    this=_words("ce, cet, cette, ces"),
    own=_words("notre, nos, mon, mes"),
    small=_words(
        "a, ont, est, sont, ete, et, puis, en, partie, un, une, le, la, les, l, d, de, du, des, "
        "notre, nous, avons, pour, que, qui, c, par, avec, dans, sur, contient, avis, mention, "
        "note, redaction, equipe, auteur, attention, aussi, oui, ps, entierement, generative, "
        "suivent, j, ai, s, se, contenu, aide"
    ),
    prepositions=_words("de, du, dans, sur, pour, en, des"),
    remarks=_words(
        "relu, relue, relus, relues, approuve, signe et, verifie, "
        "verifiee, valide, validee, controle, controlee, "
        "corrige, corrigee, revu, revue, relecture, a partir de, d'apres"
    ),
    denials=_words("pas, non, sans, aucun, aucune, jamais, ni, n, zero, rien, si"),
    introduction=(
        r"\bje suis (?:(?:\w+ )?[\w-]+, )?(?:qu'|un |une |l'|le |la |votre )*(?:[\w]+ )?"
        r"(?:ia|bot|chatbot|programme|automatise|robot)\b"
        r"|\bvous (?:discutez|echangez|parlez|chattez) (?:avec|a) (?:une? |notre |l')"
        r"(?:\w+ )?(?:ia|bot|chatbot|robot|automatise|automatique|programme)\b"
    ),
    frequent=_words(
        "les, des, et, est, une, vous, nous, votre, vos, notre, nos, avec, dans, sur, qui, que, "
        "ce, cette, ces, aux, pas, il, elle, ils, je, sont, sans, tout, toute, tous, toutes, "
        "mais, ou, ses, leur, leurs, chez, ici, bien, etre, fait, mes, comme, depuis, chaque, "
        "c', d', j', l', n', qu', s'"
    ),
    shared=_words("la, le, un, de, du, en, au, par, plus, pour, se, son, on, d, si"),
    letters="éèêëàâçîïôûùœ",
)

SPANISH = Language(
    code="es",
    agents=_words(
        "ia, inteligencia artificial, modelo de lenguaje, sistema de ia, ia generativa, "
        f"{_PRODUCTS}"
    ),
    machines=_words("maquina, robot, bot, chatbot, ordenador, software"),
    label=r"ia-(?:generad|asistid)\w*",
    made=_words(
        "generado, generada, generados, generadas, creado, creada, creados, creadas, redactado, "
        "redactada, redactados, redactadas, escrito, escrita, escritos, escritas, asistido, "
        "asistida, producido, producida, hecho, hecha, elaborado, elaborada, procede, juntado, "
        "usado, utilizado, traducido"
    ),
    make=_words("escribe, redacta, escribir, redactar"),
    # "Lo ha escrito una IA": the author follows the clitic.
    by=_words("por, con, mediante, usando, de, ayuda, ayuda de, lo ha, la ha, los ha, las ha"),
    texts=_words(
        "texto, textos, contenido, contenidos, articulo, entrada, mensaje, pagina, web, "
        "descripcion, correo, boletin, publicacion, ficha, nota, palabras, letras, frases, "
        f"redaccion, guion, anuncio, carta, comunicado, {_TEXTS}"
    ),
    one_text=_words(
        "texto, redaccion, articulo, mensaje, descripcion, ficha, post, tweet, sms, correo, boletin"
    ),
    this=_words("este, esta, estos, estas, esto"),
    own=_words("nuestro, nuestra, nuestros, nuestras, mi, mis"),
    small=_words(
        "ha, han, sido, se, es, son, fue, fueron, esta, y, un, una, el, la, los, las, lo, de, del, "
        "en, para, que, quien, con, hemos, parte, contiene, aviso, nota, por, nuestro, nuestra, "
        "equipo, autor, si, hoy, redaccion, edicion, totalmente, por completo, tambien, "
        "generativa, su"
    ),
    prepositions=_words("de, del, en, para, sobre"),
    remarks=_words(
        "revisado, revisada, revisados, repasado, comprobada, aprobado, "
        " verificado, verificada, corregido, corregida, supervisado, "
        "comprobado, editado, editada, revision, a partir de"
    ),
    denials=_words("no, sin, ningun, ninguna, nunca, ni, nada, cero, jamas, si no"),
    introduction=(
        r"\bsoy (?:(?:\w+ )?[\w-]+, )?(?:solo |un |una |el |la |tu |su )*(?:\w+ )?(?:de )?"
        r"(?:ia|bot|chatbot|programa|robot|automatico|virtual con ia)\b"
        r"|\b(?:estas|esta) (?:hablando|chateando|conversando) con (?:una? |nuestra |nuestro |el )"
        r"(?:\w+ )?(?:de )?(?:ia|bot|chatbot|robot|automatico|automatica|programa)\b"
        r"|\bte atiende un(?:a)? (?:asistente automatico|ia|bot)\b"
    ),
    frequent=_words(
        "el, y, es, una, para, con, por, sus, tu, tus, nuestro, nuestra, nuestros, nuestras, "
        "que, del, mas, ya, hoy, todo, todos, todas, como, este, esta, estos, desde, muy, nos, "
        "pero, cuando, donde, ahora, cada, hasta, ha, han, hay, tiene, usted, tambien, sobre, "
        "mi, quien, porque"
    ),
    shared=_words("la, los, las, lo, un, en, de, se, sin, no, al, su, me, o, e, solo"),
    letters="ñ¿¡áíóú",
)

ITALIAN = Language(
    code="it",
    agents=_words(
        "ia, intelligenza artificiale, modello linguistico, sistema di ia, ia generativa, "
        f"{_PRODUCTS}"
    ),
    machines=_words("macchina, robot, bot, chatbot, computer, software"),
    label=r"ia-(?:generat|assistit)\w*",
    made=_words(
        "generato, generata, generati, generate, creato, creata, creati, create, scritto, scritta, "
        "scritti, scritte, assistito, assistita, prodotto, prodotta, redatto, redatta, realizzato, "
        "realizzata, usato, utilizzato, tradotto"
    ),
    make=_words("scrive, scrivere, redigere"),
    by=_words("dall, da, dalla, con, tramite, con l'aiuto, dell, di, l, aiuto, l'ha, li ha, le ha"),
    texts=_words(
        "testo, testi, contenuto, contenuti, articolo, pagina, messaggio, descrizione, didascalia, "
        f"parole, righe, annuncio, comunicato, lettera, pubblicazione, scheda, sito, {_TEXTS}"
    ),
    one_text=_words(
        "testo, didascalia, articolo, messaggio, descrizione, scheda, post, tweet, sms, newsletter"
    ),
    this=_words("questo, questa, questi, queste"),
    own=_words("nostro, nostra, nostri, nostre, mio, mia"),
    small=_words(
        "e, stato, stata, stati, state, sono, ha, hanno, abbiamo, un, una, il, lo, la, i, gli, le, "
        "l, dell, di, del, della, in, su, per, con, che, contiene, parte, avviso, nota, poi, "
        "nostro, team, dal, autore, si, anche, interamente, generativa"
    ),
    prepositions=_words("di, del, della, in, su, per, nel, nella"),
    remarks=_words(
        "revisionato, revisionata, rivisto, rivista, riletto, riletta, verificato, verificata, "
        "controllato, controllata, corretto, revisione, a partire da"
    ),
    denials=_words("non, senza, nessun, nessuna, mai, niente, ne, zero"),
    introduction=(
        r"\bsono (?:(?:\w+ )?[\w-]+, )?(?:solo |un |un'|una |l'|il |la |tuo )*(?:\w+ )?"
        r"(?:ia|bot|chatbot|programma|robot|automatico)\b"
        r"|\b(?:stai|sta) (?:parlando|chattando) con (?:un |un'|una |il |la |l'|nostra )"
        r"(?:\w+ )?(?:ia|bot|chatbot|robot|automatico|programma)\b"
    ),
    frequent=_words(
        "il, gli, una, con, di, del, della, delle, degli, nel, nella, nei, sul, sulla, che, piu, "
        "sono, nostro, nostra, nostri, nostre, vostro, tuo, tua, dal, dalla, alla, alle, oggi, "
        "anche, questo, questa, ogni, tutto, tutti, chi, quando, dove, senza, perche, ha, ma, "
        "ora, qui, d', l', all', dall', dell', nell', sull', un'"
    ),
    shared=_words("la, i, lo, e, un, per, non, si, come, da, al, su, dei, in, a, o, le, solo"),
    letters="àèéìòù",
)

DUTCH = Language(
    code="nl",
    agents=_words(
        "ai, kunstmatige intelligentie, taalmodel, ai-taalmodel, ai-tekstmodel, ai-model, "
        f"ai-assistent, generatieve ai, {_PRODUCTS}"
    ),
    machines=_words("machine, robot, bot, chatbot, computer, software"),
    label=r"(?:ai|ki)-?(?:gegenereerd|geschreven|gemaakt|ondersteund)\w*",
    made=_words(
        "gegenereerd, gegenereerde, gemaakt, gemaakte, geschreven, gecreeerd, opgesteld, "
        "geproduceerd, gebruikt, bedacht, vertaald"
    ),
    make=_words("schrijft, schrijven, opstellen, maken"),
    by=_words("door, met, met behulp van, met hulp van, met ondersteuning van, van, uit"),
    texts=_words(
        "tekst, teksten, inhoud, artikel, pagina, beschrijving, nieuwsbrief, bericht, bijschrift, "
        f"brief, zinnen, woorden, advertentie, persbericht, appje, stuk, site, {_TEXTS}"
    ),
    one_text=_words(
        "tekst, bijschrift, bericht, artikel, beschrijving, post, tweet, sms, mail, nieuwsbrief"
    ),
    this=_words("deze, dit"),
    own=_words("onze, ons, mijn"),
    small=_words(
        "is, zijn, werd, werden, wordt, heeft, hebben, wij, we, en, een, de, het, der, in, op, "
        "voor, van, te, om, bevat, let op, opmerking, melding, team, ons, onze, auteur, redactie, "
        "ook, ja, deels, volledig, automatisch, hier, vandaag, met, door, komt, komen"
    ),
    prepositions=_words("in, op, van, voor, bij"),
    remarks=_words(
        "nagekeken, nagelezen, gecontroleerd, geredigeerd, beoordeeld, bewerkt, goedgekeurd"
    ),
    denials=_words("niet, geen, zonder, nooit, nul, noch, of"),
    introduction=(
        r"\bik ben (?:(?:\w+ )?[\w-]+, )?(?:maar |een |de |het |jouw |uw )*(?:\w+ )?"
        r"(?:ai|ai-assistent|bot|chatbot|computerprogramma|programma|geautomatiseerde)\b"
        r"|\b(?:u|je|jij) (?:chat|praat|spreekt) (?:hier |nu )?met (?:een|onze|de) "
        r"(?:\w+ )?(?:ai|ai-assistent|bot|chatbot|geautomatiseerde|computerprogramma)\b"
    ),
    frequent=_words(
        "het, een, voor, onze, ons, uw, je, jij, wij, zijn, niet, aan, ook, bij, naar, dat, "
        "deze, dit, vanaf, uit, nog, maar, heeft, hebben, wordt, worden, jouw, jullie, meer, "
        "alleen, zonder, tot, geen, nieuwe, vandaag, elke, hoe, wat, mijn, ze, ik, kunt, veel"
    ),
    shared=_words("de, is, we, met, van, op, om, te, nu, er, en, door, over, in, dan, kan"),
    letters="ëï",
)

PORTUGUESE = Language(
    code="pt",
    agents=_words(
        "ia, inteligencia artificial, modelo de linguagem, sistema de ia, ia generativa, "
        f"{_PRODUCTS}"
    ),
    machines=_words("maquina, robo, bot, chatbot, computador, software"),
    label=r"ia-(?:gerad|assistid)\w*",
    made=_words(
        "gerado, gerada, gerados, geradas, criado, criada, criados, criadas, escrito, escrita, "
        "escritos, escritas, redigido, redigida, assistido, assistida, produzido, produzida, "
        "feito, feita, elaborado, elaborada, usamos, usado, utilizado, traduzido, sairam, saiu"
    ),
    make=_words("escreve, redige, escrever, redigir"),
    by=_words("por, com, pela, pelo, de, da, ajuda, ajuda de, com a ajuda"),
    texts=_words(
        "texto, textos, conteudo, conteudos, artigo, pagina, mensagem, descricao, legenda, "
        "boletim, publicacao, palavras, frases, anuncio, carta, comunicado, nota, ficha, site, "
        f"{_TEXTS}"
    ),
    one_text=_words(
        "texto, legenda, mensagem, artigo, descricao, ficha, post, tweet, sms, boletim"
    ),
    this=_words("este, esta, estes, estas, isto"),
    own=_words("nosso, nossa, nossos, nossas, meu, minha"),
    small=_words(
        "foi, foram, e, ser, sao, esta, um, uma, o, a, os, as, de, da, do, em, no, na, para, que, "
        "quem, com, por, parte, contem, aviso, nota, nossa, nosso, equipa, equipe, autor, sim, "
        "hoje, tambem, totalmente, generativa, redacao, responsavel"
    ),
    prepositions=_words("de, da, do, em, no, na, para, sobre"),
    remarks=_words(
        "revisto, revista, confirmado, revisado, "
        "revisada, verificado, verificada, corrigido, supervisionado, "
        "aprovado, editado, revisao, a partir de"
    ),
    denials=_words("nao, sem, nenhum, nenhuma, nunca, nem, nada, zero"),
    introduction=(
        r"\bsou (?:(?:\w+ )?[\w-]+, )?(?:so |um |uma |o |a |seu |sua )*(?:\w+ )?(?:de )?"
        r"(?:ia|bot|chatbot|programa|robo|automatico)\b"
        r"|\b(?:esta|estas) a (?:falar|conversar) com (?:uma? |o |a |nossa |nosso )"
        r"(?:\w+ )?(?:de )?(?:ia|bot|chatbot|robo|automatico|programa)\b"
        r"|\b(?:esta|voce esta) (?:falando|conversando) com (?:uma? |o |a |nossa |nosso )"
        r"(?:\w+ )?(?:de )?(?:ia|bot|chatbot|robo|automatico|programa)\b"
    ),
    frequent=_words(
        "uma, um, para, por, em, que, seu, sua, seus, suas, nosso, nossa, nossos, nossas, ao, "
        "aos, mais, nao, ja, hoje, tudo, todos, todas, como, este, esta, muito, sem, foi, ou, "
        "nos, pelo, pela, sao, voce, tem, ate, quando, cada, aqui, sobre, meu, minha, ainda, "
        "tambem, mas, quem"
    ),
    shared=_words("o, os, a, as, e, do, no, na, da, dos, das, com, se, de, em"),
    letters="ãõáâéêíóôúàç",
)

# What says that a text is advertising, in any language. Never a word about AI, and the other way
# round; a disclosure may follow one ("Sponsored: AI-generated.").
AD_LABELS = _words(
    "ad, advert, advertisement, advertising, advertorial, sponsored, paid partnership, anzeige, "
    "werbung, publicite, publicidad, pubblicita, advertentie, reclame, publicidade"
)

LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN, DUTCH, PORTUGUESE)
