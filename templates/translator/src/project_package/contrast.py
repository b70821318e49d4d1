"""Sentences in pairs that differ in one thing: written for this project, free for any use.

Each English sentence has a German translation that is right, and one that is wrong by a negation,
a number or a gender. Who translates well finds the right one likelier (Sennrich, 2017).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """What it is about, the English, the right German, and the wrong one."""

    kind: str
    english: str
    right: str
    wrong: str


NEGATION = """
The man is not wearing a shirt. | Der Mann trägt kein Hemd. | Der Mann trägt ein Hemd.
A dog without a leash runs on the beach. | Ein Hund ohne Leine läuft am Strand. | Ein Hund mit Leine läuft am Strand.
The children are not playing outside. | Die Kinder spielen nicht im Freien. | Die Kinder spielen jetzt im Freien.
There is no car on the street. | Auf der Straße ist kein Auto. | Auf der Straße ist ein Auto.
Nobody is sitting on the bench. | Niemand sitzt auf der Bank. | Jemand sitzt auf der Bank.
A woman is not looking at the camera. | Eine Frau blickt nicht in die Kamera. | Eine Frau blickt direkt in die Kamera.
The boy has no shoes on. | Der Junge hat keine Schuhe an. | Der Junge hat neue Schuhe an.
A cyclist without a helmet rides down a road. | Ein Radfahrer ohne Helm fährt eine Straße entlang. | Ein Radfahrer mit Helm fährt eine Straße entlang.
The girl is not smiling. | Das Mädchen lächelt nicht. | Das Mädchen lächelt leicht.
The dog does not catch the ball. | Der Hund fängt den Ball nicht. | Der Hund fängt den Ball jetzt.
No people are in the water. | Es sind keine Menschen im Wasser. | Es sind einige Menschen im Wasser.
The man never wears a hat. | Der Mann trägt nie einen Hut. | Der Mann trägt oft einen Hut.
A house without windows stands on a hill. | Ein Haus ohne Fenster steht auf einem Hügel. | Ein Haus mit Fenstern steht auf einem Hügel.
The players are not on the field. | Die Spieler sind nicht auf dem Feld. | Die Spieler sind alle auf dem Feld.
Two women are not talking. | Zwei Frauen reden nicht. | Zwei Frauen reden viel.
"""
NUMBER = """
The dogs are playing in the snow. | Die Hunde spielen im Schnee. | Der Hund spielt im Schnee.
The dog is playing in the snow. | Der Hund spielt im Schnee. | Die Hunde spielen im Schnee.
A man is holding a ball. | Ein Mann hält einen Ball. | Ein Mann hält zwei Bälle.
A woman is carrying bags. | Eine Frau trägt Taschen. | Eine Frau trägt eine Tasche.
Three boys are jumping into the water. | Drei Jungen springen ins Wasser. | Zwei Jungen springen ins Wasser.
Two girls are dancing. | Zwei Mädchen tanzen. | Drei Mädchen tanzen.
The players are standing on the field. | Die Spieler stehen auf dem Feld. | Der Spieler steht auf dem Feld.
A child is sitting on a chair. | Ein Kind sitzt auf einem Stuhl. | Kinder sitzen auf einem Stuhl.
Four people are walking down the street. | Vier Personen gehen die Straße entlang. | Fünf Personen gehen die Straße entlang.
A horse is running across a field. | Ein Pferd läuft über ein Feld. | Zwei Pferde laufen über ein Feld.
The men are looking at the car. | Die Männer blicken auf das Auto. | Der Mann blickt auf das Auto.
The man is looking at the cars. | Der Mann blickt auf die Autos. | Der Mann blickt auf das Auto.
Six children are sitting at a table. | Sechs Kinder sitzen an einem Tisch. | Acht Kinder sitzen an einem Tisch.
A bird is sitting in the trees. | Ein Vogel sitzt in den Bäumen. | Ein Vogel sitzt in dem Baum.
One woman is reading a book. | Eine Frau liest ein Buch. | Zwei Frauen lesen ein Buch.
"""
PEOPLE = """
A singer is holding her microphone. | Eine Sängerin hält ihr Mikrofon. | Ein Sänger hält sein Mikrofon.
A singer is holding his microphone. | Ein Sänger hält sein Mikrofon. | Eine Sängerin hält ihr Mikrofon.
A skier is carrying her skis. | Eine Skifahrerin trägt ihre Ski. | Ein Skifahrer trägt seine Ski.
The player throws her ball. | Die Spielerin wirft ihren Ball. | Der Spieler wirft seinen Ball.
The player throws his ball. | Der Spieler wirft seinen Ball. | Die Spielerin wirft ihren Ball.
The doctor takes off her glasses. | Die Ärztin nimmt ihre Brille ab. | Der Arzt nimmt seine Brille ab.
A worker is cleaning her shoes. | Eine Arbeiterin putzt ihre Schuhe. | Ein Arbeiter putzt seine Schuhe.
A teacher is reading to his students. | Ein Lehrer liest seinen Schülern vor. | Eine Lehrerin liest ihren Schülern vor.
The dancer lifts her arms. | Die Tänzerin hebt ihre Arme. | Der Tänzer hebt seine Arme.
The dancer lifts his arms. | Der Tänzer hebt seine Arme. | Die Tänzerin hebt ihre Arme.
A cyclist fixes her bicycle. | Eine Radfahrerin repariert ihr Fahrrad. | Ein Radfahrer repariert sein Fahrrad.
An artist is painting his house. | Ein Künstler malt sein Haus. | Eine Künstlerin malt ihr Haus.
The cook tastes her soup. | Die Köchin probiert ihre Suppe. | Der Koch probiert seine Suppe.
A swimmer waves to his friends. | Ein Schwimmer winkt seinen Freunden zu. | Eine Schwimmerin winkt ihren Freunden zu.
A runner is tying her shoes. | Eine Läuferin bindet ihre Schuhe. | Ein Läufer bindet seine Schuhe.
"""
WORDS = """
A boy throws the ball. | Ein Junge wirft den Ball. | Ein Junge wirft die Ball.
The house is red. | Das Haus ist rot. | Der Haus ist rot.
A man sits under a bridge. | Ein Mann sitzt unter einer Brücke. | Ein Mann sitzt unter einem Brücke.
The guitar is old. | Die Gitarre ist alt. | Das Gitarre ist alt.
A woman stands next to a tree. | Eine Frau steht neben einem Baum. | Eine Frau steht neben einer Baum.
A dog jumps over a fence. | Ein Hund springt über einen Zaun. | Ein Hund springt über eine Zaun.
A girl in a red dress is dancing. | Ein Mädchen in einem roten Kleid tanzt. | Ein Mädchen in einer roten Kleid tanzt.
A man with a black hat is waiting. | Ein Mann mit einem schwarzen Hut wartet. | Ein Mann mit einer schwarzen Hut wartet.
A child is playing with a blue truck. | Ein Kind spielt mit einem blauen Lastwagen. | Ein Kind spielt mit einer blauen Lastwagen.
The white wall is high. | Die weiße Wand ist hoch. | Das weiße Wand ist hoch.
People walk through the park. | Menschen gehen durch den Park. | Menschen gehen durch die Park.
A cat sleeps on the couch. | Eine Katze schläft auf der Couch. | Eine Katze schläft auf dem Couch.
A man is riding a bicycle. | Ein Mann fährt auf einem Fahrrad. | Ein Mann fährt auf einer Fahrrad.
A woman opens the door. | Eine Frau öffnet die Tür. | Eine Frau öffnet den Tür.
A boy holds a big fish. | Ein Junge hält einen großen Fisch. | Ein Junge hält eine große Fisch.
"""


def _read(kind: str, lines: str) -> list[Item]:
    return [Item(kind, *line.split(" | ")) for line in lines.strip().splitlines()]


ITEMS = [
    *_read("negation", NEGATION),
    *_read("number", NUMBER),
    *_read("gender of people", PEOPLE),
    *_read("gender of words", WORDS),
]
OWN = (  # sentences for figure and table: some as the captions are, some of another world
    "Two dogs are playing in the snow.",
    "A woman in a red jacket is climbing a ladder.",
    "A young boy without shoes jumps into the water.",
    "Orla Brandt is sitting on a bench in Copenhagen.",
    "Please send me the invoice by Friday.",
    "Do not press this button!",
    "I would have come if you had asked me.",
    "The court dismissed the appeal.",
)
