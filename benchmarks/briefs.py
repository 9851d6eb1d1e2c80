"""Twenty briefs of 50 to 70 words, as marketers write them, with made-up personal data."""

BRIEFS = (
    "Write a win-back email for our regulars at the Mill Lane bakery. Laura Jiménez "
    "(laura.j@gmail.com, +44 7700 900123) stopped ordering the Sunday box in March, order "
    "#88213. Keep it warm and short, mention the new terrace, the oat milk and the cinnamon "
    "buns, and offer ten percent off until Friday 12 June. No guilt, no countdown, and sign it "
    "from the whole team.",
    "We need an Instagram caption about the reopening of our florist on Harbour Street. Thank "
    "Priya Natarajan, who painted the shop front, and tag the workshop on Saturday at 10 am. "
    "Prices start at 18 euros. Our contact for the press is Tom Okafor, "
    "tom.okafor@fernandthistle.example, 020 7946 0318. Friendly tone, two emojis at most, and "
    "end with a question.",
    "Draft a public reply to this three-star review: the Larkfield kettle arrived with a dented "
    "lid and nobody rang back. The customer is Henrik Lindqvist, order LKF-204418, phone +46 70 "
    "174 06 35. Apologise once, offer a new lid free of charge, and invite him to write to "
    "care@larkfield.example. Do not mention the warranty, the courier or any refund in the "
    "text.",
    "Turn these notes into a LinkedIn post. Our head baker, Amara Diallo, won the regional "
    "sourdough prize in Lyon last week, after nine years with us. She lives at 14 Rue des "
    "Tilleuls, 69003 Lyon, and likes no fuss. Mention the flour mill in Bresse and the "
    "apprenticeship that starts in September. About one hundred words, proud but modest, no "
    "hashtags in the middle.",
    "Write an SMS reminder for the loyalty members of Brewhaven. Merge the first name, then say "
    "that double points end on Sunday. An example of a record: Callum Reid, member BH-559201, "
    "born 3 April 1988, callum.reid@mailbox.example. Stay under 160 characters, give two "
    "variants, and add the words to opt out. Nothing about other shops, and no claim about "
    "savings please.",
    "Our spring newsletter needs a customer story. Mrs Eleanor Whitcombe told us by phone, "
    "01632 960 774, that the garden chairs survived two winters by the sea. She agreed to her "
    "first name and her town. Write eighty words around her quote, mention the teak range and "
    "the spare parts, and leave out prices. Our editor Jonas Weber will read it before it goes "
    "out.",
    "Summarise this complaint for the product team and suggest a subject line. Marta Kowalska "
    "wrote on 4 May that the parcel of order 7741-3390 went to 27 Ashgrove Road, Leeds LS6 2QT, "
    "where she no longer lives. She paid with the card 4242 4242 4242 4242. Keep the tone "
    "neutral, in three bullet points, and tell us what the landing page should say about "
    "addresses.",
    "Create a landing page headline and two paragraphs for the Nordlys headphones. They weigh "
    "210 grams, last 30 hours and cost 149 pounds. The brief comes from Ingrid Solberg "
    "(ingrid.solberg@nordlys.example), and the photographer is Mateo Ferrari. Compare with "
    "nothing, promise nothing about health, and use plain words. We publish in Norway, Germany "
    "and the UK on the first Monday of October.",
    "Please write a thank-you note to the speakers of our autumn meet-up: Dr Yusuf Rahman on "
    "pricing, Chloe Baptiste on tone of voice, and Kenji Watanabe on packaging. The evening "
    "drew 120 guests at the Old Granary. Payment goes to DE89 3704 0044 0532 0130 00 as before. "
    "Warm, four sentences, and a line about the next date in February. Copy it to "
    "events@papercrane.example.",
    "Make a TikTok script of thirty seconds for the Monsoon Chai sampler. Open on the kettle, "
    "cut to the spices, close on the tin. The voice is Zainab Hussain, who also runs the "
    "tasting room; her agent is reachable at +353 85 012 3456. Mention cardamom, ginger and "
    "black tea, the price of 24 euros, and the free tasting on Thursdays. Playful, no slang, no "
    "health words.",
    "Rewrite this paragraph for a chatbot that answers questions about deliveries. Last night "
    "it told Oliver Grant, logged in from 203.0.113.77, that his parcel was lost, which was "
    "wrong. It should say that it is an automated assistant, ask for the order number, and hand "
    "over to a person after two failed tries. Polite, plain, and never more than three "
    "sentences in one answer.",
    "We are hiring a barista for the station kiosk. Write a job ad of ninety words: early "
    "shifts, 14 pounds an hour, paid training, free coffee. Applications go to Sofia Marchetti, "
    "jobs@kioskandco.example, or by post to 5 Canal Walk, Bristol BS1 4RB. Avoid words about "
    "age or looks, say that we welcome everyone, and mention the staff room and the bicycle "
    "scheme.",
    "Write three subject lines and a preview text for the birthday mail of the Larkfield club. "
    "Test it with this record: Beatriz Almeida, born 19 November 1979, customer C-300481, "
    "beatriz.almeida@correio.example. The gift is a wooden spoon with any order above 40 euros, "
    "valid for 30 days. Cheerful, not sugary, no capitals, and never say how old the reader "
    "becomes.",
    "Draft the press release about our move to refill pouches. Quote our founder, Naledi "
    "Mokoena, on the two years of trials, and name the partner, Greenloop. Facts: 62 percent "
    "less plastic by weight, measured in March, report on file. Contact: Pieter van Dijk, +31 6 "
    "12345678, press@soapandsea.example. About two hundred words, no superlatives, embargo "
    "until Tuesday 9 am.",
    "Translate the menu card note into friendly English and shorten it. The original is by chef "
    "Luca Moretti; questions go to his sister Giulia, giulia@trattoriamoretti.example or 0131 "
    "496 0338. It says that the pasta is made at noon, the wine is from Langhe, and tables of "
    "eight should book two days before. Keep the joke about the grandmother and add the new "
    "closing time.",
    "Answer a guest who asked on Facebook whether the spa opens on bank holidays. Her name is "
    "Rachel Adeyemi and her booking is BK-77120, on Monday 25 May, for two. Yes, from ten to "
    "six, and the sauna is closed for repairs until June. Offer the tea lounge instead. Short, "
    "kind, no emojis, and do not repeat her booking number in public. Sign as the front desk.",
    "Write product copy for the Alder desk lamp: brass, dimmable, 12 watts, 89 euros, designed "
    "in Ghent. The designer Emma De Smet prefers not to be named in full. Samples were sent to "
    "41 Coupure Links, 9000 Gent, and she confirmed from emma.desmet@studio.example. Sixty "
    "words for the web shop, thirty for the tag, a calm voice, and no promise about energy "
    "bills.",
    "Plan a post for each day of our anniversary week. On Wednesday we thank the oldest "
    "customer, Mr Ignatius Fernandes, who bought the first bicycle here in 1984; his daughter "
    "Carla, +351 912 345 678, has agreed to a photograph. Friday is the open workshop, Sunday "
    "the ride to the lake. One sentence each, with a hashtag, in the voice of a good neighbour.",
    "Please improve this apology for the outage on 2 July. It went to Dmitri Volkov first, by "
    "mistake, at dmitri.volkov@mailbox.example with his ticket 55-90871, so do not use names "
    "now. The shop was down for 47 minutes, no data was lost, and orders were kept. Say what "
    "happened, what we changed, and whom to ask. Eighty words, no jokes, and no legal language "
    "at all.",
    "Write the voice-over for a YouTube film on our cider orchard. Nora Byrne speaks about the "
    "harvest, her uncle Seamus about the press, and the film ends at the gate in Kilkenny. Send "
    "the draft to nora@byrneorchard.example before Thursday. Mention the three apple sorts, the "
    "cellar and the tasting for adults. One minute, slow and plain, with room for the sound of "
    "the wind.",
)
