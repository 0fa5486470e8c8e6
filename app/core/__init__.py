"""What the reader is doing: the document, its history, the session, and how a frame becomes a picture. No Qt here."""
