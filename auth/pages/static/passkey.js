"use strict";

// Offers a passkey where the browser has them; without this script the pages work by code alone.
const offer = document.getElementById("passkey");

async function ask(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function signIn() {
  const problem = document.getElementById("passkey-problem");
  problem.hidden = true;
  try {
    const options = PublicKeyCredential.parseRequestOptionsFromJSON(await ask("/login/passkey/options", {}));
    const credential = await navigator.credentials.get({ publicKey: options });
    await ask("/login/passkey/verify", credential.toJSON());
    location.assign(offer.dataset.next);
  } catch (error) {
    if (error.name !== "AbortError") problem.hidden = false;
  }
}

if (offer && window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  offer.hidden = false;
  document.getElementById("no-passkeys")?.remove();
  document.getElementById("passkey-button").addEventListener("click", signIn);
}
