"""The words for categories and parts: a dictionary, and nothing else.

A key is the concept's own name, as the generator of shapes calls it; the words behind it are
what people, benchmarks and parts lists call it.  A word may stand for several concepts.  Words
are in lower case and singular; plurals and hyphens are understood everywhere.
"""

from __future__ import annotations

_LIMBS = {
    "upper arm": ("upperarm", "upper_arm"),
    "lower arm": ("lowerarm", "forearm"),
    "hand": ("paw", "fist", "palm"),
    "upper leg": ("upperleg", "thigh"),
    "lower leg": ("lowerleg", "shin", "calf"),
    "foot": ("feet", "shoe"),
}

CATEGORY_WORDS: dict[str, tuple[str, ...]] = {
    "airplane": ("plane", "aeroplane", "jet", "aircraft", "airliner", "fighter"),
    "ant": ("insect", "beetle", "bug"),
    "bag": ("handbag", "backpack", "purse", "tote", "rucksack", "briefcase", "duffel"),
    "biped": ("armadillo", "kangaroo", "dinosaur", "monster", "creature"),
    "bird": ("duck", "eagle", "pigeon", "sparrow", "gull"),
    "bottle": ("jar", "flask", "wine bottle", "water bottle"),
    "bucket": ("pail",),
    "bust": ("portrait bust", "statue", "sculpture"),
    "cabinet": (
        "storage furniture", "cupboard", "dresser", "wardrobe", "sideboard", "nightstand",
        "bookcase", "chest of drawers", "filing cabinet",
    ),
    "cap": ("hat", "baseball cap", "visor"),
    "car": ("automobile", "sedan", "truck", "van", "bus", "pickup", "suv"),
    "cart": ("trolley", "shopping cart", "wagon", "wheelbarrow", "hand truck"),
    "chair": ("armchair", "stool", "office chair", "sofa", "bench"),
    "dispenser": ("soap dispenser", "pump bottle", "spray bottle"),
    "display": ("monitor", "television", "tv", "screen"),
    "door": ("doorway", "gate"),
    "earphone": ("headphone", "headset", "earbud"),
    "faucet": ("tap", "water tap"),
    "fish": ("shark", "tuna", "whale", "dolphin"),
    "glasses": ("eyeglasses", "eyeglass", "spectacles", "sunglasses", "goggles"),
    "guitar": ("electric guitar", "bass guitar", "acoustic guitar", "ukulele"),
    "hand": ("human hand",),
    "human": ("person", "man", "woman", "people", "child", "figure", "mannequin"),
    "kettle": ("teapot", "tea kettle", "coffee pot", "watering can"),
    "knife": ("dagger", "cleaver", "sword"),
    "lamp": ("light", "floor lamp", "table lamp", "desk lamp", "chandelier"),
    "laptop": ("notebook computer", "notebook", "computer"),
    "motorbike": ("motorcycle", "scooter", "moped", "bike"),
    "mug": ("cup", "coffee cup", "tankard"),
    "octopus": ("squid",),
    "pistol": ("gun", "handgun", "revolver"),
    "pliers": ("plier", "tongs", "pincers"),
    "quadruped": (
        "four-legged animal", "fourleg", "four leg", "animal", "dog", "cat", "horse", "cow", "pig",
        "sheep", "giraffe", "elephant", "deer", "lion", "wolf", "goat", "camel",
    ),
    "rocket": ("missile", "spaceship", "space rocket"),
    "scissors": ("scissor", "shears"),
    "skateboard": ("longboard", "board"),
    "suitcase": ("luggage", "trolley case"),
    "table": ("desk", "dining table", "coffee table", "workbench"),
    "teddy": ("teddy bear", "plush toy", "stuffed animal", "bear"),
    "toaster": (),
    "trashcan": ("trash can", "dustbin", "garbage can", "bin", "waste bin", "wastebasket"),
    "vase": ("amphora", "pitcher", "jug", "urn", "pot"),
}  # fmt: skip

_TAIL = ("tail", "empennage")

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "airplane": {
        "body": ("fuselage", "hull", "cabin"),
        "wing": ("main wing",),
        "engine": ("jet engine", "turbine", "nacelle", "motor", "propeller"),
        "stabilizer": (
            "stabiliser", "horizontal stabilizer", "horizontal stabiliser", "horizontal tail",
            "tailplane", "elevator", "tail wing", *_TAIL,
        ),
        "rudder": (
            "vertical stabilizer", "vertical stabiliser", "vertical tail", "tail fin", "fin",
            "vertical fin", *_TAIL,
        ),
    },
    "ant": {
        "head": (),
        "torso": ("thorax", "body"),
        "back": ("abdomen", "gaster", "body"),
        "leg": (),
        "antenna": ("antennae", "feeler"),
    },
    "bag": {
        "body": ("bag", "pouch", "compartment"),
        "handle": ("strap", "grip", "shoulder strap"),
    },
    "biped": {
        "head": ("muzzle", "snout", "face"),
        "ear": (),
        "torso": ("body", "belly", "chest", "trunk"),
        "back": ("carapace", "shell", "armour", "body"),
        **_LIMBS,
        "tail": (),
    },
    "bird": {
        "body": ("torso", "trunk"),
        "head": ("beak",),
        "leg": ("foot", "feet", "claw"),
        "tail": ("tail feather",),
        "wing": (),
    },
    "bottle": {
        "body": ("bottle", "container", "jar"),
        "lid": ("cap", "stopper", "cork", "top"),
        "neck": ("bottleneck", "mouth"),
    },
    "bucket": {
        "body": ("bucket", "container", "pail"),
        "handle": ("bail", "grip"),
    },
    "bust": {
        "face": ("cheek", "head"),
        "hair": ("cap", "hat", "beard", "head"),
        "ear": (),
        "eye": (),
        "nose": (),
        "mouth": ("lip", "lips"),
        "neck": ("throat",),
        "pedestal": ("base", "background", "shoulder", "chest", "plinth", "stand"),
    },
    "cabinet": {
        "body": ("frame", "case", "carcass", "shelf", "cabinet"),
        "door": (),
        "drawer": (),
        "handle": ("knob", "pull", "grip"),
        "leg": ("foot", "feet", "base"),
    },
    "cap": {
        "crown": ("panel", "top", "dome", "body"),
        "peak": ("brim", "visor", "bill"),
    },
    "car": {
        "roof": ("top",),
        "hood": ("bonnet",),
        "wheel": ("tire", "tyre"),
        "body": ("frame", "chassis", "door", "window", "bumper"),
    },
    "cart": {
        "body": ("basket", "frame", "tray"),
        "wheel": ("caster", "tyre"),
        "handle": ("handlebar", "grip"),
    },
    "chair": {
        "back": ("backrest", "back rest", "back support", "backsupport"),
        "seat": ("cushion", "seat cushion", "support", "seating", "seat pan"),
        "leg": ("base", "foot", "feet", "leg support", "frame", "pedestal"),
        "arm": ("armrest", "arm rest", "arm support"),
    },
    "dispenser": {
        "body": ("bottle", "container"),
        "head": ("pump", "nozzle", "trigger", "spout"),
        "lid": ("cap", "collar", "top"),
    },
    "display": {
        "screen": ("panel", "display"),
        "support": ("stand", "neck", "arm"),
        "base": ("foot", "feet"),
    },
    "door": {
        "frame": ("doorframe", "door frame", "jamb"),
        "door": ("leaf", "panel", "door leaf"),
        "handle": ("knob", "lever", "doorknob"),
    },
    "earphone": {
        "earcup": ("earpiece", "ear cup", "ear pad", "speaker", "earbud"),
        "headband": ("band", "head band"),
        "wire": ("cable", "cord", "data wire"),
    },
    "faucet": {
        "base": ("body", "mount"),
        "spout": ("nozzle", "pipe"),
        "switch": ("handle", "lever", "knob", "valve"),
    },
    "fish": {
        "body": ("torso", "trunk", "head"),
        "fin": ("flipper", "dorsal fin"),
        "tail": ("tail fin", "caudal fin", "fluke"),
    },
    "glasses": {
        "lens": ("lenses", "glass"),
        "bridge": ("middle", "nose bridge", "nosepiece"),
        "frame": ("skeleton", "temple", "leg", "arm", "rim", "body"),
    },
    "guitar": {
        "body": ("soundbox",),
        "neck": ("fretboard", "fingerboard"),
        "head": ("headstock", "peghead"),
    },
    "hand": {
        "palm": ("hand", "wrist"),
        "index finger": ("finger", "finger1", "forefinger", "pointer"),
        "middle finger": ("finger", "finger2"),
        "ring finger": ("finger", "finger3"),
        "little finger": ("finger", "finger4", "pinky", "pinkie"),
        "thumb": (),
    },
    "human": {
        "head": ("face", "neck"),
        "torso": ("body", "trunk", "chest"),
        **_LIMBS,
    },
    "kettle": {
        "body": ("pot", "container", "vessel"),
        "lid": ("cover", "top"),
        "handle": ("grip",),
        "spout": ("nozzle",),
    },
    "knife": {
        "blade": ("edge",),
        "handle": ("grip", "hilt"),
    },
    "lamp": {
        "base": ("foot", "stand", "mount"),
        "pole": ("stem", "arm", "tube", "neck", "cord", "body"),
        "shade": ("lampshade", "lamp shade", "canopy", "cover"),
        "bulb": ("light bulb", "lightbulb"),
    },
    "laptop": {
        "keyboard": ("base", "touchpad"),
        "screen": ("display", "lid", "monitor"),
    },
    "motorbike": {
        "gas tank": ("tank", "fuel tank", "petrol tank"),
        "seat": ("saddle",),
        "wheel": ("tire", "tyre"),
        "handle": ("handlebar", "handle bar"),
        "light": ("headlight", "headlamp", "lamp"),
        "frame": ("engine", "engine frame", "body", "chassis"),
    },
    "mug": {
        "body": ("cup", "mug", "vessel", "container", "bowl"),
        "handle": ("grip", "ear", "loop"),
    },
    "octopus": {
        "body": ("head", "mantle"),
        "leg": ("arm", "tentacle"),
    },
    "pistol": {
        "barrel": ("body", "slide", "muzzle"),
        "handle": ("grip", "stock"),
        "trigger": ("trigger guard", "trigger and guard"),
    },
    "pliers": {
        "jaw": ("edge", "tip", "nose", "blade"),
        "pivot": ("center", "centre", "joint", "screw"),
        "handle": ("leg", "grip"),
    },
    "quadruped": {
        "torso": ("body", "trunk", "belly"),
        "head": ("face", "muzzle", "snout"),
        "neck": (),
        "leg": ("foot", "feet", "paw", "hoof"),
        "tail": (),
        "ear": ("horn", "ear horn", "earhorn", "antler"),
    },
    "rocket": {
        "body": ("hull", "fuselage", "tube"),
        "fin": ("wing",),
        "nose": ("nose cone", "tip", "head"),
    },
    "scissors": {
        "blade": ("edge",),
        "handle": ("grip", "finger loop", "ring"),
        "screw": ("pivot", "joint", "rivet"),
    },
    "skateboard": {
        "wheel": ("roller",),
        "deck": ("board", "platform"),
        "truck": ("axle", "belt for foot"),
    },
    "suitcase": {
        "body": ("case", "shell"),
        "handle": ("grip", "telescopic handle"),
        "wheel": ("caster", "roller"),
    },
    "table": {
        "top": ("tabletop", "table top", "support", "surface", "plate", "desktop", "board"),
        "leg": ("base", "foot", "feet", "leg support", "frame", "pedestal"),
        "drawer": (),
    },
    "teddy": {
        "head": ("face",),
        "torso": ("body", "belly", "trunk"),
        "hand": ("arm", "paw"),
        "leg": ("foot", "feet"),
        "ear": (),
    },
    "toaster": {
        "body": ("case", "housing"),
        "slider": ("lever",),
        "button": ("knob", "dial"),
    },
    "trashcan": {
        "body": ("container", "bin", "can"),
        "lid": ("cover", "door", "top"),
        "pedal": ("footpedal", "foot pedal"),
    },
    "vase": {
        "base": ("foot", "stand"),
        "body": ("belly", "bowl"),
        "neck": ("top", "mouth", "rim"),
        "handle": ("ear", "grip"),
        "spout": ("lip", "nozzle"),
    },
}  # fmt: skip
