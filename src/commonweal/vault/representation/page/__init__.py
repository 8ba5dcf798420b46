"""What pages, files and reports say of a place: made from its document alone, which has passed the gate."""
