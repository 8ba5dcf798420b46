"""Why an archive is not taken at all: a code, and words in which no person is named."""

WORDS = {
    "cut_off": "the archive is cut off or damaged; export or download it again",
    "encrypted": "the archive is locked with a password; save it without one",
    "packed_otherwise": "the archive is packed in a way that cannot be read; download it again, or pack it as an ordinary zip",
    "too_large": "the archive unpacks to more than can be taken, or it is made to fill the disk",
    "nothing_known": "nothing in it is an export that is known: Fitbit, Google Takeout or Apple Health",
    "another_person": "the archive is of another person than the one it was given for",
    "another_account": "the archive is of another account than this person's earlier archives or connection",
    "several_accounts": "the files hold several accounts; say whose each is with --participant-file",
    "interrupted": "the work on it was interrupted; give it again",
    "not_shared": "the person does not share data of devices any more",
    "not_found": "nobody has the participant id or address under which it was given",
}


class NotTaken(Exception):
    """An archive that is not taken; `code` is one of WORDS."""

    def __init__(self, code: str) -> None:
        super().__init__(WORDS[code])
        self.code = code
