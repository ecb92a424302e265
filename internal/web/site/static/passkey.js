// Passkeys: a form with data-passkey ("create" or "get") asks its data-ask address for a challenge, lets the browser
// answer it, and is then sent with the answer. Without JavaScript, or where the browser has no passkeys, the forms
// stay hidden.
"use strict";

(() => {
  if (!window.PublicKeyCredential) return;

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (c) => c.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // The options' binary members come as base64url.
  const decoded = (options) => {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const list of [options.excludeCredentials, options.allowCredentials]) {
      for (const key of list || []) key.id = bytes(key.id);
    }
    return options;
  };

  const encoded = (credential) => {
    const r = credential.response;
    const response = { clientDataJSON: text(r.clientDataJSON) };
    if (r.attestationObject) {
      response.attestationObject = text(r.attestationObject);
      response.transports = r.getTransports ? r.getTransports() : [];
    } else {
      response.authenticatorData = text(r.authenticatorData);
      response.signature = text(r.signature);
      if (r.userHandle) response.userHandle = text(r.userHandle);
    }
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  const ask = async (form) => {
    const answer = await fetch(form.dataset.ask, { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" } });
    if (answer.redirected) {
      location.assign(answer.url); // to prove first who one is, or to sign in
      return null;
    }
    const said = await answer.text();
    if (!answer.ok) throw new Error(said.replace(/ \(request .*\)\s*$/, ""));
    return decoded(JSON.parse(said).publicKey);
  };

  const why = (error) => {
    switch (error.name) {
      case "NotAllowedError": return "No passkey was used. You can try again.";
      case "InvalidStateError": return "This device has a passkey for this account already.";
      case "SecurityError": return "Passkeys do not work at this address.";
    }
    return error.message || "That did not work. Please try again.";
  };

  const start = async (form) => {
    const said = form.querySelector("[data-said]"), button = form.querySelector("button");
    said.hidden = true;
    button.disabled = true;
    try {
      const publicKey = await ask(form);
      if (!publicKey) return;
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
      form.elements.answer.value = encoded(credential);
      form.submit();
    } catch (error) {
      said.textContent = why(error);
      said.hidden = false;
      button.disabled = false;
    }
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      start(form);
    });
    for (const hidden of document.querySelectorAll(`[data-with="${form.id}"]`)) hidden.hidden = false;
    form.hidden = false;
  }
})();
