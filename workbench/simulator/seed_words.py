"""The words that the seeded tenants are made of."""

from typing import Final

COMPANIES: Final = (
    ("Northwind Dental", "NORTHWIND", "US"),
    ("Northwind Dental", "NORTHWIND-2", "CA"),
    ("Contoso Freight", "CONTOSO", "NZ"),
    ("Fabrikam Law", "FABRIKAM", "GB"),
    ("Adventure Outfitters", "ADVENTURE", "AU"),
    ("Tailspin Robotics", "TAILSPIN", "US"),
    ("Café Lumière", "LUMIERE", "FR"),
    ("Müller & Söhne Maschinenbau", "MUELLER", "DE"),
    ("Blue Harbour Fisheries", "BLUEHARBOUR", "NZ"),
    ("Kiwi Orchard Co-op", "KIWI", "NZ"),
    ("Lakeside Medical Group", "LAKESIDE", "US"),
    ("Redwood Architects", "REDWOOD", "US"),
    ("Sunrise Bakery", "SUNRISE", "AU"),
    ("Żubr Logistics", "ZUBR", "PL"),
    ("北星物流", "HOKUSEI", "JP"),
    ("O'Neill Accounting", "ONEILL", "IE"),
    ("Pinecrest School District", "PINECREST", "US"),
    ("Quarry Road Motors", "QUARRY", "GB"),
    ("Silver Fern Insurance", "SILVERFERN", "NZ"),
    ("Vantage Property Partners", "VANTAGE", "AU"),
)
FIRST_NAMES: Final = (
    "Alex", "Jane", "Zoë", "José", "Priya", "Liam", "Hương", "Łukasz", "Aroha", "Sam", "Noah", "Mia", "Émile", "Fatima",
    "George", "Ines", "Kenji", "Olga", "Ravi", "Tessa", "伟", "Björn", "Chloe", "Dmitri", "Siobhán",
)  # fmt: skip
LAST_NAMES: Final = (
    "Morgan", "Doe", "Müller", "García", "Sharma", "Walker", "Nguyễn", "Żak", "Ngata", "Smith", "O'Brien", "Rossi",
    "Lefèvre", "Al-Sayed", "Harris", "Costa", "Tanaka", "Petrova", "Iyer", "van Dijk", "王", "Lindqvist", "Bennett",
)  # fmt: skip
MEMBERS: Final = (
    ("Chris", "Taylor", "master admin"),
    ("Chris", "Taylor", "member"),
    ("Niamh", "Walsh", "admin"),
    ("Tane", "Parata", "advanced member"),
    ("Maria", "Fernández", "member"),
    ("Daniel", "Kim", "member"),
    ("Sofia", "Novák", "advanced member"),
    ("Hemi", "Rangi", "member"),
    ("Grace", "Okafor", "member"),
    ("Peter", "Jansen", "member"),
    ("Yuki", "Mori", "member"),
    ("Ruth", "Abel", "member"),
)
BOARDS: Final = {
    "tokity": ("Support", "Projects", "Security", "Onboarding", "Facilities — Zürich"),
    "psa": ("Support", "Project Board", "Security", "Onboarding", "Facilities — Zürich"),
}
# One tuple a board: the first is the board's default; a star marks what counts as closed.
STATUSES: Final = (
    ("New", "In Progress", "Waiting on Customer", "Approval Required", "Resolved*", "Closed*"),
    ("Planned", "In Progress", "On Hold", "Completed*"),
    ("New", "Investigating", "Contained", "Closed*"),
    ("Requested", "Approval Required", "In Progress", "Done ✔*"),
    ("Neu", "In Arbeit", "Erledigt*"),
)
PRIORITIES: Final = ("Low", "Medium", "High", "Critical")
SOURCES: Final = ("Client portal", "E-mail", "Phone", "Chat", "Power Automate", "Monitoring")
REQUEST_TYPES: Final = (
    "Something Else", "Hardware issue", "Software request", "Password reset", "New starter", "Leaver",
    "Network problem", "Printer problem", "Access request", "Security incident", "Quote",
)  # fmt: skip
TAGS: Final = ("vip", "billing", "follow-up", "hardware", "m365", "onsite", "phishing", "sla-risk", "équipe-nuit")
GROUPS: Final = ("Managers", "Finance", "Everyone")
SUBJECTS: Final = (
    "Laptop will not start after the update",
    "Cannot open shared mailbox",
    "Password expired, locked out of VPN",
    "Printer on level 2 prints blank pages",
    "New starter on Monday: accounts and laptop",
    "Suspicious e-mail asking for gift cards",
    "Wi-Fi drops in the meeting room",
    "Request: licence for drawing software",
    "Teams calls have no sound",
    "Backup job failed last night",
    "Monitor flickers when docked",
    "Leaver: please disable access today",
    "Slow access to the file server",
    "Drucker im 3. OG druckt nur noch schwarz/weiß",
    "会議室のプロジェクターが映らない",
    "Quote for ten tablets <urgent>",
)
SENTENCES: Final = (
    "It started this morning, right after the restart.",
    "Nothing was changed on our side that we know of.",
    "I have tried turning it off and on again, twice.",
    "Two colleagues in the same room see the same thing.",
    "The message on the screen reads: “Something went wrong (0x80070005)”.",
    "Please call me before you come over, I am in meetings until three.",
    "This is holding up the month-end run, so it would be great to have it mended today.",
    "A screenshot is attached to the e-mail that I sent earlier.",
    "It worked on the other machine with the same account.",
    "The serial number is on the sticker at the bottom: SN-48213-QX.",
    "We would be fine with a loan device for the time being.",
    "Merci d'avance pour votre aide.",
)
NOTES: Final = (
    "Thanks, we are looking into it.",
    "Could you send us the exact error text, please?",
    "Restarted the service and cleared the cache; please try again.",
    "Still the same here, sorry.",
    "Works now. Thank you!",
    "Escalated to the network team.",
    "Waiting for the vendor's answer, reference 2291-B.",
    "Left a voicemail.",
    "Replaced the cable and updated the driver.",
)
