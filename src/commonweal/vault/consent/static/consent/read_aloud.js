// Reads a text aloud with the browser's own voice, paragraph by paragraph. Where there is no voice the button stays hidden.
(function () {
  "use strict";
  const voice = window.speechSynthesis;

  // a link to a word opens what it means, also in browsers that do not do so by themselves
  document.addEventListener("click", function (event) {
    const link = event.target.closest("a.term");
    const word = link && document.querySelector(link.getAttribute("href"));
    if (word) word.open = true;
  });

  if (!voice || !window.SpeechSynthesisUtterance) return;
  const buttons = document.querySelectorAll("button[data-reads]");

  function parts(area) {
    return Array.from(area.querySelectorAll(area.dataset.aloud || "h1, h2, p, li")).filter((part) => part.textContent.trim() && part.offsetParent);
  }

  buttons.forEach(function (button) {
    const area = document.querySelector(button.dataset.reads);
    const start = button.textContent;
    let run = 0;
    if (!area) return;

    function mark(part) {
      area.querySelectorAll(".being-read").forEach((other) => other.classList.remove("being-read"));
      if (part) part.classList.add("being-read");
    }

    function stop() {
      run += 1;
      voice.cancel();
      mark(null);
      button.textContent = start;
      button.setAttribute("aria-pressed", "false");
    }

    function say(list, place, mine) {
      if (mine !== run) return;
      if (place >= list.length) return stop();
      const words = new SpeechSynthesisUtterance(list[place].textContent);
      words.lang = area.lang === "es" ? "es-US" : "en-US";
      words.rate = 0.95;
      words.onend = () => say(list, place + 1, mine);
      words.onerror = () => mine === run && stop();
      mark(list[place]);
      voice.speak(words);
    }

    button.hidden = false;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", function () {
      if (button.getAttribute("aria-pressed") === "true") return stop();
      voice.cancel();
      button.textContent = button.dataset.stop;
      button.setAttribute("aria-pressed", "true");
      run += 1;
      say(parts(area), 0, run);
    });
    window.addEventListener("pagehide", () => voice.cancel());
  });
})();
