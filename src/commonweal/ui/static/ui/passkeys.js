/* Passkeys: the one thing on the portal that a browser cannot do without a script.
   A form with data-passkey asks the browser for the key when it is sent, and sends what comes back in `credential`. */
(function () {
  "use strict";

  const parts = window.webauthnJSON;
  if (!parts || !window.PublicKeyCredential) return;

  async function askedFor(form) {
    if (form.dataset.passkey !== "log-in") return JSON.parse(document.getElementById("passkey-data").textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  function alone(options, wanted) {
    const selection = options.publicKey.authenticatorSelection || (options.publicKey.authenticatorSelection = {});
    selection.residentKey = wanted ? "required" : "discouraged";
    selection.requireResidentKey = wanted;
    if (wanted) selection.userVerification = "required";
    return options;
  }

  async function credential(form) {
    const data = await askedFor(form);
    if (form.dataset.passkey !== "add") return parts.get(data.request_options);
    return parts.create(alone(data.creation_options, form.elements.passwordless.checked));
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    const wrong = form.querySelector("[data-passkey-wrong]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      wrong.hidden = true;
      try {
        form.elements.credential.value = JSON.stringify(await credential(form));
      } catch (_) {
        wrong.hidden = false;
        return;
      }
      form.submit();
    });
  }
})();
