// Opens the survey again by itself as soon as there is a network.
addEventListener("online", () => location.reload());
