// Says so where answers on this device are not with the server yet: they would be missing from what is handed in.
import { waits } from "./queue.js";

const place = document.getElementById("unsent");
if (place && waits(place.dataset.owner, place.dataset.code)) place.hidden = false;
