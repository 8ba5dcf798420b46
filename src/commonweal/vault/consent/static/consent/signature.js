// Signing by hand: strokes in a box of 600 by 200 become path data (M and L with plain numbers) in a hidden field.
(function () {
  "use strict";
  const form = document.querySelector("form.signing");
  const hand = form && form.querySelector(".hand");
  if (!hand) return;
  const pad = hand.querySelector("canvas");
  const field = form.querySelector("input[name=drawing]");
  const toggle = hand.querySelector("button[aria-controls]");
  const area = document.getElementById("pad");
  const state = hand.querySelector(".hand-state");
  const ink = pad.getContext("2d");
  const most = 19000; // characters; the server takes a little more
  let strokes = [];
  let stroke = null;
  if (!ink || !window.PointerEvent) return;

  function place(event) {
    const box = pad.getBoundingClientRect();
    const x = ((event.clientX - box.left - pad.clientLeft) / pad.clientWidth) * 600;
    const y = ((event.clientY - box.top - pad.clientTop) / pad.clientHeight) * 200;
    return [Math.min(600, Math.max(0, Math.round(x * 10) / 10)), Math.min(200, Math.max(0, Math.round(y * 10) / 10))];
  }

  function line(from, to) {
    ink.lineWidth = 3;
    ink.lineCap = "round";
    ink.strokeStyle = "#111";
    ink.beginPath();
    ink.moveTo(from[0], from[1]);
    ink.lineTo(to[0], to[1]);
    ink.stroke();
  }

  function write() {
    const drawn = strokes.filter((one) => one.length > 1);
    field.value = drawn.map((one) => one.map((p, n) => (n ? "L" : "M") + p[0] + " " + p[1]).join("")).join("");
    state.textContent = field.value ? state.dataset.drawn : state.dataset.empty;
  }

  pad.addEventListener("pointerdown", function (event) {
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    stroke = [place(event)];
    strokes.push(stroke);
  });
  pad.addEventListener("pointermove", function (event) {
    if (!stroke || field.value.length > most) return;
    const to = place(event);
    const from = stroke[stroke.length - 1];
    if (Math.abs(to[0] - from[0]) + Math.abs(to[1] - from[1]) < 2) return;
    stroke.push(to);
    line(from, to);
    write();
  });
  ["pointerup", "pointercancel"].forEach((name) => pad.addEventListener(name, function () { stroke = null; write(); }));

  hand.querySelector(".clear").addEventListener("click", function () {
    strokes = [];
    ink.clearRect(0, 0, pad.width, pad.height);
    write();
  });
  toggle.addEventListener("click", function () {
    area.hidden = !area.hidden;
    toggle.setAttribute("aria-expanded", String(!area.hidden));
  });
  hand.hidden = false;
})();
