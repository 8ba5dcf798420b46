// The survey is handed in: nothing of it stays on this device.
import { forget } from "./queue.js";

forget(document.getElementById("handed-in").dataset.code);
